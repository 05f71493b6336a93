"""Client of memory-service, a self-learning episodic memory for AI agents.

>>> memory = MemoryClient("http://127.0.0.1:8787", key=key)
>>> with memory.record("Cancel a flight") as run:
...     hints = run.recall()
...     run.tool("cancel_reservation", {"id": "4WQ150"}, lambda: cancel("4WQ150"))
"""

from ._recording import RecordOptions, RecordReport, current_recording
from ._transport import RequestOptions
from .client import AsyncMemoryClient, MemoryClient
from .errors import MemoryServiceError
from .messages import steps_of
from .record import AsyncRecording, Recording
from .tools import tool, wrap_anthropic, wrap_openai

__all__ = [
    "AsyncMemoryClient",
    "AsyncRecording",
    "MemoryClient",
    "MemoryServiceError",
    "RecordOptions",
    "RecordReport",
    "Recording",
    "RequestOptions",
    "current_recording",
    "steps_of",
    "tool",
    "wrap_anthropic",
    "wrap_openai",
]
