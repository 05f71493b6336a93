"""What is asked of the service and what is made of it, written once for both clients.

A flow is a generator: it yields what is to be done next, as a function, and is given what that
returns or raises. What a function returns is awaited where the client is async.
"""

from __future__ import annotations

import asyncio
from concurrent import futures
from contextvars import copy_context
import inspect
import threading
from typing import Any, Callable, Generator, TypeVar

from .errors import MemoryServiceError

T = TypeVar("T")
Flow = Generator[Callable[[], Any], Any, T]


def run(flow: Flow[T]) -> T:
    """Goes through a flow whose functions wait themselves."""
    try:
        step = next(flow)
        while True:
            try:
                value = step()
            except Exception as error:  # noqa: BLE001 - the flow's own to take
                step = flow.throw(error)
            else:
                step = flow.send(value)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def arun(flow: Flow[T]) -> T:
    """The same; what a function returns may have to be awaited."""
    try:
        step = next(flow)
        while True:
            try:
                value = step()
                if inspect.isawaitable(value):
                    value = await value
            except Exception as error:  # noqa: BLE001 - the flow's own to take
                step = flow.throw(error)
            else:
                step = flow.send(value)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def run_within(flow: Flow[T], seconds: float) -> T:
    """``run``, waited for no longer; what is late goes on by itself. Raises ``MemoryServiceError``.

    Beside whoever waits: a request's own timeout is of each of its parts, and of no look-up of a
    host's name.
    """
    given: futures.Future[T] = futures.Future()

    def work() -> None:
        try:
            given.set_result(run(flow))
        except Exception as error:  # noqa: BLE001 - raised to whoever waits
            given.set_exception(error)

    # A daemon: a program that ends does not wait for it.
    target = copy_context().run
    threading.Thread(target=target, args=(work,), name="memory-service", daemon=True).start()
    try:
        return given.result(seconds)
    except futures.TimeoutError:
        raise _late(seconds) from None


async def arun_within(flow: Flow[T], seconds: float) -> T:
    """``arun``, ended when it takes longer. Raises ``MemoryServiceError``."""
    try:
        return await asyncio.wait_for(arun(flow), seconds)
    except asyncio.TimeoutError:
        raise _late(seconds) from None


def _late(seconds: float) -> MemoryServiceError:
    return MemoryServiceError(f"The memory did not answer within {seconds} s.", code="timeout")
