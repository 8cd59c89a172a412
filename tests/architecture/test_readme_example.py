"""The first test of README.md runs as it is printed, in an empty folder."""

import re

import pytest

PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_first_test_of_the_readme_passes(root, pytester: pytest.Pytester):
    (module,) = PYTHON.findall((root / "README.md").read_text(encoding="utf-8"))
    pytester.makepyfile(test_first=module)

    result = pytester.runpytest_subprocess("--hil-scenarios=10", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=2)
