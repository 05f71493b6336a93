"""An agent's run as an episode.

The agent comes first: it never waits for the memory longer than its options say, and never fails
because of it.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
import functools
import re
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Iterable, Mapping, TypeVar

from ._flows import Flow, arun, run
from ._steps import Step, error_text, fitting, now, text_of
from ._transport import RequestOptions
from .messages import ToolCalls

if TYPE_CHECKING:
    from .client import AsyncMemoryClient, MemoryClient

T = TypeVar("T")

STEPS_MAX = 1_000
_REQUEST_STEPS_MAX = 100
_ERRORS_KEPT = 10
_RECALL_ID = re.compile(r"recall_id: ([\w.:-]+)")
# What of an episode's context a recall is told.
_CONTEXT = ("domain", "language", "framework", "complexity", "tags")


@dataclass
class RecordReport:
    """``episode_id`` is None when the episode could not be started.

    ``dropped`` steps were given up: the buffer was full, the episode too long, or the service out
    of reach. ``cut`` steps had an output or parameters that were too large. ``errors`` has what
    went wrong, newest last, at most 10.
    """

    episode_id: str | None = None
    logged: int = 0
    dropped: int = 0
    cut: int = 0
    completed: bool = False
    errors: list[BaseException] = field(default_factory=list)


@dataclass(frozen=True)
class RecordOptions:
    """Times are in seconds. ``on_report`` is called once, when all is sent or given up."""

    buffer_max: int = STEPS_MAX
    #: For how long steps are gathered before they are sent.
    flush_after: float = 0.5
    #: For how long the end waits for the memory; then the rest goes on by itself.
    finish_within: float = 5.0
    #: How long a recall may take; then there is none.
    recall_within: float = 2.0
    on_report: Callable[[RecordReport], None] | None = None


_current: ContextVar[BaseRecording | None] = ContextVar("memory_service_recording", default=None)


def current_recording() -> BaseRecording | None:
    """The recording that runs here, or None."""
    return _current.get()


class BaseRecording:
    """What an agent's code is given. Nothing here raises because of the memory."""

    def __init__(self, client: Any, start: Mapping[str, Any], options: RecordOptions) -> None:
        self.report = RecordReport()
        self._client = client
        self._start = dict(start)
        self._options = options
        self._calls = ToolCalls()
        self._steps: list[Step] = []
        self._number = 0
        self._lock = threading.Lock()
        self._outcome: dict[str, Any] | None = None
        self._recall_id: str | None = None
        self._token: Token[BaseRecording | None] | None = None
        self._ended: tuple[BaseException | None] | None = None

    def log(self, tool: str, parameters: Any = None, **fields: Any) -> None:
        """Logs a step that happened: ``result``, ``action``, ``latency_ms``, ``at``, ``metadata``."""
        given = {"at": now(), "tool": tool, **fields}
        if parameters is not None:
            given["parameters"] = parameters
        self._log(given)

    def messages(self, messages: Iterable[Any]) -> None:
        """Logs the tool calls of a conversation (OpenAI, Anthropic) that were not logged yet."""
        try:
            for step in self._calls.read(messages):
                self._log({"at": now(), **step})
        except Exception as error:  # noqa: BLE001 - whatever the agent's messages are
            self._failed(error)

    def outcome(self, type_: str, **fields: Any) -> None:
        """How it went: ``outcome("success", verdict="...")``, ``outcome("failure", reason="...")``.

        Without it: success when the block ends, failure when it raises.
        """
        self._outcome = {"type": type_, **fields}

    def tool(self, name: str, parameters: Any, run: Callable[[], T]) -> T:
        """Runs a tool and logs it: its parameters, its result or its error, its time."""
        begun, at = time.perf_counter(), now()
        try:
            value = run()
        except BaseException as error:
            self._ran(name, parameters, at, begun, error=error)
            raise
        self._ran(name, parameters, at, begun, value=value)
        return value

    async def atool(self, name: str, parameters: Any, run: Callable[[], Awaitable[T]]) -> T:
        """The same, for a tool that is awaited."""
        begun, at = time.perf_counter(), now()
        try:
            value = await run()
        except BaseException as error:
            self._ran(name, parameters, at, begun, error=error)
            raise
        self._ran(name, parameters, at, begun, value=value)
        return value

    def _ran(
        self,
        name: str,
        parameters: Any,
        at: str,
        begun: float,
        *,
        value: Any = None,
        error: BaseException | None = None,
    ) -> None:
        latency_ms = (time.perf_counter() - begun) * 1_000
        try:
            if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
                result: dict[str, Any] = {"type": "timeout"}
            elif error is not None:
                result = {"type": "error", "message": error_text(error)}
            else:
                result = {"type": "success", "output": text_of(value)}
        except Exception as unreadable:  # noqa: BLE001 - a value that cannot even be said
            self._failed(unreadable)
            result = {"type": "success" if error is None else "error"}
            result["message" if error is not None else "output"] = "[unreadable]"
        self.log(name, parameters, at=at, latency_ms=latency_ms, result=result)

    def _log(self, step: Step) -> None:
        try:
            fit, cut = fitting(step)
            with self._lock:
                self.report.cut += cut
                waiting = len(self._steps)
                if self._number >= STEPS_MAX or waiting >= self._options.buffer_max:
                    self.report.dropped += 1
                    return
                # A number of our own makes a step that is sent twice one step.
                self._number += 1
                self._steps.append({**fit, "number": self._number})
            self._notice(waiting + 1 >= _REQUEST_STEPS_MAX)
        except Exception as error:  # noqa: BLE001 - whatever the agent's tool returned
            self.report.dropped += 1
            self._failed(error)

    def _notice(self, full: bool) -> None:
        """A step waits. ``full``: for as many as one request takes."""
        raise NotImplementedError

    def _take(self) -> list[Step]:
        with self._lock:
            steps = self._steps[:_REQUEST_STEPS_MAX]
            self._steps = self._steps[_REQUEST_STEPS_MAX:]
            return steps

    def _about(self, more: Mapping[str, Any]) -> dict[str, Any]:
        context = self._start.get("context") or {}
        known = {name: context[name] for name in _CONTEXT if context.get(name) is not None}
        return {"task": self._start["task"], "context": known, **more}

    def _ending(self, error: BaseException | None) -> dict[str, Any]:
        given = {"type": "failure", "reason": error_text(error)} if error else {"type": "success"}
        body = {"outcome": self._outcome or given}
        return {**body, "recall_id": self._recall_id} if self._recall_id else body

    def _failed(self, error: BaseException) -> None:
        self._client._warnings.tell(error)
        self.report.errors = [*self.report.errors, error][-_ERRORS_KEPT:]

    def _told(self) -> None:
        try:
            if self._options.on_report:
                self._options.on_report(self.report)
        except Exception:  # noqa: BLE001 - nobody is left to tell
            pass

    def _recalling(self, more: Mapping[str, Any]) -> Flow[Any]:
        try:
            found = yield lambda: self._client.recall(**self._about(more), options=self._patience())
            self._recall_id = found["recall_id"]
            return found
        except Exception as error:  # noqa: BLE001 - nothing here may reach the agent
            self._failed(error)
            return None

    def _hinting(self, more: Mapping[str, Any]) -> Flow[str | None]:
        about = {**self._about(more), "options": self._patience()}
        try:
            text: str = yield lambda: self._client.recall_text(**about)
            # In the last line, where no stored text is.
            named = _RECALL_ID.search(text.rstrip().rsplit("\n", 1)[-1])
            self._recall_id = named[1] if named else self._recall_id
            return text
        except Exception as error:  # noqa: BLE001 - nothing here may reach the agent
            self._failed(error)
            return None

    def _patience(self) -> RequestOptions:
        return RequestOptions(timeout=self._options.recall_within, retries=0)

    def _working(self) -> Flow[None]:
        """Starts the episode, sends steps until the end, and completes it."""
        try:
            started = yield lambda: self._client.start_episode(**self._start)
            self.report.episode_id = started["id"]
        except Exception as error:  # noqa: BLE001 - nothing here may reach the agent
            self._failed(error)
        while self._ended is None:
            yield self._wait
            yield from self._sending()
        yield from self._sending()
        yield from self._completing(self._ended[0])
        self._told()

    def _wait(self) -> Any:
        """Until steps are to be sent; an async recording's is awaited."""
        raise NotImplementedError

    def _sending(self) -> Flow[None]:
        while steps := self._take():
            try:
                if self.report.episode_id is None:
                    raise RuntimeError("the episode was not started")
                id_, body = self.report.episode_id, {"steps": steps}
                yield lambda: self._client.log_steps(id_, body)
                self.report.logged += len(steps)
            except Exception as error:  # noqa: BLE001 - nothing here may reach the agent
                self.report.dropped += len(steps)
                self._failed(error)

    def _completing(self, error: BaseException | None) -> Flow[None]:
        id_ = self.report.episode_id
        if id_ is None:
            return
        try:
            yield lambda: self._client.complete_episode(id_, **self._ending(error))
            self.report.completed = True
        except Exception as problem:  # noqa: BLE001 - nothing here may reach the agent
            self._failed(problem)


class Recording(BaseRecording):
    """A run that is recorded by a thread beside it: ``with memory.record("task") as run:``."""

    def __init__(
        self, client: MemoryClient, start: Mapping[str, Any], options: RecordOptions
    ) -> None:
        super().__init__(client, start, options)
        self._wanted = threading.Event()
        # A daemon: a program that ends does not wait longer than `finish_within`.
        work = functools.partial(run, self._working())
        self._thread = threading.Thread(target=work, name="memory-service", daemon=True)

    def __enter__(self) -> Recording:
        self._token = _current.set(self)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token:
            _current.reset(self._token)
        self._ended = (error,)
        self._wanted.set()
        self._thread.join(self._options.finish_within)

    def recall(self, **more: Any) -> Any:
        """What helps with this task; None when the memory does not answer in time."""
        return run(self._recalling(more))

    def hints(self, **more: Any) -> str | None:
        """The same in words, for the agent's prompt: ``hints(max_tokens=600)``."""
        return run(self._hinting(more))

    def _notice(self, full: bool) -> None:
        if full:
            self._wanted.set()

    def _wait(self) -> None:
        self._wanted.wait(self._options.flush_after)
        self._wanted.clear()


class AsyncRecording(BaseRecording):
    """A run that is recorded by a task beside it: ``async with memory.record("task") as run:``."""

    def __init__(
        self, client: AsyncMemoryClient, start: Mapping[str, Any], options: RecordOptions
    ) -> None:
        super().__init__(client, start, options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wanted: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> AsyncRecording:
        self._token = _current.set(self)
        self._loop = asyncio.get_running_loop()
        self._wanted = asyncio.Event()
        self._task = asyncio.create_task(arun(self._working()))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token:
            _current.reset(self._token)
        self._ended = (error,)
        if self._wanted and self._task:
            self._wanted.set()
            await asyncio.wait({self._task}, timeout=self._options.finish_within)

    async def recall(self, **more: Any) -> Any:
        """What helps with this task; None when the memory does not answer in time."""
        return await arun(self._recalling(more))

    async def hints(self, **more: Any) -> str | None:
        """The same in words, for the agent's prompt: ``hints(max_tokens=600)``."""
        return await arun(self._hinting(more))

    def _notice(self, full: bool) -> None:
        # A tool may run in a thread of its own.
        if full and self._loop and self._wanted:
            self._loop.call_soon_threadsafe(self._wanted.set)

    async def _wait(self) -> None:
        if self._wanted is None:
            return
        try:
            await asyncio.wait_for(self._wanted.wait(), self._options.flush_after)
        except asyncio.TimeoutError:
            pass
        self._wanted.clear()
