"""What recordings have in common, whether they wait or are awaited."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
import threading
import time
from typing import Any, Awaitable, Callable, Iterable, Mapping, TypeVar

from ._flows import Flow
from ._questions import Questions, Tie
from ._recent import RecentSteps
from ._steps import Step, error_text, fitting, now, text_of
from .messages import ToolCalls

T = TypeVar("T")

STEPS_MAX = 1_000
_REQUEST_STEPS_MAX = 100
_ERRORS_KEPT = 10


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
    #: How long a recall or advice may take, with what is sent before it; then there is none.
    recall_within: float = 2.0
    on_report: Callable[[RecordReport], None] | None = None


current: ContextVar[BaseRecording | None] = ContextVar("memory_service_recording", default=None)


def current_recording() -> BaseRecording | None:
    """The recording that runs here, or None."""
    return current.get()


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
        # Steps with a number that were sent, or given up.
        self._settled = 0
        self._is_started = False
        self._recent = RecentSteps()
        self._questions = Questions(client, start, options.recall_within, self._tying)
        self._lock = threading.Lock()
        self._outcome: dict[str, Any] | None = None
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
                self._recent.add(fit)
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

    def _ending(self, error: BaseException | None) -> dict[str, Any]:
        given = {"type": "failure", "reason": error_text(error)} if error else {"type": "success"}
        body = {"outcome": self._outcome or given}
        recall_id = self._questions.recall_id
        return {**body, "recall_id": recall_id} if recall_id else body

    def _failed(self, error: BaseException) -> None:
        self._client._warnings.tell(error)
        self.report.errors = [*self.report.errors, error][-_ERRORS_KEPT:]

    def _told(self) -> None:
        try:
            if self._options.on_report:
                self._options.on_report(self.report)
        except Exception:  # noqa: BLE001 - nobody is left to tell
            pass

    def _tying(self, seconds: float) -> Flow[Tie | None]:
        """Has the episode started and its steps sent, for as long; then says what is there."""
        waiting = self._number
        if self._settled < waiting:
            self._notice(True)

        def is_there() -> bool:
            return self._is_started and self._settled >= waiting

        yield lambda: self._until(is_there, seconds)
        id_ = self.report.episode_id
        if id_ is None:
            return None
        # Of a step that was given up the memory knows nothing: it would answer for another one.
        with self._lock:
            has_all = self.report.logged == self._recent.count
            return {"episode_id": id_, **({} if has_all else {"recent_steps": self._recent.latest()})}

    def _until(self, is_so: Callable[[], bool], seconds: float) -> Any:
        """Until something is so, or for as long; an async recording's is awaited."""
        raise NotImplementedError

    def _changed(self) -> None:
        """What somebody may wait for may be so now."""
        raise NotImplementedError

    def _working(self) -> Flow[None]:
        """Starts the episode, sends steps until the end, and completes it."""
        try:
            started = yield lambda: self._client.start_episode(**self._start)
            self.report.episode_id = started["id"]
        except Exception as error:  # noqa: BLE001 - nothing here may reach the agent
            self._failed(error)
        self._is_started = True
        self._changed()
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
            self._settled += len(steps)
            self._changed()

    def _completing(self, error: BaseException | None) -> Flow[None]:
        id_ = self.report.episode_id
        if id_ is None:
            return
        try:
            yield lambda: self._client.complete_episode(id_, **self._ending(error))
            self.report.completed = True
        except Exception as problem:  # noqa: BLE001 - nothing here may reach the agent
            self._failed(problem)
