"""A thousand Modbus devices with four tables of a thousand cells in one process: time to build, memory they take."""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
import tracemalloc

from measure import machine

from emulators.modbus.device import ModbusDevice
from emulators.modbus.memory import UnitMemory

TITLE = "1,000 Modbus devices of 4 x 1,000 cells"
DEVICES, CELLS, ROUNDS = 1_000, 1_000, 9
BUILD_LIMIT_S = 1.0
MEMORY_LIMIT_MIB = 40.0


def build() -> list[ModbusDevice]:
    return [ModbusDevice(UnitMemory.of_size(CELLS)) for _ in range(DEVICES)]


def build_s() -> float:
    start = time.thread_time()
    devices = build()
    taken_s = time.thread_time() - start
    del devices
    return taken_s


def used_mib() -> float:
    """Return what the devices hold after each has been polled and written once."""
    gc.collect()
    tracemalloc.start()
    devices = build()
    for device in devices:
        device.pdu(bytes.fromhex("03 0000 007D"))
        device.pdu(bytes.fromhex("06 0000 1234"))
        device.pdu(bytes.fromhex("03 FFFF 0001"))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / 2**20


def main() -> int:
    arguments = argparse.ArgumentParser(description=TITLE)
    arguments.add_argument("--json", action="store_true", help="print figures instead of a table")
    as_json = arguments.parse_args().json
    times_s = [build_s() for _ in range(ROUNDS)]
    low_s, median_s, high_s = statistics.quantiles(times_s, n=4)
    memory_mib = used_mib()
    holds = median_s < BUILD_LIMIT_S and memory_mib < MEMORY_LIMIT_MIB
    if as_json:
        figures = {"build_s": median_s, "build_low_s": low_s, "build_high_s": high_s, "memory_mib": memory_mib}
        print(json.dumps({"title": TITLE, "machine": machine(), **figures, "holds": holds}, indent=2))
        return 0 if holds else 1
    print(f"{TITLE}\n{machine()}\n")
    print(f"  built in   {median_s * 1e3:8.1f} ms of CPU   ({low_s * 1e3:.1f} .. {high_s * 1e3:.1f}), limit 1,000")
    print(f"  they take  {memory_mib:8.1f} MiB, limit {MEMORY_LIMIT_MIB:g}")
    return 0 if holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
