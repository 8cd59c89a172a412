// Reads and writes a device with modbus-serial over TCP; prints what it found as JSON. Argument: port.
const ModbusRTU = require("modbus-serial");

async function main([port]) {
    const client = new ModbusRTU();
    await client.connectTCP("127.0.0.1", { port: Number(port) });
    client.setID(1);
    client.setTimeout(5000);
    await client.writeRegisters(100, [1, 2, 0xffff]);
    await client.writeRegister(110, 0x1234);
    await client.maskWriteRegister(110, 0x00ff, 0xab00);
    await client.writeCoils(20, [true, false, true]);
    await client.writeCoil(30, true);
    const found = {
        written: (await client.readHoldingRegisters(100, 3)).data,
        masked: (await client.readHoldingRegisters(110, 1)).data,
        most: (await client.readInputRegisters(0, 125)).data,
        coils: (await client.readCoils(20, 3)).data.slice(0, 3),
        coil: (await client.readCoils(30, 1)).data[0],
        inputs: (await client.readDiscreteInputs(0, 8)).data,
        vendor: (await client.readDeviceIdentification(1, 0)).data[0],
    };
    found.refusal = await client.readHoldingRegisters(60000, 1).then(
        () => "none",
        (error) => error.modbusCode,
    );
    console.log(JSON.stringify(found));
    client.close(() => process.exit(0));
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
});
