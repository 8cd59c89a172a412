"""Who a device says it is: objects of Read Device Identification (43/14), bytes of Report Server ID (17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from emulators.modbus.codes import MAX_PDU_SIZE

__all__ = ["IDENTIFICATION_HEAD_SIZE", "DeviceIdentity"]

IDENTIFICATION_HEAD_SIZE = 7
_MAX_OBJECT_SIZE = MAX_PDU_SIZE - IDENTIFICATION_HEAD_SIZE - 2
_MAX_SERVER_ID_SIZE = MAX_PDU_SIZE - 3
_FIRST_REGULAR, _FIRST_RESERVED, _FIRST_EXTENDED = 0x03, 0x07, 0x80


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """Identity of one kind of device; devices may share it.

    The first three texts always exist, an empty one of the others does not. ``further_objects`` holds what the
    maker added: 0x80..0xFF (extended) and the reserved 0x07..0x7F (regular). ``server_id`` and ``additional`` are
    the bytes before and after the run indicator of Report Server ID.
    """

    vendor_name: str = "plc-hil"
    product_code: str = "emulated-device"
    revision: str = "1.0"
    vendor_url: str = ""
    product_name: str = ""
    model_name: str = ""
    user_application_name: str = ""
    further_objects: Mapping[int, bytes] = field(default_factory=dict)
    has_individual_access: bool = True
    server_id: bytes = b"\x01"
    additional: bytes = b""
    objects: Mapping[int, bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        basic = (self.vendor_name, self.product_code, self.revision)
        regular = (self.vendor_url, self.product_name, self.model_name, self.user_application_name)
        objects = {number: text.encode("ascii") for number, text in enumerate(basic)}
        objects |= {number: text.encode("ascii") for number, text in enumerate(regular, _FIRST_REGULAR) if text}
        for number in self.further_objects:
            if not _FIRST_RESERVED <= number <= 0xFF:
                raise ValueError(f"identification object {number} is outside {_FIRST_RESERVED}..255")
        objects |= dict(sorted(self.further_objects.items()))
        for number, content in objects.items():
            if len(content) > _MAX_OBJECT_SIZE:
                raise ValueError(f"identification object {number} has {len(content)} bytes; {_MAX_OBJECT_SIZE} fit")
        if len(self.server_id) + len(self.additional) > _MAX_SERVER_ID_SIZE:
            raise ValueError(f"server id and additional bytes are longer than {_MAX_SERVER_ID_SIZE} bytes together")
        object.__setattr__(self, "objects", MappingProxyType(objects))

    @property
    def category(self) -> int:
        """The highest category that has an object: 1 basic, 2 regular, 3 extended."""
        last = max(self.objects)
        return 3 if last >= _FIRST_EXTENDED else 2 if last >= _FIRST_REGULAR else 1

    @property
    def conformity_level(self) -> int:
        """Category, with the highest bit set where single objects can be read."""
        return self.category | (0x80 if self.has_individual_access else 0)

    def objects_of(self, category: int) -> dict[int, bytes]:
        """Return the objects up to a category, by number."""
        end = {1: _FIRST_REGULAR, 2: _FIRST_EXTENDED, 3: 0x100}[category]
        return {number: content for number, content in self.objects.items() if number < end}
