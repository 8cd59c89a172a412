"""``hil modbus record`` when a device does not answer every time."""

import pytest

from emulators.errors import LinkError
from hil.cli.modbus_record import _record

MILLISECOND_NS = 1_000_000


class FlakyLink:
    """Gives each of its answers once; an error is raised."""

    def __init__(self, *answers: dict | BaseException) -> None:
        self._answers = iter(answers)

    def read_each(self, tags: object) -> dict:
        answer = next(self._answers)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def record(link: FlakyLink, samples: list) -> None:
    hour_ns = 3_600_000 * MILLISECOND_NS
    _record(link, None, samples, length_ns=hour_ns, period_ns=MILLISECOND_NS, advance=lambda _: None)


def test_a_reading_that_fails_is_left_out_and_told_also_when_interrupted(capsys):
    samples: list = []

    with pytest.raises(KeyboardInterrupt):
        record(FlakyLink({"A": 1}, LinkError("silent"), {"A": 3}, KeyboardInterrupt()), samples)

    assert [sample.values for sample in samples] == [{"A": 1}, {"A": 3}]
    assert samples[0].time_ns == 0 < samples[1].time_ns
    assert capsys.readouterr().err == "1 of the readings failed and were left out\n"


def test_a_device_that_never_answered_is_an_error():
    with pytest.raises(LinkError, match="silent"):
        record(FlakyLink(LinkError("silent")), [])
