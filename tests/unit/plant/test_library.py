"""Every component of the library: the same bits everywhere under random inputs and faults, and a full description."""

from __future__ import annotations

import math
import random
import re

import pytest

from emulators.component import Phase, Role, compile_component
from emulators.native.ir import Scalar
from emulators.plant import (
    InstanceDescription,
    Plant,
    PlantDescription,
    component_class,
    component_names,
    describe_component,
)
from emulators.signals import unit_named

NAMES = component_names()


def draw(source, signal):
    """Return a value for an input or fault, its limits among them."""
    low, high = (-2.0 if signal.low is None else signal.low), (50.0 if signal.high is None else signal.high)
    if signal.scalar is Scalar.BOOL:
        return source.random() < 0.4
    if signal.scalar is Scalar.I64:
        return source.randint(int(low), int(high))
    return source.choice((low, high, max(low, 0.0), source.uniform(low, high), source.uniform(low, high)))


@pytest.fixture(scope="module")
def everything():
    """One instance of each component, unwired."""
    instances = tuple(InstanceDescription(name, name) for name in NAMES)
    return Plant.build(PlantDescription(instances), 10_000_000)


def test_every_component_has_the_same_bits_under_random_inputs_and_faults(everything, run_everywhere):
    run = run_everywhere(everything, seed=2**63 - 25)
    source = random.Random(1)
    signals = [signal for signal in everything.signals.values() if signal.role in (Role.INPUT, Role.FAULT)]

    for step in range(1500):
        for signal in source.sample(signals, 6) if step % 3 == 0 else ():
            run.write(signal.instance, signal.member, draw(source, signal))
        run.step()

    assert run.differences() == []


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(20))
def test_every_component_has_the_same_bits_in_long_runs(everything, run_everywhere, seed):
    run = run_everywhere(everything, seed=seed)
    source = random.Random(seed)
    signals = [signal for signal in everything.signals.values() if signal.role in (Role.INPUT, Role.FAULT)]

    for _ in range(10_000):
        signal = source.choice(signals)
        run.write(signal.instance, signal.member, draw(source, signal))
        run.step()

    assert run.differences() == []


def is_named(port, text):
    """Return whether a port is named in a text, alone or in a row such as ``power_1_w to power_3_w``."""
    rows = re.findall(r"(\w+)\s+to\s+\w+", text)
    return port in text or any(without_number(port) == without_number(first) for first in rows)


def without_number(name):
    """Return a name with its numbers and phases (a, ab) taken out."""
    return re.sub(r"_([0-9]+|[abc]{1,2})(?=_|$)", "_#", name)


@pytest.mark.parametrize("name", NAMES)
def test_class_docstring_names_every_port(name):
    cls = component_class(name)
    described = describe_component(cls)
    base_text = " ".join(base.__doc__ or "" for base in cls.__mro__ if base.__module__.startswith("emulators."))

    ports = [port.name for port in described.ports if port.role in (Role.INPUT, Role.OUTPUT)]

    unnamed = [port for port in ports if not is_named(port, base_text)]
    assert [port for port in unnamed if not port.startswith(("eye_", "is_position_"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_says_what_it_does_and_within_which_limits(name):
    faults = [port for port in describe_component(component_class(name)).ports if port.role is Role.FAULT]

    assert [fault.name for fault in faults if not fault.description] == []
    assert [fault.name for fault in faults if fault.type != "bool" and None in (fault.low, fault.high)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_unit_is_in_the_table_of_units(name):
    units = {port.unit for port in describe_component(component_class(name)).ports}

    assert [unit for unit in units if unit and unit_named(unit) is None] == []


@pytest.mark.parametrize("name", NAMES)
def test_sensors_and_actuators_have_no_continuous_state(name):
    unit = compile_component(component_class(name))

    assert unit.phase is Phase.PROCESS or not unit.continuous
    assert math.isinf(unit.cls.MAX_STEP_S)
