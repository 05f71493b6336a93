"""What is asked of the service and what is made of it, written once for both clients.

A flow is a generator: it yields what is to be done next, as a function, and is given what that
returns or raises. What a function returns is awaited where the client is async.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable, Generator, TypeVar

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
