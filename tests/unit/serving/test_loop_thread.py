from __future__ import annotations

import asyncio
import threading

import pytest

from emulators.errors import InternalError, LinkError
from emulators.serving.loop_thread import EventLoopThread


async def add(left: int, right: int) -> int:
    await asyncio.sleep(0)
    return left + right


async def fail() -> None:
    raise ValueError("broken on purpose")


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


def test_result_of_a_coroutine_comes_back_to_the_caller() -> None:
    with EventLoopThread() as thread:
        assert thread.run(add(1, 2), deadline_s=60) == 3


def test_error_of_a_coroutine_comes_back_to_the_caller() -> None:
    with EventLoopThread() as thread, pytest.raises(ValueError, match="on purpose"):
        thread.run(fail(), deadline_s=60)


def test_coroutine_that_takes_too_long_is_cancelled_and_named() -> None:
    with EventLoopThread("slow") as thread, pytest.raises(LinkError, match="'slow': no result within"):
        thread.run(wait_for_ever(), deadline_s=0.01)


def test_waiting_on_the_loops_own_thread_is_refused() -> None:
    thread = EventLoopThread()

    async def call_itself() -> None:
        thread.run(add(1, 2), deadline_s=60)

    with thread, pytest.raises(InternalError, match="would wait for itself"):
        thread.run(call_itself(), deadline_s=60)


def test_call_after_the_end_is_refused() -> None:
    thread = EventLoopThread()
    with thread:
        pass

    with pytest.raises(InternalError, match="is not running"):
        thread.run(add(1, 2), deadline_s=60)


def test_thread_is_gone_after_the_block_although_a_task_still_ran() -> None:
    with EventLoopThread("left-over") as thread:

        async def leave_a_task() -> asyncio.Task[None]:
            return asyncio.get_running_loop().create_task(wait_for_ever())

        task = thread.run(leave_a_task(), deadline_s=60)

    assert task.cancelled()
    assert "left-over" not in [alive.name for alive in threading.enumerate()]


def test_second_start_is_refused() -> None:
    with EventLoopThread() as thread, pytest.raises(InternalError, match="twice"):
        thread.start()
