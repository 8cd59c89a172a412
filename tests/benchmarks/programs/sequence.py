"""Generates a sequence of 2,000 lines, in Structured Text and by hand in C: 280 steps of a batch machine.

Each step opens one of sixteen valves, waits for a level and a minimum time and goes on; every tenth step may jump.
"""

from __future__ import annotations

STEPS = 280


def structured_text() -> str:
    """Return the program: one CASE with 280 arms of six or seven lines."""
    lines = [
        "PROGRAM Main",
        "VAR",
        "    step : INT;",
        "    valves : ARRAY[0..15] OF BOOL;",
        "    level : REAL;",
        "    in_step : TIME;",
        "    cycles : UDINT;",
        "    skip : BOOL;",
        "END_VAR",
        "    level := level + 0.37;",
        "    IF level > 100.0 THEN",
        "        level := 0.0;",
        "    END_IF;",
        "    in_step := in_step + T#10ms;",
        "    skip := NOT skip;",
        "    CASE step OF",
    ]
    for step in range(STEPS):
        following = (step + 1) % STEPS
        lines += [
            f"        {step}:",
            f"            valves[{step % 16}] := level < {_limit(step)};",
            f"            IF level > {_limit(step)} AND in_step >= T#{10 * (step % 4 + 1)}ms THEN",
            f"                valves[{step % 16}] := FALSE;",
            f"                step := {following};",
            "                in_step := T#0s;",
        ]
        if step % 10 == 9:
            lines += ["            ELSIF skip AND level > 99.0 THEN", f"                step := {(step + 3) % STEPS};"]
        if step == STEPS - 1:
            lines.append("                cycles := cycles + 1;")
        lines.append("            END_IF;")
    return "\n".join([*lines, "    END_CASE;", "END_PROGRAM", ""])


def c_source() -> str:
    """Return the same sequence as a switch."""
    lines = [
        "#include <stdbool.h>",
        "#include <stdint.h>",
        "static __attribute__((used)) int16_t step;",
        "static __attribute__((used)) bool valves[16], skip;",
        "static __attribute__((used)) float level;",
        "static __attribute__((used)) int64_t in_step;",
        "static __attribute__((used)) uint32_t cycles;",
        "void run(int64_t scans) {",
        "    for (int64_t n = 0; n < scans; n++) {",
        "        level += 0.37f;",
        "        if (level > 100.0f) level = 0.0f;",
        "        in_step += 10000000;",
        "        skip = !skip;",
        "        switch (step) {",
    ]
    for step in range(STEPS):
        lines += [
            f"        case {step}:",
            f"            valves[{step % 16}] = level < {_limit(step)}f;",
            f"            if (level > {_limit(step)}f && in_step >= {10_000_000 * (step % 4 + 1)}) {{",
            f"                valves[{step % 16}] = false;",
            f"                step = {(step + 1) % STEPS};",
            "                in_step = 0;",
        ]
        tail = "                cycles++;" if step == STEPS - 1 else ""
        if step % 10 == 9:
            lines += [
                "            } else if (skip && level > 99.0f) {",
                f"                step = {(step + 3) % STEPS};",
            ]
        lines += [tail, "            }", "            break;"]
    return "\n".join([*lines, "        }", "    }", "}", ""])


def _limit(step: int) -> float:
    return float(5 + step * 37 % 90)
