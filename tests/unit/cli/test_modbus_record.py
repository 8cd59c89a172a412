"""``hil modbus record`` when a device does not answer every time."""

import pytest

from emulators.errors import LinkError
from hil.cli.modbus_record import _record, _report_left_out, _Taken
from hil.targets.modbus_ranges import map_of_ranges
from hil.targets.modbus_recording import Recording, Sample

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


def record(link: FlakyLink, taken: _Taken, told: list | None = None) -> None:
    hour_ns = 3_600_000 * MILLISECOND_NS
    advance = (told if told is not None else []).append
    _record(
        link, None, taken, length_ns=hour_ns, period_ns=MILLISECOND_NS, advance=lambda _, what=None, /: advance(what)
    )


def test_a_reading_that_fails_is_left_out_and_counted_also_when_interrupted():
    taken, told = _Taken(), []

    with pytest.raises(KeyboardInterrupt):
        record(FlakyLink({"A": 1}, LinkError("silent"), {"A": 3}, KeyboardInterrupt()), taken, told)

    assert [sample.values for sample in taken.samples] == [{"A": 1}, {"A": 3}]
    assert taken.samples[0].time_ns == 0 < taken.samples[1].time_ns
    assert [str(failure) for failure in taken.failures] == ["silent"]
    assert told == ["1 readings", "1 readings, 1 failed", "2 readings, 1 failed"]


def test_a_device_that_never_answered_is_an_error():
    with pytest.raises(LinkError, match="silent"):
        record(FlakyLink(LinkError("silent")), _Taken())


def test_failed_readings_are_told_with_the_last_reason(capsys):
    recording = Recording(map_of_ranges(["holding:0"]), (Sample(0, {"holding:0": 1}),), "there")

    _report_left_out(recording, [LinkError("first"), LinkError("no answer within 3 s")])

    assert capsys.readouterr().err == "2 of 3 readings failed and were left out; the last: no answer within 3 s\n"
