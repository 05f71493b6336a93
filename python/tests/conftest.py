"""The service that the tests use: MEMORY_URL and MEMORY_ADMIN_TOKEN say where it is."""

from __future__ import annotations

import os
from typing import Iterator
import uuid

import httpx
import pytest

from memory_service import AsyncMemoryClient, MemoryClient

URL = os.environ.get("MEMORY_URL")
TOKEN = os.environ.get("MEMORY_ADMIN_TOKEN")


@pytest.fixture(scope="session")
def url() -> str:
    if not URL or not TOKEN:
        pytest.skip("MEMORY_URL and MEMORY_ADMIN_TOKEN name no service")
    return URL


@pytest.fixture
def key(url: str) -> str:
    """A key of a namespace of its own."""
    namespace = f"python-{uuid.uuid4().hex[:12]}"
    answer = httpx.post(
        f"{url}/admin/keys",
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=60,
        json={"name": namespace, "scopes": ["read", "write"], "namespaces": [namespace]},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


@pytest.fixture
def memory(url: str, key: str) -> Iterator[MemoryClient]:
    with MemoryClient(url, key=key) as client:
        yield client


@pytest.fixture
def async_memory(url: str, key: str) -> AsyncMemoryClient:
    return AsyncMemoryClient(url, key=key)
