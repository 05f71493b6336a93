"""The latest steps of a run as a question names them, for a memory that does not hold them yet.

What a step failed with is known without waiting. Bounded, so that no question is refused for them.
"""

from __future__ import annotations

from collections import deque
import json
from typing import Any, Mapping

# As many stay below a megabyte, which is what the service takes, whatever they hold.
STEPS_MAX = 40
MESSAGE_MAX = 2_000
# Characters of parameters as JSON, four bytes each at most; larger ones are left out.
PARAMETERS_MAX = 2_730


def recent_step(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step that fits."""
    said = step.get("result")
    result: Mapping[str, Any] = said if isinstance(said, Mapping) else {"type": "unknown"}
    recent: dict[str, Any] = {"tool": step["tool"], "result": result["type"]}
    message = result.get("message" if result["type"] == "error" else "output")
    if message is not None:
        recent["message"] = message[:MESSAGE_MAX]
    if "parameters" in step:
        if len(json.dumps(step["parameters"], ensure_ascii=False)) <= PARAMETERS_MAX:
            recent["parameters"] = step["parameters"]
    return recent


class RecentSteps:
    """Of one run. ``count``: how many there were."""

    def __init__(self) -> None:
        self.count = 0
        self._latest: deque[dict[str, Any]] = deque(maxlen=STEPS_MAX)

    def add(self, step: Mapping[str, Any]) -> None:
        self.count += 1
        self._latest.append(recent_step(step))

    def latest(self) -> list[dict[str, Any]]:
        """Oldest first, at most 40."""
        return list(self._latest)
