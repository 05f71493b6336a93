"""Functions as tools, and clients of models, that are recorded wherever a recording runs."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, TypeVar, overload

from .record import current_recording

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


@overload
def tool(function: F) -> F: ...


@overload
def tool(*, name: str) -> Callable[[F], F]: ...


def tool(function: Any = None, *, name: str | None = None) -> Any:
    """Logs each call of a function as a step of the recording that runs; without one, only calls.

    Works with functions and coroutines. A generator is logged when it ends, with the number of
    items that it gave.
    """
    if function is None:
        return lambda given: tool_of(given, name)
    return tool_of(function, name)


def tool_of(function: Callable[..., Any], name: str | None) -> Callable[..., Any]:
    called = name or function.__name__
    signature = inspect.signature(function)

    def parameters(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        try:
            bound = signature.bind(*args, **kwargs).arguments
        except TypeError:
            # The function itself will say what is wrong.
            return {"args": list(args), **kwargs}
        return {key: value for key, value in bound.items() if key not in ("self", "cls")}

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            run = current_recording()
            if run is None:
                return await function(*args, **kwargs)
            given = parameters(args, kwargs)
            return await run.atool(called, given, lambda: function(*args, **kwargs))

        return awaited

    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def streamed(*args: Any, **kwargs: Any) -> Any:
            run, count = current_recording(), 0
            try:
                async for item in function(*args, **kwargs):
                    count += 1
                    yield item
            except Exception as error:
                if run is not None:
                    run.log(called, parameters(args, kwargs), result=_error(error))
                raise
            if run is not None:
                run.log(called, parameters(args, kwargs), result=_items(count))

        return streamed

    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def yielded(*args: Any, **kwargs: Any) -> Any:
            run, count = current_recording(), 0
            try:
                for item in function(*args, **kwargs):
                    count += 1
                    yield item
            except Exception as error:
                if run is not None:
                    run.log(called, parameters(args, kwargs), result=_error(error))
                raise
            if run is not None:
                run.log(called, parameters(args, kwargs), result=_items(count))

        return yielded

    @functools.wraps(function)
    def plain_call(*args: Any, **kwargs: Any) -> Any:
        run = current_recording()
        if run is None:
            return function(*args, **kwargs)
        return run.tool(called, parameters(args, kwargs), lambda: function(*args, **kwargs))

    return plain_call


def wrap_openai(client: T) -> T:
    """Logs the tool calls that a conversation has, each time it is sent: ``client = wrap_openai(OpenAI())``.

    Chat completions and responses, sync and async, streamed or not. A tool's result is logged when
    it is sent back to the model.
    """
    _watch(client, ("chat", "completions"), "create", "messages")
    _watch(client, ("responses",), "create", "input")
    return client


def wrap_anthropic(client: T) -> T:
    """As ``wrap_openai``, for the messages of Anthropic's client."""
    _watch(client, ("messages",), "create", "messages")
    _watch(client, ("messages",), "stream", "messages")
    return client


def _watch(client: Any, path: tuple[str, ...], method: str, argument: str) -> None:
    target = client
    for name in path:
        target = getattr(target, name, None)
    create = getattr(target, method, None)
    if create is None:
        return

    @functools.wraps(create)
    def watched(*args: Any, **kwargs: Any) -> Any:
        run, messages = current_recording(), kwargs.get(argument)
        if run is not None and isinstance(messages, (list, tuple)):
            run.messages(messages)
        return create(*args, **kwargs)

    setattr(target, method, watched)


def _error(error: BaseException) -> dict[str, Any]:
    return {"type": "error", "message": str(error) or type(error).__name__}


def _items(count: int) -> dict[str, Any]:
    return {"type": "success", "output": f"{count} items"}
