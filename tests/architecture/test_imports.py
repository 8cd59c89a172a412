"""The direction of imports, public exports, and what an import costs."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import emulators
import hil

PACKAGES = sorted(
    info.name
    for top in (emulators, hil)
    for info in pkgutil.iter_modules(top.__path__, f"{top.__name__}.")
    if info.ispkg
)


def test_the_import_contract_holds(root):
    pytest.importorskip("importlinter")
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(cache_dir=None))"

    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout


def test_every_package_stands_in_the_import_contract(root):
    contract = (root / ".importlinter").read_text(encoding="utf-8")

    assert [name for name in PACKAGES if name not in contract] == []


@pytest.mark.parametrize("name", ["emulators", "hil", *PACKAGES])
def test_every_export_of_a_package_resolves(name):
    package = importlib.import_module(name)

    missing = [export for export in getattr(package, "__all__", ()) if not hasattr(package, export)]

    assert missing == []


@pytest.mark.parametrize("name", ["emulators", "hil", *PACKAGES])
def test_a_prompt_offers_every_export_of_a_package(name):
    package = importlib.import_module(name)

    assert set(getattr(package, "__all__", ())) - set(dir(package)) == set()


def test_a_mistyped_export_is_refused_by_name():
    with pytest.raises(AttributeError, match="module 'hil' has no attribute 'setpiont'"):
        _ = hil.setpiont


@pytest.mark.parametrize("name", ["emulators", "hil", *PACKAGES])
def test_every_package_says_what_it_is_for(name):
    assert importlib.import_module(name).__doc__


def test_the_deterministic_core_opens_no_socket_thread_or_event_loop():
    core = ("signals", "description", "native.ir", "component", "iec61131", "twins", "devices", "plc", "plant")
    names = [f"emulators.{name}" for name in core]
    code = f"""
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
print(sorted({{'socket', 'asyncio', 'asyncua', 'pymodbus', 'hypothesis', 'pytest', 'click'}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "[]"
