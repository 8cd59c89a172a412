"""Makes ``tests/support`` importable for the tests of planted defects."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "support"))
