"""The OPC UA endpoint over real sockets, judged by asyncua's client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from asyncua import Client, ua

from emulators.errors import LinkError
from emulators.opcua import OpcUaEndpoint, node_id_text
from emulators.serving.loop_thread import EventLoopThread
from emulators.signals.publication import ClientWrite, Publication, PublishedTag
from emulators.signals.quality import StatusCode

PUBLICATION = Publication(
    [
        PublishedTag("LEVEL", "f64", eu_range=(0.0, 100.0), unit="%", description="true level"),
        PublishedTag("LIC-101.SP", "f32", is_writable=True, eu_range=(0.0, 100.0), unit="%"),
        PublishedTag("P-101.RUN", "bool"),
        PublishedTag("COUNT", "u16", is_writable=True),
    ]
)
VALUES = {"LEVEL": 12.5, "LIC-101.SP": 60.0, "P-101.RUN": True, "COUNT": 7}


Act = Callable[[OpcUaEndpoint, Client], Awaitable[None]]


@pytest.fixture(scope="module")
def served() -> Iterator[Callable[[Act], None]]:
    """Run an action with a connected client; one server for the module, since starting one takes a second."""
    with EventLoopThread() as thread:
        endpoint = OpcUaEndpoint("ua", PUBLICATION, controller="PLC1", rig="two_tanks", security="none")
        thread.run(endpoint.start(), deadline_s=30)

        async def connected(act: Act) -> None:
            endpoint.take_writes(1)
            endpoint.publish(PUBLICATION.snapshot(1, 10_000_000, VALUES))
            async with Client(endpoint.url, timeout=60) as client:
                await act(endpoint, client)

        yield lambda act: thread.run(connected(act), deadline_s=30)
        thread.run(endpoint.stop(), deadline_s=10)


def test_tags_are_read_with_their_type_unit_and_range(served: Callable[[Act], None]) -> None:
    async def act(endpoint: OpcUaEndpoint, client: Client) -> None:
        level = client.get_node(node_id_text("LEVEL"))
        properties = {
            (await node.read_browse_name()).Name: await node.read_value() for node in await level.get_properties()
        }

        assert await level.read_data_type_as_variant_type() == ua.VariantType.Double
        assert await level.read_value() == 12.5
        assert await client.get_node(node_id_text("P-101.RUN")).read_value() is True
        assert await client.get_node(node_id_text("COUNT")).read_data_type_as_variant_type() == ua.VariantType.UInt16
        assert (properties["EURange"].Low, properties["EURange"].High) == (0.0, 100.0)
        assert properties["EngineeringUnits"].DisplayName.Text == "%"
        assert (await level.read_description()).Text == "true level"

    served(act)


def test_tags_are_found_by_browsing_from_objects(served: Callable[[Act], None]) -> None:
    async def act(endpoint: OpcUaEndpoint, client: Client) -> None:
        folder = await client.nodes.objects.get_child(["2:two_tanks", "2:PLC1"])
        names = [(await node.read_browse_name()).Name for node in await folder.get_children()]

        assert names == list(VALUES)

    served(act)


def test_quality_of_a_tag_is_its_status_code(served: Callable[[Act], None]) -> None:
    async def act(endpoint: OpcUaEndpoint, client: Client) -> None:
        snapshot = PUBLICATION.snapshot(2, 20_000_000, VALUES)
        endpoint.publish(type(snapshot)(2, 20_000_000, snapshot.record, {"LEVEL": StatusCode.BAD_SENSOR_FAILURE}))
        value = await client.get_node(node_id_text("LEVEL")).read_data_value(raise_on_bad_status=False)

        assert value.StatusCode is not None
        assert value.StatusCode.value == StatusCode.BAD_SENSOR_FAILURE

    served(act)


def test_an_accepted_write_is_queued_for_the_latch(served: Callable[[Act], None]) -> None:
    async def act(endpoint: OpcUaEndpoint, client: Client) -> None:
        await client.get_node(node_id_text("LIC-101.SP")).write_value(
            ua.DataValue(ua.Variant(55.5, ua.VariantType.Float))
        )

        assert endpoint.take_writes(2) == [ClientWrite("LIC-101.SP", 55.5)]
        assert endpoint.take_writes(3) == []

    served(act)


REFUSED_WRITES = [
    ("wrong_type", "LIC-101.SP", ua.Variant(5, ua.VariantType.Int16), ua.uaerrors.BadTypeMismatch),
    ("wrong_float", "LIC-101.SP", ua.Variant(5.0, ua.VariantType.Double), ua.uaerrors.BadTypeMismatch),
    ("an_array", "LIC-101.SP", ua.Variant([5.0], ua.VariantType.Float), ua.uaerrors.BadTypeMismatch),
    ("nothing", "LIC-101.SP", ua.Variant(None, ua.VariantType.Null), ua.uaerrors.BadTypeMismatch),
    ("out_of_range", "LIC-101.SP", ua.Variant(100.5, ua.VariantType.Float), ua.uaerrors.BadOutOfRange),
    ("not_a_number", "LIC-101.SP", ua.Variant(float("nan"), ua.VariantType.Float), ua.uaerrors.BadOutOfRange),
    ("read_only", "LEVEL", ua.Variant(5.0, ua.VariantType.Double), ua.uaerrors.BadNotWritable),
    ("no_such_node", "LEVL", ua.Variant(5.0, ua.VariantType.Double), ua.uaerrors.BadNodeIdUnknown),
]


@pytest.mark.parametrize(
    ("tag", "variant", "error"), [row[1:] for row in REFUSED_WRITES], ids=[row[0] for row in REFUSED_WRITES]
)
def test_a_wrong_write_is_refused_and_changes_nothing(
    served: Callable[[Act], None], tag: str, variant: ua.Variant, error: type[Exception]
) -> None:
    async def act(endpoint: OpcUaEndpoint, client: Client) -> None:
        with pytest.raises(error):
            await client.get_node(node_id_text(tag)).write_value(ua.DataValue(variant))

        assert endpoint.take_writes(2) == []
        assert await client.get_node(node_id_text("LEVEL")).read_value() == 12.5

    served(act)


def test_a_subscriber_hears_of_changes_of_value(served: Callable[[Act], None]) -> None:
    async def act(endpoint: OpcUaEndpoint, client: Client) -> None:
        heard: asyncio.Queue[float] = asyncio.Queue()

        class Listener:
            def datachange_notification(self, node: object, value: float, data: object) -> None:
                heard.put_nowait(value)

        subscription = await client.create_subscription(50, Listener())
        await subscription.subscribe_data_change([client.get_node(node_id_text("LEVEL"))])
        first = await asyncio.wait_for(heard.get(), 60)
        endpoint.publish(PUBLICATION.snapshot(2, 20_000_000, {**VALUES, "LEVEL": 13.5}))
        second = await asyncio.wait_for(heard.get(), 60)

        assert (first, second) == (12.5, 13.5)

    served(act)


def test_an_endpoint_encrypts_unless_the_rig_says_none() -> None:
    async def run() -> None:
        endpoint = OpcUaEndpoint("ua", PUBLICATION, controller="PLC1")
        await endpoint.start()
        try:
            modes = {found.SecurityMode for found in await Client(endpoint.url).connect_and_get_server_endpoints()}
            with pytest.raises(ua.UaError):
                await Client(endpoint.url, timeout=60).connect()
        finally:
            await endpoint.stop()

        assert modes == {ua.MessageSecurityMode.Sign, ua.MessageSecurityMode.SignAndEncrypt}

    asyncio.run(run())


def test_nobody_is_an_administrator(served: Callable[[Act], None]) -> None:
    async def act(endpoint: OpcUaEndpoint, client: Client) -> None:
        admin = Client(endpoint.url, timeout=60)
        admin.set_user("admin")
        admin.set_password("admin")

        with pytest.raises(ua.UaError):
            await admin.connect()

    served(act)


def test_an_address_in_use_is_a_link_error(served: Callable[[Act], None]) -> None:
    async def act(endpoint: OpcUaEndpoint, client: Client) -> None:
        port = int(endpoint.url.rstrip("/").rpartition(":")[2])
        second = OpcUaEndpoint("ua2", PUBLICATION, controller="PLC1", port=port, security="none")

        with pytest.raises(LinkError, match="choose another port"):
            await second.start()

    served(act)
