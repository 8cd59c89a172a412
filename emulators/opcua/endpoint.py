"""OPC UA endpoint of a controller: its tags as typed variables with unit and range, on asyncua.

The one door to asyncua on this side. Objects/<rig>/<controller>/<tag>; node ids are ``ns=2;s=<tag>``. Without
encryption only where the rig says ``security = "none"``; there is no administrator, local or remote.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from asyncua import ua
from asyncua.common.node import Node
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.internal_server import InternalServer
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds

from emulators.errors import LinkError
from emulators.opcua.certificate import self_signed_certificate
from emulators.opcua.live_tags import VARIANT_TYPES, LiveAttributeService, LiveTags
from emulators.opcua.sampler import Sampler
from emulators.signals.publication import ClientWrite, Publication, PublishedSnapshot, PublishedTag
from emulators.signals.units import opcua_unit_id, unit_named

__all__ = ["NAMESPACE_URI", "OpcUaEndpoint", "node_id_text"]

NAMESPACE_URI = "urn:plc-hil:tags"
_NAMESPACE = 2
_APPLICATION_URI = "urn:plc-hil:emulated-controller"
_MAX_MESSAGE_BYTES = 4 * 1024 * 1024
_MAX_CONNECTIONS = 50
_UNIT_NAMESPACE = "http://www.opcfoundation.org/UA/units/un/cefact"
_POLICIES = {
    "none": [ua.SecurityPolicyType.NoSecurity],
    "Basic256Sha256": [
        ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
        ua.SecurityPolicyType.Basic256Sha256_Sign,
    ],
}
DEFAULT_SECURITY = "Basic256Sha256"


def node_id_text(tag: str) -> str:
    """Return the node id under which a tag is found, e.g. ``ns=2;s=LT-101``."""
    return f"ns={_NAMESPACE};s={tag}"


class _Operators:
    """Everyone who may connect is an ordinary user: access levels of the nodes decide."""

    def get_user(
        self,
        iserver: InternalServer,
        username: str | None = None,
        password: str | None = None,
        certificate: object = None,
    ) -> User | None:
        return None if username else User(role=UserRole.User)


class OpcUaEndpoint:
    """Satisfies ``serving.Endpoint``. ``start`` and ``stop`` run on the event loop, the rest on the scan's thread."""

    protocol = "opcua"

    def __init__(
        self,
        name: str,
        publication: Publication,
        *,
        controller: str,
        rig: str = "rig",
        host: str = "127.0.0.1",
        port: int = 0,
        security: str = DEFAULT_SECURITY,
    ) -> None:
        if (security or DEFAULT_SECURITY) not in _POLICIES:
            raise ValueError(f"endpoint {name}: no security '{security}'; write one of {', '.join(_POLICIES)}")
        self.name = name
        self.controller = controller
        self._rig = rig
        self._host = host
        self._port = port
        self._security = security or DEFAULT_SECURITY
        self._live = LiveTags(publication)
        self._server: Server | None = None
        self._sampler: Sampler | None = None

    @property
    def url(self) -> str:
        """``opc.tcp://127.0.0.1:4840/``; the port is complete once started."""
        return f"opc.tcp://{self._host}:{self._port}/"

    async def restart(self, seed: int) -> None:
        """Forget what clients have written; sessions go on."""
        self._live.take_writes()

    def publish(self, snapshot: PublishedSnapshot) -> None:
        """Show a snapshot from now on."""
        self._live.publish(snapshot)

    def take_writes(self, tick: int) -> Sequence[ClientWrite]:
        """Return the accepted writes since the last call, oldest first."""
        return self._live.take_writes()

    async def start(self) -> None:
        """Build the address space and listen.

        Raises:
            LinkError: the address cannot be bound.
        """
        _quieten_asyncua()
        server = Server(user_manager=_Operators())  # type: ignore[arg-type]  # structural: asyncua asks get_user only
        server.allow_remote_admin(False)
        await server.init()
        await self._configure(server)
        await self._build_address_space(server)
        try:
            await server.start()
        except OSError as error:
            raise LinkError(
                f"opcua {self.url}: cannot listen: {error.strerror or error}; choose another port"
            ) from error
        assert server.bserver is not None
        self._port = server.bserver.port
        for description in server.iserver.endpoints:
            description.EndpointUrl = self.url
            description.Server.DiscoveryUrls = [self.url]
        self._server = server
        self._sampler = Sampler(self._live, server.iserver.aspace)
        self._sampler.start()

    async def stop(self) -> None:
        """Close every session and stop listening; does nothing when not started."""
        if self._sampler is not None:
            await self._sampler.stop()
            self._sampler = None
        if self._server is not None:
            server, self._server = self._server, None
            await server.stop()

    async def _configure(self, server: Server) -> None:
        server.set_server_name(f"plc-hil {self._rig} {self.controller}")
        await server.set_application_uri(_APPLICATION_URI)
        server.set_endpoint(self.url)
        server.set_security_policy(_POLICIES[self._security])
        server.set_identity_tokens([ua.AnonymousIdentityToken])
        server.iserver.max_connections = _MAX_CONNECTIONS
        server.limits.max_message_size = _MAX_MESSAGE_BYTES
        server.limits.max_chunk_count = _MAX_MESSAGE_BYTES // server.limits.max_recv_buffer + 1
        if self._security != "none":
            server.iserver.certificate, server.iserver.private_key = self_signed_certificate(
                _APPLICATION_URI, self._host
            )
        server.iserver.attribute_service = LiveAttributeService(server.iserver.aspace, self._live)

    async def _build_address_space(self, server: Server) -> None:
        index = await server.register_namespace(NAMESPACE_URI)
        assert index == _NAMESPACE, "asyncua has the base namespace and the application's before ours"
        rig = await server.nodes.objects.add_folder(_string_id(f"/{self._rig}"), _name(self._rig))
        folder = await rig.add_folder(_string_id(f"/{self._rig}/{self.controller}"), _name(self.controller))
        for tag in self._live.publication.tags.values():
            await self._add_tag(server, folder, tag)

    async def _add_tag(self, server: Server, folder: Node, tag: PublishedTag) -> None:
        variant_type = VARIANT_TYPES[tag.native_label]
        zero = ua.Variant(False if tag.is_bool else 0.0 if tag.is_float else 0, variant_type)
        node = await folder.add_variable(_string_id(tag.name), _name(tag.name), zero)
        if tag.description:
            text = ua.Variant(ua.LocalizedText(tag.description), ua.VariantType.LocalizedText)
            await node.write_attribute(AttributeIds.Description, ua.DataValue(text))
        if tag.is_writable:
            await node.set_writable()
        if tag.eu_range is not None:
            low, high = tag.eu_range
            await node.add_property(_string_id(f"{tag.name}.EURange"), _base_name("EURange"), ua.Range(low, high))
        if tag.unit:
            known = unit_named(tag.unit)
            unit_id = opcua_unit_id(known) if known is not None else -1
            unit = ua.EUInformation(_UNIT_NAMESPACE, unit_id, ua.LocalizedText(tag.unit))
            await node.add_property(_string_id(f"{tag.name}.EngineeringUnits"), _base_name("EngineeringUnits"), unit)
        self._live.bind(node.nodeid, server.iserver.aspace[node.nodeid], tag)


def _string_id(text: str) -> ua.NodeId:
    return ua.NodeId(ua.String(text), ua.Int16(_NAMESPACE))


def _name(text: str) -> ua.QualifiedName:
    return ua.QualifiedName(text, _NAMESPACE)


def _base_name(text: str) -> ua.QualifiedName:
    return ua.QualifiedName(text, 0)


def _quieten_asyncua() -> None:
    """Keep a client's mistakes out of the log of whoever imports us: they are answered on the wire."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
