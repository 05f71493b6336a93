"""What a run that is recorded asks the memory: about its task, and tied to its episode.

By that its steps so far are known there, and a hold-out gives one lot to all that the run is told.
A question waits for its episode and its steps for half of its time at most. What is not there by
then goes along: the latest steps with the question.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable, Mapping

from ._flows import Flow
from ._transport import RequestOptions

if TYPE_CHECKING:
    from .client import AsyncMemoryClient, MemoryClient

# In the last line of words, where no stored text is.
_RECALL_ID = re.compile(r"recall_id: ([\w.:-]+)")
# What of an episode's context a question is told.
_CONTEXT = ("domain", "language", "framework", "complexity", "tags")

#: The running episode, and its latest steps where the memory lacks some; None: it is not started.
Tie = Mapping[str, Any]


class Questions:
    """Flows; they raise what a request raises.

    ``recall_id`` is of the last recall that was answered, which the run's outcome judges. Advice is
    none of them: it is asked for where a run is in trouble, so that the run's outcome would be held
    against it. Its own forecast is held against what happened, by its episode.
    """

    def __init__(
        self,
        client: MemoryClient | AsyncMemoryClient,
        start: Mapping[str, Any],
        within: float,
        tying: Callable[[float], Flow[Tie | None]],
    ) -> None:
        self.recall_id: str | None = None
        self._client: Any = client
        self._start = start
        self._within = within
        self._tying = tying

    def recall(self, more: Mapping[str, Any]) -> Flow[Any]:
        asked = yield from self._asked(more)
        return (yield lambda: self._client.recall(**asked))

    def hints(self, more: Mapping[str, Any]) -> Flow[str]:
        asked = yield from self._asked(more)
        text: str = yield lambda: self._client.recall_text(**asked)
        return text

    def advise(self, more: Mapping[str, Any]) -> Flow[Any]:
        """None when the episode is not started."""
        asked = yield from self._asked(more)
        if asked.get("episode_id") is None:
            return None
        return (yield lambda: self._client.advise(**asked))

    def line(self, more: Mapping[str, Any]) -> Flow[str | None]:
        advice = yield from self.advise({**more, "only_line": True})
        return None if advice is None else advice["line"]

    def noted(self, answer: Any) -> Any:
        """The answer of a recall, or its words, in time: its id is remembered."""
        if isinstance(answer, Mapping):
            self.recall_id = answer.get("recall_id", self.recall_id)
        elif isinstance(answer, str):
            named = _RECALL_ID.search(answer.rstrip().rsplit("\n", 1)[-1])
            self.recall_id = named[1] if named else self.recall_id
        return answer

    def _asked(self, more: Mapping[str, Any]) -> Flow[dict[str, Any]]:
        tie: Tie | None = None
        if more.get("episode_id") is None:
            tie = yield from self._tying(self._within / 2)
        context = self._start.get("context") or {}
        known = {name: context[name] for name in _CONTEXT if context.get(name) is not None}
        options = RequestOptions(timeout=self._within, retries=0)
        about = {"task": self._start["task"], "context": known, "options": options}
        return {**about, **(tie or {}), **more}
