"""What crosses a boundary: elementary types, units, quality, the 4-20 mA scaling chain, tags."""

from emulators.signals.elementary_types import (
    ELEMENTARY_TYPES,
    ElementaryType,
    TypeFamily,
    elementary_type,
    elementary_type_of_native,
)
from emulators.signals.quality import Ne107Status, Quality, StatusCode, quality_of_status
from emulators.signals.scaling import (
    EngineeringRange,
    RawSpan,
    count_from_current,
    current_from_count,
    current_from_engineering,
    engineering_from_current,
    limit_to_measurement,
    status_of_current,
)
from emulators.signals.tags import Tag, TagValue
from emulators.signals.units import UNITS, Unit, convert, opcua_unit_id, unit_named

__all__ = [
    "ELEMENTARY_TYPES",
    "UNITS",
    "ElementaryType",
    "EngineeringRange",
    "Ne107Status",
    "Quality",
    "RawSpan",
    "StatusCode",
    "Tag",
    "TagValue",
    "TypeFamily",
    "Unit",
    "convert",
    "count_from_current",
    "current_from_count",
    "current_from_engineering",
    "elementary_type",
    "elementary_type_of_native",
    "engineering_from_current",
    "limit_to_measurement",
    "opcua_unit_id",
    "quality_of_status",
    "status_of_current",
    "unit_named",
]
