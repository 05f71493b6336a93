"""An agent's run as an episode.

The agent comes first: it never waits for the memory longer than its options say, and never fails
because of it.
"""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Mapping, TypeVar

from ._flows import Flow, arun, arun_within, run, run_within
from ._recording import BaseRecording, RecordOptions, current

if TYPE_CHECKING:
    from ._generated import Advice
    from .client import AsyncMemoryClient, MemoryClient

T = TypeVar("T")


class Recording(BaseRecording):
    """A run that is recorded by a thread beside it: ``with memory.record("task") as run:``."""

    def __init__(
        self, client: MemoryClient, start: Mapping[str, Any], options: RecordOptions
    ) -> None:
        super().__init__(client, start, options)
        self._wanted = threading.Event()
        self._news = threading.Condition()
        # A daemon: a program that ends does not wait longer than `finish_within`.
        work = functools.partial(run, self._working())
        self._thread = threading.Thread(target=work, name="memory-service", daemon=True)

    def __enter__(self) -> Recording:
        self._token = current.set(self)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token:
            current.reset(self._token)
        self._ended = (error,)
        self._wanted.set()
        self._thread.join(self._options.finish_within)

    def recall(self, **more: Any) -> Any:
        """What helps with this task; None when the memory does not answer in time."""
        return self._questions.noted(self._in_time(self._questions.recall(more)))

    def hints(self, **more: Any) -> str | None:
        """The same in words, for the agent's prompt: ``hints(max_tokens=600)``."""
        text: str | None = self._questions.noted(self._in_time(self._questions.hints(more)))
        return text

    def advise(self, **more: Any) -> Advice | None:
        """What to do next, after the steps so far.

        ``advise(next_tool="deploy")`` before a step that matters, ``advise()`` after one that
        failed. None when the memory does not answer in time, or the episode could not be started.
        """
        return self._in_time(self._questions.advise(more))

    def line(self, **more: Any) -> str | None:
        """The same in one line, for the model beside the tool's own answer.

        A way out of the error, or what speaks against ``next_tool``. None also when nothing stands
        out, which is usual. It is stored text: data, never instructions.
        """
        return self._in_time(self._questions.line(more))

    def _in_time(self, flow: Flow[T]) -> T | None:
        try:
            return run_within(flow, self._options.recall_within)
        except Exception as error:  # noqa: BLE001 - nothing here may reach the agent
            self._failed(error)
            return None

    def _until(self, is_so: Callable[[], bool], seconds: float) -> None:
        with self._news:
            self._news.wait_for(is_so, seconds)

    def _changed(self) -> None:
        with self._news:
            self._news.notify_all()

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
        self._news: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> AsyncRecording:
        self._token = current.set(self)
        self._loop = asyncio.get_running_loop()
        self._wanted = asyncio.Event()
        self._news = asyncio.Event()
        self._task = asyncio.create_task(arun(self._working()))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token:
            current.reset(self._token)
        self._ended = (error,)
        if self._wanted and self._task:
            self._wanted.set()
            await asyncio.wait({self._task}, timeout=self._options.finish_within)

    async def recall(self, **more: Any) -> Any:
        """As ``Recording.recall``."""
        return self._questions.noted(await self._in_time(self._questions.recall(more)))

    async def hints(self, **more: Any) -> str | None:
        """As ``Recording.hints``."""
        text: str | None = self._questions.noted(await self._in_time(self._questions.hints(more)))
        return text

    async def advise(self, **more: Any) -> Advice | None:
        """As ``Recording.advise``."""
        return await self._in_time(self._questions.advise(more))

    async def line(self, **more: Any) -> str | None:
        """As ``Recording.line``."""
        return await self._in_time(self._questions.line(more))

    async def _in_time(self, flow: Flow[T]) -> T | None:
        try:
            return await arun_within(flow, self._options.recall_within)
        except Exception as error:  # noqa: BLE001 - nothing here may reach the agent
            self._failed(error)
            return None

    async def _until(self, is_so: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._news and not is_so() and time.monotonic() < end:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), end - time.monotonic())
            except asyncio.TimeoutError:
                return

    def _changed(self) -> None:
        if self._news:
            self._news.set()

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
