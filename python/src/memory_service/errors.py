"""How a request fails."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
import logging
import time
from typing import Any

import httpx

_log = logging.getLogger("memory_service")


class MemoryServiceError(Exception):
    """What the service said, or that it said nothing.

    ``code`` is the stable code of the problem ("validation_failed", "maintenance", ...);
    "network" and "timeout" when there was no answer; "unexpected" when the answer was not the
    service's. ``status`` is the HTTP status, 0 without an answer. ``errors`` names the fields at
    fault. ``retry_after`` is in seconds, None when the service did not say. ``attempts`` is how
    often it was tried.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int = 0,
        request_id: str | None = None,
        errors: list[dict[str, Any]] | None = None,
        retry_after: float | None = None,
        attempts: int = 1,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.request_id = request_id
        self.errors = errors or []
        self.retry_after = retry_after
        self.attempts = attempts


class Warnings:
    """Runs are recorded beside the agent, where nobody sees an error.

    That a key is refused, or that nothing answers at the address, is logged, each once, as a
    warning, because neither may pass by itself.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._warned: set[str] = set()

    def tell(self, error: BaseException) -> None:
        if not isinstance(error, MemoryServiceError):
            return
        if error.status in (401, 403):
            url = public_url(self._url)
            self._once("key", f"{url} refuses the key ({error.status} {error.code}: {error})")
        elif error.code == "network":
            self._once("network", f"{error}.")

    def _once(self, kind: str, said: str) -> None:
        if kind in self._warned:
            return
        self._warned.add(kind)
        _log.warning("%s Runs are not recorded.", said)


def public_url(url: str) -> str:
    """As it may be shown: without a name and a password in it."""
    return str(httpx.URL(url).copy_with(userinfo=b""))


def error_of(response: httpx.Response, attempts: int) -> MemoryServiceError:
    """Reads a problem (RFC 9457) from an answer that is no success, and that was read whole."""
    try:
        body = response.json()
    except ValueError:
        # Something between us and the service answered.
        body = None
    said: dict[str, Any] = body if isinstance(body, dict) else {}
    is_problem = isinstance(said.get("code"), str)
    errors = said.get("errors")
    return MemoryServiceError(
        str(said.get("detail")) if is_problem else f"{response.status_code} {response.text[:200]}",
        code=said["code"] if is_problem else "unexpected",
        status=response.status_code,
        request_id=said.get("request_id") or response.headers.get("X-Request-Id"),
        errors=errors if isinstance(errors, list) else None,
        retry_after=_retry_after(response.headers.get("Retry-After")),
        attempts=attempts,
    )


def _retry_after(header: str | None) -> float | None:
    """``Retry-After`` in seconds: a number, or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if header.isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
