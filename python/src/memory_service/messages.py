"""Tool calls in the messages of OpenAI (chat completions, responses) and Anthropic, as steps.

It reads the shapes of their messages, as dicts or as objects of their packages; neither package is
imported.
"""

from __future__ import annotations

from collections import Counter, deque
import json
import re
from typing import Any, Iterable, Mapping

from ._steps import Step, plain, text_of

# Characters of what the agent said beside a call, which tell what the call was for.
_ACTION_MAX = 1_000
_CALLS_MAX = 1_000
# Tools report errors as text: "Error: ...", or JSON with an "error".
_FAILED = re.compile(r'\s*(error\b|\{\s*"error"\s*:\s*(?!null|false))', re.IGNORECASE)


def steps_of(messages: Iterable[Any]) -> list[Step]:
    """The steps of a conversation: a call whose answer is not there yet is left out."""
    return ToolCalls().read(messages)


class ToolCalls:
    """Pairs calls with their results, by occurrence: an id that recurs is another call.

    Several conversations may be read by turns, such as those of an agent and its sub-agents.
    """

    def __init__(self) -> None:
        # How often a call with its result was seen in one conversation at most.
        self._seen: Counter[str] = Counter()
        self._open: dict[str, deque[Step]] = {}

    def read(self, messages: Iterable[Any]) -> list[Step]:
        """The steps that were not read before: give the whole conversation again as it grows."""
        self._open = {}
        here: Counter[str] = Counter()
        new: list[Step] = []
        for message in messages:
            for id_, step in self._message(_dict(message)):
                call = json.dumps([id_, step], ensure_ascii=False, sort_keys=True)
                here[call] += 1
                if here[call] > self._seen[call]:
                    self._seen[call] = here[call]
                    new.append(step)
        return new

    def _message(self, message: Mapping[str, Any]) -> Iterable[tuple[str, Step]]:
        content = message.get("content")
        role, kind = message.get("role"), message.get("type")
        action = _text(content)[:_ACTION_MAX] if role == "assistant" else ""
        for call in _dicts(message.get("tool_calls")):
            called = _dict(call.get("function"))
            self._call(call.get("id"), called.get("name"), called.get("arguments"), action)
        if kind == "function_call":
            self._call(
                message.get("call_id"), message.get("name"), message.get("arguments"), ""
            )
        if role == "tool":
            yield from self._result(message.get("tool_call_id"), content, None)
        if kind == "function_call_output":
            yield from self._result(message.get("call_id"), message.get("output"), None)
        for block in _dicts(content):
            if block.get("type") == "tool_use":
                self._call(block.get("id"), block.get("name"), block.get("input"), action)
            if block.get("type") == "tool_result":
                failed = block.get("is_error")
                yield from self._result(block.get("tool_use_id"), block.get("content"), failed)

    def _call(self, id_: Any, tool: Any, arguments: Any, action: str) -> None:
        step: Step = {"tool": str(tool or "unknown"), "parameters": _parsed(arguments)}
        if action:
            step["action"] = action
        self._open.setdefault(str(id_), deque()).append(step)

    def _result(self, id_: Any, content: Any, failed: Any) -> Iterable[tuple[str, Step]]:
        waiting = self._open.get(str(id_))
        if not waiting:
            return
        step = waiting.popleft()
        if not waiting:
            del self._open[str(id_)]
        text = _text(content)
        # Where the format says whether it failed, its word counts.
        is_error = failed is True or (failed is None and _FAILED.match(text) is not None)
        step["result"] = (
            {"type": "error", "message": text} if is_error else {"type": "success", "output": text}
        )
        yield str(id_), step


class ResponseCalls:
    """Calls of responses that OpenAI keeps: an agent that goes on from one sends only answers.

    The last 1,000 calls are known. Nothing here raises.
    """

    def __init__(self) -> None:
        self._calls: dict[str, Mapping[str, Any]] = {}

    def remember(self, response: Any) -> None:
        try:
            for item in _dicts(getattr(response, "output", None)):
                if item.get("type") == "function_call":
                    self._calls[str(item.get("call_id"))] = item
            while len(self._calls) > _CALLS_MAX:
                del self._calls[next(iter(self._calls))]
        except Exception:  # noqa: BLE001 - whatever was answered is the agent's
            pass

    def completed(self, items: Iterable[Any]) -> list[Any]:
        """What is sent, with the calls that it answers and that are not in it."""
        given = list(items)
        try:
            read = [_dict(item) for item in given]
            said = {item.get("call_id") for item in read if item.get("type") == "function_call"}
            whole: list[Any] = []
            for item in read:
                id_ = item.get("call_id")
                if id_ not in said and str(id_) in self._calls:
                    whole.append(self._calls[str(id_)])
                whole.append(item)
            return whole
        except Exception:  # noqa: BLE001 - whatever is sent is the agent's
            return given


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, (list, tuple)):
        return text_of(content)
    texts = [block.get("text") for block in _dicts(content)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return plain(value if value is not None else {})
    try:
        return json.loads(value)
    except ValueError:
        return {"arguments": value}


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, (list, tuple)):
        return []
    return [_dict(item) for item in value if not isinstance(item, str)]


def _dict(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    dump = getattr(value, "model_dump", None)
    dumped = dump() if callable(dump) else {}
    return dumped if isinstance(dumped, Mapping) else {}
