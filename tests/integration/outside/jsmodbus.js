// Sends a device fifty requests at once with jsmodbus; prints what it found as JSON. Argument: port.
const net = require("net");
const modbus = require("jsmodbus");

async function main([port]) {
    const socket = net.connect(Number(port), "127.0.0.1");
    const client = new modbus.client.TCP(socket, 1, 10000);
    await new Promise((resolve) => socket.once("connect", resolve));
    const addresses = Array.from({ length: 50 }, (_, index) => index);
    await Promise.all(addresses.map((address) => client.writeSingleRegister(address, 1000 + address)));
    const answers = await Promise.all(addresses.map((address) => client.readHoldingRegisters(address, 1)));
    const found = {
        written: answers.map((answer) => answer.response.body.valuesAsArray[0]),
        most: (await client.readInputRegisters(0, 125)).response.body.valuesAsArray.length,
        inputs: (await client.readDiscreteInputs(0, 8)).response.body.valuesAsArray,
        refusal: await client.readHoldingRegisters(60000, 1).then(
            () => "none",
            (error) => error.response.body.code,
        ),
    };
    console.log(JSON.stringify(found));
    socket.end();
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error.message || JSON.stringify(error));
    process.exit(1);
});
