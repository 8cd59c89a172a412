"""Tables of edges, bistables and counters (IEC 61131-3 clauses 6.6.3.5.2 to 6.6.3.5.4): one row a call."""

from __future__ import annotations

import pytest
from st_plc import NativePlc, compile_text

# id, block, inputs, outputs, then a line a call: values of the inputs | values of the outputs
TABLES = [
    (
        "r_trig_reports_each_rising_edge_once",
        "R_TRIG",
        "CLK",
        "Q",
        """
        0 | 0
        1 | 1
        1 | 0
        0 | 0
        1 | 1
        """,
    ),
    (
        "r_trig_reports_true_at_the_first_call",
        "R_TRIG",
        "CLK",
        "Q",
        """
        1 | 1
        1 | 0
        """,
    ),
    (
        "f_trig_reports_each_falling_edge_once",
        "F_TRIG",
        "CLK",
        "Q",
        """
        1 | 0
        0 | 1
        0 | 0
        1 | 0
        0 | 1
        """,
    ),
    (
        "f_trig_reports_false_at_the_first_call",
        "F_TRIG",
        "CLK",
        "Q",
        """
        0 | 1
        0 | 0
        """,
    ),
    (
        "sr_is_set_dominant",
        "SR",
        "S1 R",
        "Q1",
        """
        0 0 | 0
        1 0 | 1
        0 0 | 1
        1 1 | 1
        0 1 | 0
        0 0 | 0
        """,
    ),
    (
        "rs_is_reset_dominant",
        "RS",
        "S R1",
        "Q1",
        """
        0 0 | 0
        1 0 | 1
        0 0 | 1
        1 1 | 0
        1 0 | 1
        0 1 | 0
        """,
    ),
    (
        "ctu_counts_rising_edges",
        "CTU",
        "CU R PV",
        "Q CV",
        """
        0 0 2 | 0 0
        1 0 2 | 0 1
        1 0 2 | 0 1
        0 0 2 | 0 1
        1 0 2 | 1 2
        0 0 2 | 1 2
        1 0 2 | 1 3
        """,
    ),
    (
        "ctu_reset_wins_and_spends_the_edge",
        "CTU",
        "CU R PV",
        "Q CV",
        """
        1 0 1 | 1 1
        0 1 1 | 0 0
        1 1 1 | 0 0
        1 0 1 | 0 0
        0 0 1 | 0 0
        1 0 1 | 1 1
        """,
    ),
    (
        "ctu_pv_of_zero_is_reached_at_once",
        "CTU",
        "CU R PV",
        "Q CV",
        """
        0 0 0 | 1 0
        """,
    ),
    (
        "ctd_loads_and_counts_down",
        "CTD",
        "CD LD PV",
        "Q CV",
        """
        0 0 2 | 1 0
        0 1 2 | 0 2
        1 0 2 | 0 1
        1 0 2 | 0 1
        0 0 2 | 0 1
        1 0 2 | 1 0
        0 0 2 | 1 0
        1 0 2 | 1 -1
        """,
    ),
    (
        "ctd_load_wins_over_the_count",
        "CTD",
        "CD LD PV",
        "Q CV",
        """
        1 1 5 | 0 5
        1 0 5 | 0 5
        0 0 5 | 0 5
        1 0 5 | 0 4
        """,
    ),
    (
        "ctud_counts_both_ways",
        "CTUD",
        "CU CD R LD PV",
        "QU QD CV",
        """
        0 0 0 0 2 | 0 1 0
        1 0 0 0 2 | 0 0 1
        0 0 0 0 2 | 0 0 1
        1 0 0 0 2 | 1 0 2
        0 1 0 0 2 | 0 0 1
        0 0 0 0 2 | 0 0 1
        0 1 0 0 2 | 0 1 0
        """,
    ),
    (
        "ctud_both_edges_at_once_count_nothing",
        "CTUD",
        "CU CD R LD PV",
        "QU QD CV",
        """
        1 1 0 0 2 | 0 1 0
        1 1 0 0 2 | 0 1 0
        0 0 0 0 2 | 0 1 0
        1 0 0 0 2 | 0 0 1
        """,
    ),
    (
        "ctud_reset_wins_over_load",
        "CTUD",
        "CU CD R LD PV",
        "QU QD CV",
        """
        0 0 0 1 3 | 1 0 3
        0 0 1 1 3 | 0 1 0
        0 0 0 1 3 | 1 0 3
        """,
    ),
]
COUNTERS = ("INT", "DINT", "LINT", "UINT", "UDINT", "ULINT")
LIMITS = {
    "INT": (-32768, 32767),
    "DINT": (-(2**31), 2**31 - 1),
    "LINT": (-(2**63), 2**63 - 1),
    "UINT": (0, 65535),
    "UDINT": (0, 2**32 - 1),
    "ULINT": (0, 2**64 - 1),
}


def _plc(block: str, inputs: list[str], number_type: str = "INT") -> NativePlc:
    types = {name: number_type if name == "PV" else "BOOL" for name in inputs}
    declared = " ".join(f"v{name} : {iec_type};" for name, iec_type in types.items())
    arguments = ", ".join(f"{name} := v{name}" for name in inputs)
    text = f"PROGRAM P VAR fb : {block}; {declared} END_VAR fb({arguments}); END_PROGRAM"
    return NativePlc(compile_text(text))


@pytest.mark.parametrize(
    ("block", "inputs", "outputs", "table"), [row[1:] for row in TABLES], ids=[row[0] for row in TABLES]
)
def test_block_follows_its_table(block, inputs, outputs, table):
    inputs, outputs = inputs.split(), outputs.split()
    plc = _plc(block, inputs)
    calls = [
        tuple(tuple(int(cell) for cell in side.split()) for side in line.split("|"))
        for line in table.strip().splitlines()
    ]

    seen = []
    for values, _ in calls:
        for name, value in zip(inputs, values, strict=True):
            plc.write(f"P.v{name}", value)
        plc.scan()
        seen.append((values, tuple(int(plc.read(f"P.fb.{name}")) for name in outputs)))

    assert seen == calls


@pytest.mark.parametrize("number_type", COUNTERS)
def test_up_counter_stops_at_the_end_of_its_type(number_type):
    plc = _plc(f"CTU_{number_type}", ["CU", "R", "PV"], number_type)
    high = LIMITS[number_type][1]
    plc.write("P.fb.CV", high - 1)
    plc.write("P.vPV", high)

    seen = []
    for level in (1, 0, 1, 0):
        plc.write("P.vCU", level)
        plc.scan()
        seen.append((plc.read("P.fb.CV"), plc.read("P.fb.Q")))

    assert seen == [(high, True)] * 4


@pytest.mark.parametrize("number_type", COUNTERS)
def test_down_counter_stops_at_the_end_of_its_type(number_type):
    plc = _plc(f"CTD_{number_type}", ["CD", "LD", "PV"], number_type)
    low = LIMITS[number_type][0]
    plc.write("P.fb.CV", low + 1)

    seen = []
    for level in (1, 0, 1, 0):
        plc.write("P.vCD", level)
        plc.scan()
        seen.append((plc.read("P.fb.CV"), plc.read("P.fb.Q")))

    assert seen == [(low, True)] * 2 + [(low, True)] * 2


@pytest.mark.parametrize("number_type", COUNTERS)
def test_up_down_counter_of_every_type_counts(number_type):
    plc = _plc(f"CTUD_{number_type}", ["CU", "CD", "R", "LD", "PV"], number_type)
    plc.write("P.vPV", 3)
    plc.write("P.vLD", 1)
    plc.scan()
    plc.write("P.vLD", 0)
    plc.write("P.vCD", 1)
    plc.scan()

    assert (plc.read("P.fb.CV"), plc.read("P.fb.QU"), plc.read("P.fb.QD")) == (2, False, False)
