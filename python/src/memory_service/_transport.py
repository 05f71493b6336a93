"""Sends one request, and repeats it as long as its errors pass by themselves.

What is repeated counts once: a POST carries an idempotency key.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
import functools
import random
import time
from typing import Any, Callable, Iterable, Mapping
from urllib.parse import quote
import uuid

import httpx

from ._flows import Flow, arun, run
from .errors import MemoryServiceError, error_of, public_url


class _Unset:
    """What was not given, where ``None`` says something."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Any = _Unset()

_RETRY_BASE_S = 0.2
_RETRY_MAX_S = 5.0
# Codes that pass by themselves. What else has a 5xx is a bug, and repeating it helps nobody.
_PASSING = frozenset(
    {"network", "timeout", "idempotency_in_flight", "rate_limited", "overloaded", "not_ready"}
)


@dataclass(frozen=True)
class RequestOptions:
    """Of one call. ``timeout`` in seconds, of one try; ``retries``: tries after the first."""

    timeout: float | None = None
    retries: int | None = None
    namespace: str | None = None
    #: Its own when not given: a POST that is repeated counts once.
    idempotency_key: str | None = None
    #: Waits until the write is in the database (``Prefer: wait=stored``).
    wait_stored: bool = False
    #: The version that the resource must still have.
    if_match: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Where the service is and how it is asked. Times are in seconds."""

    url: str
    # Never in a traceback that shows what was at hand.
    key: str | Callable[[], str] | None = field(default=None, repr=False)
    namespace: str | None = None
    timeout: float = 30.0
    retries: int = 3
    #: The longest wait that is sat out; when the service asks for more, the error is raised.
    retry_wait_max: float = 30.0


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    params: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    json: Any
    content: Any
    timeout: float
    retries: int
    #: A body that is a stream is gone once it was sent.
    repeatable: bool


class _Base:
    _http: Any

    def __init__(self, settings: Settings) -> None:
        if not settings.url.startswith(("http://", "https://")):
            raise ValueError(f"url must begin with http:// or https://, and is {settings.url!r}")
        self.settings = replace(settings, url=settings.url.rstrip("/"))

    def build(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Any,
        options: RequestOptions | None,
        content: Any = None,
    ) -> _Request:
        options = options or RequestOptions()
        settings = self.settings
        headers = dict(options.headers)
        key = settings.key() if callable(settings.key) else settings.key
        if key:
            headers["Authorization"] = f"Bearer {key}"
        namespace = options.namespace or settings.namespace
        if namespace is not None:
            headers["X-Memory-Namespace"] = namespace
        if method == "POST" and content is None:
            headers["Idempotency-Key"] = options.idempotency_key or str(uuid.uuid4())
        if options.wait_stored:
            headers["Prefer"] = "wait=stored"
        if options.if_match is not None:
            headers["If-Match"] = f'"{options.if_match}"'
        if content is not None:
            headers["Content-Type"] = "application/x-ndjson"
        return _Request(
            method=method,
            url=settings.url + path,
            params={name: _text(value) for name, value in _given(query).items() if value is not None},
            headers=headers,
            json=_given(body) if isinstance(body, Mapping) else body,
            content=content,
            timeout=options.timeout if options.timeout is not None else settings.timeout,
            retries=options.retries if options.retries is not None else settings.retries,
            repeatable=content is None or isinstance(content, (str, bytes)),
        )

    def wait_before(self, request: _Request, error: MemoryServiceError) -> float | None:
        """Seconds until the next try; None: there is none, and the error is raised."""
        attempt = error.attempts
        if not request.repeatable or attempt > request.retries or not _passes(error):
            return None
        # Exponential with full jitter.
        backoff = random.random() * min(_RETRY_MAX_S, _RETRY_BASE_S * 2 ** (attempt - 1))
        wait = backoff if error.retry_after is None else error.retry_after
        return None if wait > self.settings.retry_wait_max else wait

    def unanswered(self, error: httpx.HTTPError, request: _Request, attempt: int) -> MemoryServiceError:
        is_timeout = isinstance(error, httpx.TimeoutException)
        host = public_url(self.settings.url)
        return MemoryServiceError(
            f"{host} did not answer within {request.timeout} s."
            if is_timeout
            else f"{host} cannot be reached: {error or type(error).__name__}",
            code="timeout" if is_timeout else "network",
            attempts=attempt,
        )

    def sending(self, request: _Request, stream: bool) -> Flow[httpx.Response]:
        attempt = 0
        while True:
            attempt += 1
            try:
                built = self._http.build_request(**_arguments(request))
                response: httpx.Response = yield lambda: self._http.send(built, stream=stream)
                if response.status_code < 400:
                    return response
                yield lambda: self._read(response)
                error = error_of(response, attempt)
            except httpx.HTTPError as cause:
                error = self.unanswered(cause, request, attempt)
                error.__cause__ = cause
            if _is_gone(request, error):
                return httpx.Response(204)
            wait = self.wait_before(request, error)
            if wait is None:
                raise error
            yield functools.partial(self._sleep, wait)

    def _read(self, response: httpx.Response) -> Any:
        """The whole of it."""
        raise NotImplementedError

    def _sleep(self, seconds: float) -> Any:
        raise NotImplementedError


class Transport(_Base):
    """Requests that are waited for."""

    def __init__(self, settings: Settings, http: httpx.Client | None = None) -> None:
        super().__init__(settings)
        self._own = http is None
        self._http = http or httpx.Client()

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        query: Mapping[str, Any],
        body: Any,
        options: RequestOptions | None = None,
    ) -> Any:
        """JSON in, JSON out; text where the answer is not JSON. Raises ``MemoryServiceError``."""
        request = self.build(method, _filled(path, params), query, body, options)
        return _read(self.send(request))

    def send(self, request: _Request, stream: bool = False) -> httpx.Response:
        """The answer, of a status below 400."""
        return run(self.sending(request, stream))

    def _read(self, response: httpx.Response) -> Any:
        return response.read()

    def _sleep(self, seconds: float) -> Any:
        time.sleep(seconds)

    def close(self) -> None:
        if self._own:
            self._http.close()


class AsyncTransport(_Base):
    """Requests that are awaited."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient | None = None) -> None:
        super().__init__(settings)
        self._own = http is None
        self._http = http or httpx.AsyncClient()

    async def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        query: Mapping[str, Any],
        body: Any,
        options: RequestOptions | None = None,
    ) -> Any:
        """JSON in, JSON out; text where the answer is not JSON. Raises ``MemoryServiceError``."""
        request = self.build(method, _filled(path, params), query, body, options)
        return _read(await self.send(request))

    async def send(self, request: _Request, stream: bool = False) -> httpx.Response:
        """The answer, of a status below 400."""
        return await arun(self.sending(request, stream))

    def _read(self, response: httpx.Response) -> Any:
        return response.aread()

    def _sleep(self, seconds: float) -> Any:
        return asyncio.sleep(seconds)

    async def close(self) -> None:
        if self._own:
            await self._http.aclose()


def lines_of(source: str | bytes | Iterable[Mapping[str, Any]]) -> Any:
    """The lines of an import as a request's body; items become text as they are asked for."""
    if isinstance(source, str):
        return source.encode()
    if isinstance(source, bytes):
        return source
    return _encoded(source)


def _encoded(items: Iterable[Mapping[str, Any]]) -> Iterable[bytes]:
    import json

    for item in items:
        yield json.dumps(item, ensure_ascii=False).encode() + b"\n"


def _passes(error: MemoryServiceError) -> bool:
    return error.code in _PASSING or error.status in (429, 502, 503, 504)


def _is_gone(request: _Request, error: MemoryServiceError) -> bool:
    """It was deleted by the try whose answer was lost."""
    return request.method == "DELETE" and error.status == 404 and error.attempts > 1


def _arguments(request: _Request) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "params": request.params,
        "headers": request.headers,
        "timeout": request.timeout,
    }
    if request.content is not None:
        arguments["content"] = request.content
    elif request.json is not None:
        arguments["json"] = request.json
    return arguments


def _filled(path: str, params: Mapping[str, str]) -> str:
    for name, value in params.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    return path


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not UNSET}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(response: httpx.Response) -> Any:
    if not response.content:
        return None
    is_json = "json" in response.headers.get("Content-Type", "")
    return response.json() if is_json else response.text
