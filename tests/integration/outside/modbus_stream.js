// Reads and writes a device with modbus-stream over TCP and UDP; prints what it found as JSON. Arguments: two ports.
const stream = require("modbus-stream");

const connect = (kind, port) =>
    new Promise((resolve, reject) =>
        stream[kind].connect(Number(port), "127.0.0.1", { debug: null }, (error, connection) =>
            error ? reject(error) : resolve(connection),
        ),
    );
const numbers = (cells) => cells.map((cell) => (Buffer.isBuffer(cell) ? cell.readUInt16BE(0) : cell));

async function ask(connection) {
    const call = (name, options) =>
        new Promise((resolve, reject) =>
            connection[name]({ ...options, extra: { unitId: 1 } }, (error, answer) =>
                error ? reject(error) : resolve(answer.response),
            ),
        );
    await call("writeMultipleRegisters", { address: 100, values: [Buffer.from([1, 2]), Buffer.from([3, 4])] });
    await call("writeMultipleCoils", { address: 20, values: [1, 0, 1] });
    await call("maskWriteRegister", { address: 100, andmask: 0xff00, ormask: 0x0012 });
    return {
        written: numbers((await call("readHoldingRegisters", { address: 100, quantity: 2 })).data),
        most: numbers((await call("readInputRegisters", { address: 0, quantity: 125 })).data).length,
        coils: numbers((await call("readCoils", { address: 20, quantity: 3 })).data).slice(0, 3),
        queue: numbers((await call("readFifoQueue", { address: 0x04de })).data),
        refusal: await call("readHoldingRegisters", { address: 60000, quantity: 1 }).then(
            () => "none",
            (error) => error.message,
        ),
    };
}

async function main([tcp, udp]) {
    const found = { tcp: await ask(await connect("tcp", tcp)), udp: await ask(await connect("udp", udp)) };
    console.log(JSON.stringify(found));
    process.exit(0);
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
});
