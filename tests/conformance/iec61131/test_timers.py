"""Timing tables of TON, TOF and TP (IEC 61131-3 clause 6.6.3.5.5): one row a scan.

Columns of a table: time in ms, IN, PT in ms, expected Q, expected ET in ms.
"""

from __future__ import annotations

import pytest
from st_plc import MS, NativePlc, compile_text

from emulators.native import available_executors

TABLES = [
    (
        "ton_delays_the_rising_edge",
        "TON",
        """
           0    0   30    0    0
          10    1   30    0    0
          20    1   30    0   10
          30    1   30    0   20
          40    1   30    1   30
          90    1   30    1   30
         100    0   30    0    0
        """,
    ),
    (
        "ton_elapsed_exactly_at_pt",
        "TON",
        """
          10    1   20    0    0
          30    1   20    1   20
        """,
    ),
    (
        "ton_elapses_late_when_the_scan_is_late",
        "TON",
        """
          10    1   25    0    0
          30    1   25    0   20
          40    1   25    1   25
        """,
    ),
    (
        "ton_forgets_a_short_pulse",
        "TON",
        """
          10    1   30    0    0
          30    1   30    0   20
          40    0   30    0    0
          50    1   30    0    0
          70    1   30    0   20
          80    1   30    1   30
        """,
    ),
    (
        "ton_with_pt_zero_is_at_once",
        "TON",
        """
          10    1    0    1    0
          20    0    0    0    0
        """,
    ),
    (
        "ton_with_negative_pt_is_at_once",
        "TON",
        """
          10    1   -5    1    0
          20    0   -5    0    0
        """,
    ),
    (
        "ton_pt_shortened_while_running",
        "TON",
        """
          10    1  100    0    0
          50    1  100    0   40
          60    1   30    1   30
          70    1   30    1   30
        """,
    ),
    (
        "ton_pt_lengthened_while_running",
        "TON",
        """
          10    1   30    0    0
          30    1   60    0   20
          50    1   60    0   40
          70    1   60    1   60
        """,
    ),
    (
        "ton_keeps_q_when_pt_grows_after_it_elapsed",
        "TON",
        """
          10    1   20    0    0
          30    1   20    1   20
          40    1   90    1   20
          50    0   90    0    0
        """,
    ),
    (
        "ton_true_in_the_first_scan",
        "TON",
        """
           0    1   10    0    0
          10    1   10    1   10
        """,
    ),
    (
        "tof_delays_the_falling_edge",
        "TOF",
        """
           0    0   30    0    0
          10    1   30    1    0
          20    0   30    1    0
          40    0   30    1   20
          50    0   30    0   30
          90    0   30    0   30
         100    1   30    1    0
        """,
    ),
    (
        "tof_starts_anew_when_in_returns",
        "TOF",
        """
          10    1   30    1    0
          20    0   30    1    0
          40    0   30    1   20
          45    1   30    1    0
          50    0   30    1    0
          79    0   30    1   29
          80    0   30    0   30
        """,
    ),
    (
        "tof_with_pt_zero_follows_in",
        "TOF",
        """
          10    1    0    1    0
          20    0    0    0    0
        """,
    ),
    (
        "tof_is_off_before_in_was_ever_true",
        "TOF",
        """
           0    0   30    0    0
          50    0   30    0    0
        """,
    ),
    (
        "tof_pt_shortened_while_running",
        "TOF",
        """
          10    1  100    1    0
          20    0  100    1    0
          60    0   30    0   30
        """,
    ),
    (
        "tof_pulse_of_one_scan",
        "TOF",
        """
          10    1   20    1    0
          20    0   20    1    0
          40    0   20    0   20
        """,
    ),
    (
        "tp_makes_a_pulse_of_pt",
        "TP",
        """
           0    0   30    0    0
          10    1   30    1    0
          20    1   30    1   10
          40    1   30    0   30
          50    1   30    0   30
          60    0   30    0    0
        """,
    ),
    (
        "tp_runs_on_after_a_short_in",
        "TP",
        """
          10    1   30    1    0
          20    0   30    1   10
          30    0   30    1   20
          40    0   30    0    0
          50    0   30    0    0
        """,
    ),
    (
        "tp_ignores_edges_during_the_pulse",
        "TP",
        """
          10    1   50    1    0
          20    0   50    1   10
          30    1   50    1   20
          40    0   50    1   30
          60    0   50    0    0
        """,
    ),
    (
        "tp_needs_a_new_edge",
        "TP",
        """
          10    1   20    1    0
          30    1   20    0   20
          40    1   20    0   20
          50    0   20    0    0
          60    1   20    1    0
        """,
    ),
    (
        "tp_starts_anew_in_the_scan_it_ends",
        "TP",
        """
          10    1   20    1    0
          20    0   20    1   10
          30    1   20    1    0
          50    1   20    0   20
        """,
    ),
    (
        "tp_with_pt_zero_makes_no_pulse",
        "TP",
        """
          10    1    0    0    0
          20    0    0    0    0
        """,
    ),
    (
        "tp_pt_set_to_zero_ends_the_pulse",
        "TP",
        """
          10    1   50    1    0
          20    1    0    0    0
        """,
    ),
    (
        "tp_pt_lengthened_while_running",
        "TP",
        """
          10    1   20    1    0
          20    1   40    1   10
          40    1   40    1   30
          50    1   40    0   40
        """,
    ),
]
KINDS = ["", "_TIME", "_LTIME"]


def _program(block: str) -> str:
    kind = "LTIME" if block.endswith("LTIME") else "TIME"
    return f"""
        PROGRAM P
        VAR fb : {block}; x : BOOL; pt : {kind}; q : BOOL; et : {kind}; END_VAR
        fb(IN := x, PT := pt, Q => q, ET => et);
        END_PROGRAM
    """


@pytest.fixture(scope="module")
def programs():
    compiled = {}
    for block in ("TON", "TOF", "TP"):
        for kind in KINDS:
            compiled[block + kind] = compile_text(_program(block + kind))
    return compiled


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("block", "table"), [row[1:] for row in TABLES], ids=[row[0] for row in TABLES])
def test_timer_follows_its_timing_diagram(programs, block, kind, table):
    plc = NativePlc(programs[block + kind])
    scans = [tuple(int(cell) for cell in line.split()) for line in table.strip().splitlines()]

    seen = []
    for time_ms, level, pt_ms, _, _ in scans:
        plc.write("P.x", bool(level))
        plc.write("P.pt", pt_ms * MS)
        plc.scan(time_ms * MS)
        seen.append((time_ms, int(plc.read("P.q")), plc.read("P.et") / MS))

    assert seen == [(time_ms, q, et_ms) for time_ms, _, _, q, et_ms in scans]


def test_all_timers_of_a_task_see_one_moment(programs):
    text = """
        PROGRAM P
        VAR a, b : TON; i : INT; END_VAR
        a(IN := TRUE, PT := T#50ms);
        FOR i := 1 TO 1000 DO ; END_FOR;
        b(IN := TRUE, PT := T#50ms);
        END_PROGRAM
    """
    plc = NativePlc(compile_text(text), available_executors()[-1])

    for time_ms in (5, 15, 31):
        plc.scan(time_ms * MS)

    assert plc.read("P.a.ET") == plc.read("P.b.ET") == 26 * MS


def test_ton_works_beyond_what_32_bit_milliseconds_hold(programs):
    plc = NativePlc(programs["TON"])
    hundred_days_ms = 100 * 86_400_000
    plc.write("P.x", True)
    plc.write("P.pt", hundred_days_ms * MS)

    plc.scan(10 * MS)
    plc.scan((hundred_days_ms + 9) * MS)
    before = plc.read("P.q")
    plc.scan((hundred_days_ms + 10) * MS)

    assert (before, plc.read("P.q")) == (False, True)
