"""A component is an ordinary Python class: it runs as it is, and its checked form steps through the user's lines."""

from __future__ import annotations

import sys

import pytest

from emulators.component import compile_component
from emulators.component.checked import checked_class
from emulators.plant import component_class

TEXT = """
class Counter(Component):
    step: Param[int] = param(2)
    up: Input[bool] = port(True)
    count: State[int] = state(0)
    twice: Output[int] = port()

    def tick(self, step_s: float) -> None:
        if self.up:
            self.count += self.step

    def outputs(self) -> None:
        self.twice = 2 * self.count
"""


def test_class_runs_without_being_compiled(write_classes):
    counter = write_classes(TEXT)("Counter")(step=5)

    counter.tick(0.01)
    counter.outputs()

    assert (counter.count, counter.twice) == (5, 10)


def test_constructor_refuses_an_unknown_parameter_with_the_nearest(write_classes):
    with pytest.raises(TypeError, match="Counter has no parameter 'stp'; did you mean 'step'"):
        write_classes(TEXT)("Counter")(stp=5)


def test_debugger_sees_the_users_file_and_lines_in_the_checked_class(write_classes):
    counter = checked_class(compile_component(write_classes(TEXT)("Counter")))()
    seen = []

    def trace(frame, event, argument):
        if event == "line":
            seen.append((frame.f_code.co_filename.rpartition("/")[2], frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        counter.tick(0.01)
    finally:
        sys.settrace(None)

    assert [line for line in seen if line[0].startswith("parts_")] == [("parts_0.py", 11), ("parts_0.py", 12)]


@pytest.mark.parametrize("name", ["tank", "level_transmitter", "belt", "pump"])
def test_checked_class_gives_what_the_plain_class_gives(name):
    cls = component_class(name)
    plain, checked = cls(), checked_class(compile_component(cls))()

    for part in (plain, checked):
        for _ in range(100):
            part.tick(0.01) if name != "tank" else part.derivatives()
            part.outputs()

    assert plain.__dict__ == checked.__dict__


def test_same_class_is_compiled_once(write_classes):
    cls = write_classes(TEXT)("Counter")

    assert compile_component(cls) is compile_component(cls)


def test_inherited_members_come_first_and_defaults_can_be_overridden():
    members = list(compile_component(component_class("height_sensor")).members)

    assert members[:3] == ["range_low", "range_high", "time_constant_s"]
    assert members[-1] == "height_mm"
    assert compile_component(component_class("height_sensor")).members["time_constant_s"].initial == 0.02
