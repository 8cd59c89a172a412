"""What the wheel holds: all our code, runtime and library sources, fixtures and rigs; nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("emulators", "hil")
SHIPPED = ("fixtures", "rigs")


def test_every_tracked_file_of_the_packages_is_in_the_wheel(tracked_files, wheel_names):
    expected = {path.as_posix() for path in tracked_files if path.parts[0] in PACKAGES}

    assert expected - set(wheel_names) == set()


def test_every_tracked_fixture_and_rig_is_shipped(tracked_files, wheel_names):
    expected = {f"hil/_shipped/{path.as_posix()}" for path in tracked_files if path.parts[0] in SHIPPED}

    assert expected
    assert expected - set(wheel_names) == set()


@pytest.mark.parametrize(
    ("folder", "suffix"),
    [
        ("emulators/native/runtime", ".c"),
        ("emulators/iec61131/library", ".st"),
        ("emulators", ".typed"),
        ("hil", ".typed"),
        ("hil/report", ".css"),
        ("hil/report", ".js"),
    ],
)
def test_files_that_are_not_python_are_in_the_wheel(root, wheel_names, folder, suffix):
    expected = {path.relative_to(root).as_posix() for path in (root / folder).rglob(f"*{suffix}")}

    assert expected
    assert expected <= set(wheel_names)


def test_the_wheel_has_nothing_but_packages_and_metadata(wheel_names):
    tops = {Path(name).parts[0] for name in wheel_names}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_has_no_build_products(wheel_names):
    assert [name for name in wheel_names if name.endswith((".pyc", ".so", ".o", ".a")) or "__pycache__" in name] == []


def test_the_licence_is_in_the_wheel(wheel_names):
    assert any(name.endswith("licenses/LICENSE") for name in wheel_names)


def test_the_installed_command_finds_its_rigs_and_templates_in_any_folder(unpacked_wheel, tmp_path):
    code = """
import hil.cli.main as main
codes = [main.main(["check", "two_tanks"]), main.main(["new", "fresh"]), main.main(["check", "fresh/rig.toml"])]
print(main.__file__, codes)
"""
    environment = {**os.environ, "PYTHONPATH": str(unpacked_wheel)}

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100
    )

    assert done.stdout.splitlines()[-1] == f"{unpacked_wheel / 'hil' / 'cli' / 'main.py'} [0, 0, 0]", done.stderr
