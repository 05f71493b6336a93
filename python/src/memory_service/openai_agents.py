"""OpenAI Agents SDK: hooks that log tools. Needs ``openai-agents``.

>>> async with memory.record("task") as run:
...     await Runner.run(agent, "task", hooks=RecordingHooks(run))
"""

from __future__ import annotations

import json
import time
from typing import Any

from agents import RunHooks

from ._recording import BaseRecording, current_recording
from ._steps import now, text_of

# What the SDK answers for a tool that raised, unless the tool says otherwise.
_FAILED = "An error occurred while running the tool"


class RecordingHooks(RunHooks[Any]):
    """Logs each tool's call with its result. Without a recording: of the one that runs then."""

    def __init__(self, recording: BaseRecording | None = None) -> None:
        self._recording = recording
        self._begun: dict[str, tuple[str, float]] = {}

    async def on_tool_start(self, context: Any, agent: Any, tool: Any) -> None:
        self._begun[_call_id(context)] = (now(), time.perf_counter())

    async def on_tool_end(self, context: Any, agent: Any, tool: Any, result: Any) -> None:
        run = self._recording or current_recording()
        at, begun = self._begun.pop(_call_id(context), (now(), time.perf_counter()))
        if run is None:
            return
        text = text_of(result)
        failed = text.startswith(_FAILED)
        run.log(
            str(getattr(tool, "name", "unknown")),
            _parsed(getattr(context, "tool_arguments", None)),
            at=at,
            latency_ms=(time.perf_counter() - begun) * 1_000,
            result={"type": "error", "message": text}
            if failed
            else {"type": "success", "output": text},
        )


def _call_id(context: Any) -> str:
    return str(getattr(context, "tool_call_id", ""))


def _parsed(arguments: Any) -> Any:
    try:
        return json.loads(arguments) if arguments else {}
    except ValueError:
        return {"arguments": arguments}
