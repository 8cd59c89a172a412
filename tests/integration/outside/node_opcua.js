// Browses, reads and writes the tags of a controller with node-opcua; prints what it found as JSON.
// Arguments: URL, rig, controller, tag to write, value.
const opcua = require("node-opcua-client");

async function main([url, rig, controller, tag, value]) {
    const client = opcua.OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 1 } });
    await client.connect(url);
    const session = await client.createSession();
    const path = opcua.makeBrowsePath("RootFolder", `/Objects/2:${rig}/2:${controller}`);
    const folder = (await session.translateBrowsePath(path)).targets[0].targetId;
    const children = (await session.browse(folder)).references;
    const names = children.map((each) => each.browseName.name);
    const values = await session.read(children.map((each) => ({ nodeId: each.nodeId, attributeId: 13 })));
    const write = (name, dataType, number) =>
        session.write({
            nodeId: children[names.indexOf(name)].nodeId,
            attributeId: 13,
            value: { value: { dataType, value: number } },
        });
    const answers = {
        good: (await write(tag, opcua.DataType.Float, Number(value))).name,
        wrongType: (await write(tag, opcua.DataType.String, "high")).name,
        outOfRange: (await write(tag, opcua.DataType.Float, 1e6)).name,
    };
    const read = Object.fromEntries(names.map((name, index) => [name, values[index].value.value]));
    const codes = [...new Set(values.map((each) => each.statusCode.name))];
    console.log(JSON.stringify({ read, codes, answers }));
    await session.close();
    await client.disconnect();
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
});
