"""Functions as tools, and clients of models, that are recorded wherever a recording runs."""

from __future__ import annotations

import functools
import inspect
import time
from typing import Any, Callable, Generator, TypeVar, overload

from ._recording import current_recording
from ._steps import now
from .messages import ResponseCalls

# Characters of a text that is gathered: more than a step takes, so that it says that it was cut.
_TEXT_MAX = 70_000

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


@overload
def tool(function: F) -> F: ...


@overload
def tool(*, name: str) -> Callable[[F], F]: ...


def tool(function: Any = None, *, name: str | None = None) -> Any:
    """Logs each call of a function as a step of the recording that runs; without one, only calls.

    Works with functions, coroutines and generators, which are logged when they end. What is given
    and returned is as without it.
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
            call = _Call(called, parameters(args, kwargs))
            given = function(*args, **kwargs)
            step = given.__anext__()
            while True:
                try:
                    item = await step
                except StopAsyncIteration:
                    call.ended()
                    return
                except BaseException as error:
                    call.ended(error)
                    raise
                call.gave(item)
                try:
                    sent = yield item
                except GeneratorExit:
                    await given.aclose()
                    call.ended()
                    raise
                except BaseException as error:  # noqa: BLE001 - the generator's own to take
                    step = given.athrow(error)
                else:
                    step = given.asend(sent)

        return streamed

    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def yielded(*args: Any, **kwargs: Any) -> Any:
            call = _Call(called, parameters(args, kwargs))
            return (yield from _Watched(function(*args, **kwargs), call))

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
    it is sent back to the model. A response that goes on from one that the service keeps is logged
    with the calls that it answers, unless that one was streamed.
    """
    _watch(client, ("chat", "completions"), "create", "messages")
    _watch(client, ("responses",), "create", "input", ResponseCalls())
    return client


def wrap_anthropic(client: T) -> T:
    """As ``wrap_openai``, for the messages of Anthropic's client."""
    _watch(client, ("messages",), "create", "messages")
    _watch(client, ("messages",), "stream", "messages")
    return client


def _watch(
    client: Any,
    path: tuple[str, ...],
    method: str,
    argument: str,
    kept: ResponseCalls | None = None,
) -> None:
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
            run.messages(kept.completed(messages) if kept else messages)
        answer = create(*args, **kwargs)
        if kept is None:
            return answer
        if inspect.iscoroutine(answer):
            return _remembered(answer, kept)
        kept.remember(answer)
        return answer

    setattr(target, method, watched)


async def _remembered(answer: Any, kept: ResponseCalls) -> Any:
    response = await answer
    kept.remember(response)
    return response


class _Call:
    """A generator's call: logged when it ends, by itself, by an error or by who leaves it.

    Texts that it gave are its output, one after the other, or the last one when each repeats what
    was there before; of other items the last, or what it returned.
    """

    def __init__(self, name: str, parameters: dict[str, Any]) -> None:
        self._run = current_recording()
        self._name, self._parameters = name, parameters
        self._at, self._begun = now(), time.perf_counter()
        self._text, self._last, self._is_text = "", None, True

    def gave(self, item: Any) -> None:
        self._last = item
        if not isinstance(item, str):
            self._is_text = False
        elif item.startswith(self._text):
            self._text = item[:_TEXT_MAX]
        elif len(self._text) < _TEXT_MAX:
            self._text += item[:_TEXT_MAX]

    def ended(self, error: BaseException | None = None, returned: Any = None) -> None:
        if self._run is not None:
            given = self._text if self._is_text else self._last
            value = given if returned is None else returned
            begun = (self._at, self._begun)
            self._run._ran(self._name, self._parameters, *begun, value=value, error=error)


class _Watched(Generator[Any, Any, Any]):
    """A generator that is told of, with all that a caller may do to it."""

    def __init__(self, given: Any, call: _Call) -> None:
        self._given, self._call = given, call

    def send(self, value: Any) -> Any:
        return self._next(lambda: self._given.send(value))

    def throw(self, *error: Any) -> Any:
        return self._next(lambda: self._given.throw(*error))

    def close(self) -> None:
        self._given.close()
        self._call.ended()

    def _next(self, ask: Callable[[], Any]) -> Any:
        try:
            item = ask()
        except StopIteration as stop:
            self._call.ended(returned=stop.value)
            raise
        except BaseException as error:
            self._call.ended(error)
            raise
        self._call.gave(item)
        return item
