"""The first test of README.md runs as it is printed; the one of hil/README.md does with an emulated device on a pty."""

import re
import shutil

import pytest

from emulators.description import load_register_map
from emulators.description.modbus_transport import ModbusTransportEntry, SerialEntry
from hil.assembly.device_places import DevicePlace
from hil.assembly.devices import running_devices

LINE = SerialEntry("", "", 9600, "none", 1, 8, True, "")
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_first_test_of_the_readme_passes(root, pytester: pytest.Pytester):
    (module,) = PYTHON.findall((root / "README.md").read_text(encoding="utf-8"))
    pytester.makepyfile(test_first=module)

    result = pytester.runpytest_subprocess("--hil-scenarios=10", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=2)


def test_the_test_of_a_real_device_passes_with_an_emulated_one(root, pytester: pytest.Pytester):
    (module,) = PYTHON.findall((root / "hil" / "README.md").read_text(encoding="utf-8"))
    (url,) = re.findall(r'URL = "(.*)"', module)
    shutil.copy(root / "fixtures" / "devices" / "vfd.toml", pytester.path)
    place = DevicePlace(unit_id=3, protocol="modbus-rtu", transport=ModbusTransportEntry(serial=LINE))
    with running_devices([load_register_map(pytester.path / "vfd.toml")], place=place) as device:
        pytester.makepyfile(test_drive=module.replace(url, device.url))

        result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    result.assert_outcomes(passed=1)
