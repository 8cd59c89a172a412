"""What a survey finds, with a device that is only a table of answers."""

import pytest

from emulators.description import RegisterTable
from hil.targets import modbus_client
from hil.targets.modbus_client import ModbusClient
from hil.targets.modbus_errors import ExceptionAnswerError, NoAnswerError
from hil.targets.modbus_survey import UnitSearch, UnitSurvey, find_units
from hil.targets.modbus_url import ModbusUrl

HOLDING = RegisterTable.HOLDING_REGISTER


class PretendedDevice:
    """Holds some addresses in one table of unit 1; ``moods`` are errors that it answers first."""

    def __init__(self, addresses: set[int], *moods: BaseException, missing_code: int = 2) -> None:
        self._addresses = addresses
        self._moods = list(moods)
        self._missing_code = missing_code
        self.asked: list[tuple[int, int]] = []
        self.moods_at: dict[int, list[BaseException]] = {}

    def read(self, table: RegisterTable, address: int, count: int, *, unit_id: int) -> bytes:
        self.asked.append((address, count))
        moods = self.moods_at.get(address) or self._moods
        if moods:
            raise moods.pop(0)
        if unit_id != 1:
            raise NoAnswerError("silent", is_silent=True)
        if not set(range(address, address + count)) <= self._addresses:
            raise ExceptionAnswerError("refused", self._missing_code)
        return bytes(2 * count)

    def identification(self, *, unit_id: int) -> dict[int, str]:
        raise ExceptionAnswerError("unknown function", 1)

    def server_id(self, *, unit_id: int) -> bytes:
        raise NoAnswerError("silent", is_silent=True)


def survey_of(device: PretendedDevice, tables: list[RegisterTable], addresses: range) -> UnitSurvey:
    search = UnitSearch(device, 1)
    search.run(tables, addresses)
    return search.survey


def stretches(device: PretendedDevice, addresses: range) -> list[tuple[int, int]]:
    return [(each.first, each.last) for each in survey_of(device, [HOLDING], addresses).stretches]


@pytest.mark.parametrize(
    "held",
    [set(), {0}, {199}, set(range(200)), {3, 4, 5, 124, 125, 126}, set(range(10, 90)) | {150}, {*range(0, 200, 2)}],
)
def test_exactly_the_held_addresses_are_found(held):
    found = stretches(PretendedDevice(held), range(200))

    assert {address for first, last in found for address in range(first, last + 1)} == held


def test_requests_stay_inside_the_span_and_the_limit():
    device = PretendedDevice(set(range(1000)))

    assert stretches(device, range(100, 400)) == [(100, 399)]
    assert device.asked == [(100, 125), (225, 125), (350, 50)]


class DeviceOfShortRequests(PretendedDevice):
    """Does not answer who asks for more than ``longest`` addresses."""

    longest = 10

    def read(self, table: RegisterTable, address: int, count: int, *, unit_id: int) -> bytes:
        if count > self.longest:
            raise NoAnswerError("silent", is_silent=True)
        return super().read(table, address, count, unit_id=unit_id)


@pytest.mark.parametrize("longest", [1, 3, 10])
@pytest.mark.parametrize("table", [HOLDING, RegisterTable.COIL])
def test_a_device_that_is_silent_to_long_requests_is_asked_for_less(longest, table):
    device = DeviceOfShortRequests({*range(5, 30), 33})
    device.longest = longest
    search = UnitSearch(device, 1, max_registers=longest, max_bits=longest)

    search.run([table], range(40))

    assert [(each.first, each.last) for each in search.survey.stretches] == [(5, 29), (33, 33)]
    assert search.survey.troubles == ()


def test_a_table_that_the_device_does_not_know_costs_one_request():
    device = PretendedDevice(set(), missing_code=1)

    assert stretches(device, range(1000)) == []
    assert len(device.asked) == 1


def test_a_busy_device_is_asked_again():
    busy = [ExceptionAnswerError("busy", 6) for _ in range(3)]

    assert stretches(PretendedDevice(set(range(5)), *busy), range(5)) == [(0, 4)]


def test_one_lost_answer_is_forgiven():
    assert stretches(PretendedDevice({0}, NoAnswerError("silent")), range(1)) == [(0, 0)]


@pytest.mark.parametrize(
    "moods", [[NoAnswerError("silent")] * 2, [ExceptionAnswerError("busy", 6)] * 5], ids=["silent", "busy"]
)
def test_a_table_that_cannot_be_searched_to_its_end_is_left_with_what_was_found_and_told(moods):
    device = PretendedDevice(set(range(400)))
    device.moods_at[250] = list(moods)

    survey = survey_of(device, [HOLDING, RegisterTable.INPUT_REGISTER], range(400))

    assert [(each.table.value, each.first, each.last) for each in survey.stretches] == [
        ("holding", 0, 249),
        ("input", 0, 399),
    ]
    assert survey.troubles == (str(moods[0]),)


def test_a_search_that_is_interrupted_keeps_what_it_has_found():
    device = PretendedDevice(set(range(100)) | set(range(160, 400)))
    device.moods_at[187] = [KeyboardInterrupt()]
    search = UnitSearch(device, 1)

    with pytest.raises(KeyboardInterrupt):
        search.run([HOLDING], range(400))

    assert [(each.first, each.last) for each in search.survey.stretches] == [(0, 99), (160, 186)]


def test_units_are_found_by_any_answer_of_their_own():
    assert list(find_units(PretendedDevice(set()), range(4))) == [1]


def test_an_answer_that_nobody_understands_is_told():
    texts: list[str] = []
    garbled = NoAnswerError("half an answer")

    assert list(find_units(PretendedDevice(set(), garbled), [1, 2], warn=texts.append)) == []
    assert texts == ["half an answer"]


@pytest.mark.parametrize(("code", "found"), [(0x0A, []), (0x0B, []), (0x01, [1]), (0x04, [1])])
def test_a_gateway_that_knows_no_such_unit_does_not_count(code, found):
    assert list(find_units(PretendedDevice(set(), missing_code=code), [1])) == found


def test_requests_are_paced_to_the_rate(monkeypatch):
    clock = PretendedClock()
    monkeypatch.setattr(modbus_client, "time", clock)
    client = ModbusClient(ModbusUrl.parse("modbus-tcp://127.0.0.1/1"), requests_per_s=50)

    for _ in range(51):
        client._pace()

    assert clock.now_s == pytest.approx(1.0)


class PretendedClock:
    """A clock that only sleeping moves."""

    now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
