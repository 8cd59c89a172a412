"""The control channel without a socket."""

from __future__ import annotations

import contextlib
import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, booleans, dictionaries, floats, integers, lists, none, recursive, text

from emulators.serving.control.lines import JsonLines, MalformedLine, encode_line, number_from_json
from emulators.serving.control.requests import (
    REQUESTS,
    Inject,
    Read,
    Release,
    RequestError,
    Status,
    Step,
    Subscribe,
    Write,
    request_from_json,
    request_to_json,
)
from emulators.serving.control.session import ControlSession, NumberedRequest

HELLO = b'{"plc_hil": 1, "token": "secret"}\n'
JSON = recursive(
    none() | booleans() | integers() | floats(allow_nan=False, allow_infinity=False) | text(),
    lambda members: lists(members) | dictionaries(text(), members),
    max_leaves=3,
)


def make_session() -> ControlSession:
    return ControlSession("secret", {"cell": "two_tanks", "step_ns": 10})


def opened() -> ControlSession:
    session = make_session()
    session.receive(HELLO)
    return session


def test_right_token_opens_the_session_and_names_the_cell() -> None:
    session = make_session()

    received = session.receive(HELLO)

    assert json.loads(received.requests[0]) == {"plc_hil": 1, "cell": "two_tanks", "step_ns": 10}
    assert session.is_open
    assert not received.is_over


GREETING_ROWS = [
    ("wrong token", {"plc_hil": 1, "token": "guess"}, "token"),
    ("no token", {"plc_hil": 1}, "token"),
    ("token of another type", {"plc_hil": 1, "token": 5}, "token"),
    ("token that is not ASCII", {"plc_hil": 1, "token": "ß"}, "token"),
    ("later version", {"plc_hil": 2, "token": "secret"}, "version"),
    ("request before the greeting", {"id": 1, "request": "status"}, "version"),
]


@pytest.mark.parametrize(("message", "code"), [row[1:] for row in GREETING_ROWS], ids=[row[0] for row in GREETING_ROWS])
def test_session_ends_after_a_greeting_it_does_not_accept(message: dict, code: str) -> None:
    session = make_session()

    received = session.receive(encode_line(message) + encode_line({"id": 1, "request": "status"}))

    assert [json.loads(line)["error"]["code"] for line in received.requests] == [code]
    assert received.is_over
    assert not session.is_open


def test_requests_come_out_in_order_with_their_ids() -> None:
    lines = b'{"id": 1, "request": "read", "names": ["A", "B"]}\n{"id": "x", "request": "step", "steps": 5}\n'

    received = opened().receive(lines)

    assert received.requests == [NumberedRequest(1, Read(("A", "B"))), NumberedRequest("x", Step(5))]


def test_lines_may_arrive_byte_by_byte() -> None:
    session = make_session()
    stream = HELLO + b'{"id": 1, "request": "status"}\n'

    items = [item for at in range(len(stream)) for item in session.receive(stream[at : at + 1]).requests]

    assert items[1] == NumberedRequest(1, Status())


REFUSED_ROWS = [
    ({"request": "raed", "names": []}, "did you mean 'read'?"),
    ({"request": 5}, "known are read, write"),
    ({}, "unknown request None"),
    ({"request": "read"}, "lacks the member 'names'"),
    ({"request": "read", "names": "A"}, "must be a list of texts"),
    ({"request": "read", "names": [""]}, "must be a text"),
    ({"request": "pause", "now": True}, "has no member 'now'; it takes none"),
    ({"request": "step", "steps": -1}, "whole number from 0"),
    ({"request": "step", "steps": True}, "whole number from 0"),
    ({"request": "step", "steps": 1.5}, "whole number from 0"),
    ({"request": "write", "name": "A", "value": [1]}, "must be a number, true, false"),
    ({"request": "write", "name": "A"}, "lacks the member 'value'"),
]


@pytest.mark.parametrize(("message", "text_part"), REFUSED_ROWS, ids=[row[1] for row in REFUSED_ROWS])
def test_wrong_request_is_answered_with_what_is_wrong_and_the_session_goes_on(message: dict, text_part: str) -> None:
    session = opened()

    received = session.receive(encode_line({"id": 3, **message}))

    answer = json.loads(received.requests[0])
    assert (answer["id"], answer["error"]["code"]) == (3, "malformed")
    assert text_part in answer["error"]["message"]
    assert session.receive(b'{"id": 4, "request": "status"}\n').requests == [NumberedRequest(4, Status())]


@pytest.mark.parametrize("line", [b"rubbish\n", b"[1]\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b'"text"\n'])
def test_line_that_is_no_json_object_ends_the_session(line: bytes) -> None:
    received = opened().receive(line)

    assert json.loads(received.requests[0])["error"]["code"] == "malformed"
    assert received.is_over


def test_line_without_end_is_given_up_at_its_limit() -> None:
    lines = JsonLines(max_line=100)

    lines.feed(b"x" * 80)
    (malformed,) = lines.feed(b"x" * 80)

    assert "longer than 100 bytes" in str(malformed)


REQUEST_ROWS = [
    Read(("A",)),
    Write("A", 1.5),
    Release(),
    Inject("LT-101.stuck", None),
    Step(7),
    Subscribe(("A", "B"), 100),
]


@pytest.mark.parametrize("request_", REQUEST_ROWS, ids=[type(row).__name__ for row in REQUEST_ROWS])
def test_request_survives_the_wire(request_) -> None:
    (message,) = JsonLines().feed(encode_line({"id": 1, **request_to_json(request_)}))

    assert request_from_json(message) == request_


def test_numbers_that_json_does_not_have_survive_the_wire() -> None:
    (message,) = JsonLines().feed(encode_line({"a": math.inf, "b": [-math.inf], "c": {"d": math.nan}}))

    assert number_from_json(message["a"]) == math.inf
    assert number_from_json(message["b"][0]) == -math.inf
    assert math.isnan(number_from_json(message["c"]["d"]))


@settings(derandomize=True, deadline=None, max_examples=30)
@given(message=dictionaries(text(), JSON))
def test_any_json_object_is_a_request_or_is_refused_as_one(message: dict) -> None:
    for word in REQUESTS:
        with contextlib.suppress(RequestError):
            request_from_json({**message, "request": word})


@settings(derandomize=True, deadline=None, max_examples=50)
@given(chunks=lists(binary(max_size=50)))
def test_any_bytes_are_lines_or_are_reported(chunks: list[bytes]) -> None:
    lines = JsonLines()

    messages = [message for chunk in chunks for message in lines.feed(chunk)]

    assert all(isinstance(message, dict | MalformedLine) for message in messages)


def test_mutated_requests_never_break_the_session() -> None:
    chance = random.Random(3)
    good = encode_line({"id": 1, "request": "subscribe", "names": ["LEVEL"], "period_ns": 1000})

    for _ in range(3000):
        mutant = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        received = opened().receive(bytes(mutant) + b"\n")
        assert all(isinstance(item, bytes | NumberedRequest) for item in received.requests)
