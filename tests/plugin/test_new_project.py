"""A project of ``hil new`` runs with pytest at once, and finds the mistakes that its README suggests."""

import os
import subprocess
import sys

import pytest

from hil.cli.new import write_project


@pytest.fixture
def project(tmp_path):
    write_project(tmp_path / "filling", "filling")
    return tmp_path / "filling"


def run_pytest(project, *arguments, scenarios=20):
    """Run pytest as a user does, in a process of its own; few scenarios keep it short."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--hil-scenarios",
        str(scenarios),
        *arguments,
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=110)


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_project_passes_as_it_is_written(project):
    done = run_pytest(project, scenarios=3)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_a_late_alarm_is_found_and_told_as_a_timeline(project):
    change(project / "control.st", "PT := T#100ms", "PT := T#5s")

    done = run_pytest(project, "-k", "high_high")

    assert done.returncode == 1
    assert "FAIL test_high_high_level_stops_the_pump" in done.stdout
    assert "requirement FILL-3" in done.stdout
    assert "replay: pytest --hil-replay .hil/failures/" in done.stdout


def test_swapped_buttons_are_found(project):
    change(
        project / "rig.toml",
        'START = "HS-101.is_pressed"\nSTOP = "HS-102',
        'STOP = "HS-101.is_pressed"\nSTART = "HS-102',
    )

    done = run_pytest(project, "-k", "stop_takes")

    assert done.returncode == 1
    assert "requirement FILL-2" in done.stdout
