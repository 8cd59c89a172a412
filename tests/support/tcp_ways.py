"""The ways in which a TCP server of ours can be run: every loop with every transport that it may get."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from emulators.sockets.listeners import AsyncioListener, EpollListener, MakeListener, plain_listener
from emulators.sockets.serving_loop import new_loop

__all__ = ["OUR_TRANSPORT_WAYS", "TCP_WAYS", "TcpWay"]


@dataclass(frozen=True, slots=True)
class TcpWay:
    """A kind of event loop and of listener."""

    make_loop: Callable[[], asyncio.AbstractEventLoop]
    make_listener: MakeListener


def _uvloop() -> asyncio.AbstractEventLoop:
    import uvloop

    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


_HAS_UVLOOP = importlib.util.find_spec("uvloop") is not None

OUR_TRANSPORT_WAYS: list[Any] = [
    pytest.param(TcpWay(new_loop, plain_listener), id="our loop"),
    pytest.param(TcpWay(asyncio.new_event_loop, EpollListener), id="any loop"),
    pytest.param(
        TcpWay(_uvloop, plain_listener),
        id="uvloop",
        marks=pytest.mark.skipif(not _HAS_UVLOOP, reason="uvloop is not installed"),
    ),
]
TCP_WAYS: list[Any] = [
    *OUR_TRANSPORT_WAYS,
    pytest.param(TcpWay(asyncio.new_event_loop, AsyncioListener), id="transports of asyncio"),
]
