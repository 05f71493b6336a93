"""The clients: a method for each operation, typed by the OpenAPI document."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, AsyncIterator, Callable, Iterable, Iterator, Mapping

import httpx

from ._generated import AsyncOperations, Operations
from ._recording import RecordOptions
from ._transport import AsyncTransport, RequestOptions, Settings, Transport, lines_of
from .errors import Warnings
from .record import AsyncRecording, Recording


class MemoryClient(Operations):
    """The client that waits. Give a request's own options as ``options=RequestOptions(...)``.

    ``key`` may be a function that is asked each time. ``http`` is a client of yours, with your
    proxies and certificates; it is not closed.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | Callable[[], str] | None = None,
        namespace: str | None = None,
        timeout: float = 30.0,
        retries: int = 3,
        http: httpx.Client | None = None,
    ) -> None:
        settings = Settings(url, key, namespace, timeout, retries)
        self._transport = Transport(settings, http)
        self._warnings = Warnings(url)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        options: RequestOptions | None = None,
    ) -> Any:
        """Any request, for a route that this version does not know."""
        return self._transport.call(method, path, {}, query or {}, body, options)

    def record(
        self, task: str, *, options: RecordOptions | None = None, **start: Any
    ) -> Recording:
        """Records what an agent does as an episode: ``with memory.record("task") as run:``.

        ``start`` has further fields of the episode, such as ``context`` and ``task_type``. The
        memory never makes the agent fail: what it cannot take is counted in ``run.report``.
        """
        return Recording(self, {"task": task, **start}, options or RecordOptions())

    def import_episodes(
        self,
        source: str | bytes | Iterable[Mapping[str, Any]],
        *,
        options: RequestOptions | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Takes in past runs, a JSON line each, and yields an answer for each line."""
        transport = self._transport
        request = transport.build("POST", "/v1/import", {}, None, options, lines_of(source))
        response = transport.send(request, stream=True)
        try:
            for line in response.iter_lines():
                if line.strip():
                    yield json.loads(line)
        finally:
            response.close()

    def export_episodes(self, *, options: RequestOptions | None = None) -> Iterator[dict[str, Any]]:
        """The namespace, line by line. An export that ends without an error is whole."""
        transport = self._transport
        response = transport.send(
            transport.build("GET", "/v1/export", {}, None, options), stream=True
        )
        try:
            for line in response.iter_lines():
                if line.strip():
                    yield json.loads(line)
        finally:
            response.close()

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> MemoryClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncMemoryClient(AsyncOperations):
    """The same, for ``async``."""

    def __init__(
        self,
        url: str,
        *,
        key: str | Callable[[], str] | None = None,
        namespace: str | None = None,
        timeout: float = 30.0,
        retries: int = 3,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        settings = Settings(url, key, namespace, timeout, retries)
        self._transport = AsyncTransport(settings, http)
        self._warnings = Warnings(url)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        options: RequestOptions | None = None,
    ) -> Any:
        """Any request, for a route that this version does not know."""
        return await self._transport.call(method, path, {}, query or {}, body, options)

    def record(
        self, task: str, *, options: RecordOptions | None = None, **start: Any
    ) -> AsyncRecording:
        """As ``MemoryClient.record``: ``async with memory.record("task") as run:``."""
        return AsyncRecording(self, {"task": task, **start}, options or RecordOptions())

    async def import_episodes(
        self,
        source: str | bytes | Iterable[Mapping[str, Any]],
        *,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[dict[str, Any]]:
        """Takes in past runs, a JSON line each, and yields an answer for each line."""
        content = lines_of(source)
        if not isinstance(content, bytes):
            content = b"".join(content)
        transport = self._transport
        request = transport.build("POST", "/v1/import", {}, None, options, content)
        response = await transport.send(request, stream=True)
        try:
            async for line in response.aiter_lines():
                if line.strip():
                    yield json.loads(line)
        finally:
            await response.aclose()

    async def export_episodes(
        self, *, options: RequestOptions | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """The namespace, line by line. An export that ends without an error is whole."""
        transport = self._transport
        request = transport.build("GET", "/v1/export", {}, None, options)
        response = await transport.send(request, stream=True)
        try:
            async for line in response.aiter_lines():
                if line.strip():
                    yield json.loads(line)
        finally:
            await response.aclose()

    async def close(self) -> None:
        await self._transport.close()

    async def __aenter__(self) -> AsyncMemoryClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
