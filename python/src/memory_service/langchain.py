"""LangChain and LangGraph: a callback that logs tools. Needs ``langchain-core``.

>>> with memory.record("task") as run:
...     graph.invoke(inputs, config={"callbacks": [RecordingCallback(run)]})
"""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler

from ._recording import BaseRecording, current_recording
from ._steps import error_text, now, text_of


class RecordingCallback(BaseCallbackHandler):
    """Logs each tool's call with its result. Without a recording: of the one that runs then."""

    # In the agent's own thread, so that the order of steps is that of the calls.
    run_inline = True

    def __init__(self, recording: BaseRecording | None = None) -> None:
        self._recording = recording
        self._calls: dict[UUID, tuple[str, Any, str, float]] = {}

    def on_tool_start(
        self, serialized: dict[str, Any], input_str: str, *, run_id: UUID, **kwargs: Any
    ) -> None:
        name = (serialized or {}).get("name") or kwargs.get("name") or "unknown"
        given = kwargs.get("inputs")
        parameters = given if given is not None else {"input": input_str}
        self._calls[run_id] = (name, parameters, now(), time.perf_counter())

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        # A ToolMessage says itself whether the tool failed.
        content = getattr(output, "content", output)
        failed = getattr(output, "status", None) == "error"
        text = text_of(content)
        self._end(
            run_id,
            {"type": "error", "message": text} if failed else {"type": "success", "output": text},
        )

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        is_timeout = isinstance(error, TimeoutError)
        told = {"type": "error", "message": error_text(error)}
        self._end(run_id, {"type": "timeout"} if is_timeout else told)

    def _end(self, run_id: UUID, result: dict[str, Any]) -> None:
        call = self._calls.pop(run_id, None)
        run = self._recording or current_recording()
        if call is None or run is None:
            return
        name, parameters, at, begun = call
        latency_ms = (time.perf_counter() - begun) * 1_000
        run.log(name, parameters, at=at, latency_ms=latency_ms, result=result)
