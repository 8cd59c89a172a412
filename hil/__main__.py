"""``python -m hil``: the command ``hil`` where it is not on the path."""

import sys

from hil.cli.main import main

sys.exit(main())
