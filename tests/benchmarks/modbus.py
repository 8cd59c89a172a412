"""Everything that is measured of Modbus beside its peers, one after the other, each with its limits.

Takes about six minutes on two cores; each part runs alone too. Exit status 1 when a limit does not hold.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

PARTS = ("modbus_conformance.py", "modbus_devices.py", "modbus_fleet.py", "modbus_server.py")


def main() -> int:
    """Run the parts; each prints its own table."""
    argparse.ArgumentParser(
        description=__doc__, epilog=f"parts: {', '.join(PARTS)}", formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    failed = []
    for part in PARTS:
        print(f"== {part}", flush=True)
        if subprocess.run([sys.executable, str(Path(__file__).with_name(part))], check=False).returncode:
            failed.append(part)
        print(flush=True)
    print(f"limits that do not hold: {', '.join(failed)}" if failed else "every limit holds")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
