"""``hil modbus record`` when a device does not answer every time, and when nobody could end it."""

import csv
import io

import click
import pytest

from emulators.errors import LinkError
from hil.cli.modbus_record import record, report_left_out
from hil.cli.recording_files import RecordingFiles
from hil.targets.modbus_ranges import map_of_ranges
from hil.targets.modbus_recording import Recorder

MILLISECOND_NS = 1_000_000


def readings_of(*answers: dict | BaseException):
    """Yield an answer a millisecond; an error that is none of the link's is raised."""
    for number, answer in enumerate(answers):
        if isinstance(answer, BaseException) and not isinstance(answer, LinkError):
            raise answer
        yield number * MILLISECOND_NS, answer


def recorder_of(*names: str) -> Recorder:
    return Recorder(map_of_ranges(list(names)), "there")


def test_a_reading_that_fails_is_left_out_and_counted_also_when_interrupted():
    recorder, file, told = recorder_of("holding:0"), io.StringIO(), []
    readings = readings_of({"holding:0": 1}, LinkError("silent"), {"holding:0": 3}, KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        record(readings, recorder, csv.writer(file), lambda _, what=None, /: told.append(what))

    assert file.getvalue().splitlines() == ["0.000000000,1", "0.002000000,3"]
    assert (recorder.count, recorder.failed_count, str(recorder.last_failure)) == (2, 1, "silent")
    assert told == ["1 readings", "1 readings, 1 failed", "2 readings, 1 failed"]


def test_failed_readings_are_told_with_the_last_reason(capsys):
    recorder = recorder_of("holding:0")
    recorder.take(0, {"holding:0": 1})
    for reason in ("first", "no answer within 3 s"):
        recorder.fail(LinkError(reason))

    report_left_out(recorder)

    assert capsys.readouterr().err == "2 of 3 readings failed and were left out; the last: no answer within 3 s\n"


def test_a_recording_that_nobody_could_end_is_on_the_disk_and_not_lost_by_the_next(tmp_path):
    site, recorder = str(tmp_path / "site"), recorder_of("holding:0", "coil:3")
    cut_off = RecordingFiles.at(site, overwrite=False).rows_of(recorder)
    cut_off.__enter__().writerow(recorder.take(0, {"holding:0": 7, "coil:3": True}))

    assert (tmp_path / "site.csv.part").read_text() == "time_s,HOLDING_0,COIL_3\n0.000000000,7,true\n"
    assert [file.name for file in tmp_path.iterdir()] == ["site.csv.part"]
    with pytest.raises(click.UsageError, match=r"site.csv.part has the readings of a recording .*rename it"):
        RecordingFiles.at(site, overwrite=False)
    assert RecordingFiles.at(site, overwrite=True).csv == tmp_path / "site.csv"


def test_files_of_a_recording_with_gaps_are_whole(tmp_path):
    files, recorder = RecordingFiles.at(str(tmp_path / "site"), overwrite=False), recorder_of("holding:0", "coil:3")
    with files.rows_of(recorder) as rows:
        rows.writerow(recorder.take(0, {"holding:0": LinkError("refused"), "coil:3": LinkError("late")}))
        rows.writerow(recorder.take(MILLISECOND_NS, {"holding:0": LinkError("refused"), "coil:3": True}))

    files.settle(recorder)

    assert sorted(file.name for file in tmp_path.iterdir()) == ["site.csv", "site.toml"]
    assert files.csv.read_text() == "time_s,COIL_3\n0.000000000,true\n0.001000000,true\n"
