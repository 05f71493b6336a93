"""LangGraph: a store in the memory. Needs ``langgraph``.

>>> graph = builder.compile(store=MemoryStore(memory))

What agents put there are facts, which recall shows to others: a fact's domain is the item's
namespace, joined by ``/``. A namespace of the memory has 1,000 facts of 1,000 characters at most;
what is too large is refused, as ``MemoryServiceError``. A search with a query finds by words, the
best first; without one the newest come first.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
import json
from typing import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence

from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    MatchCondition,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
    validate_op_namespace,
)

from .client import MemoryClient

# Where an item is stands in the fact's source, which is never changed.
_MARK = "langgraph:"
_PAGE = 100


class _Place(NamedTuple):
    namespace: tuple[str, ...]
    key: str
    #: The field of the value that the fact says; empty: all of it, as JSON.
    field: str


class MemoryStore(BaseStore):
    """Keeps items as facts. An async graph may use it too: it then asks in a thread."""

    def __init__(self, client: MemoryClient) -> None:
        self._client = client

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        return [self._run(op) for op in ops]

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        return await asyncio.to_thread(self.batch, list(ops))

    def _run(self, op: Op) -> Result:
        validate_op_namespace(op)
        if isinstance(op, GetOp):
            found = next(iter(self._at(op.namespace, op.key, "active")), None)
            return None if found is None else Item(**_item(*found))
        if isinstance(op, SearchOp):
            return self._search(op)
        if isinstance(op, ListNamespacesOp):
            return self._namespaces(op)
        self._put(op)
        return None

    def _put(self, op: PutOp) -> None:
        found = self._at(op.namespace, op.key, "all")
        fact = None if op.value is None else _fact(op.namespace, op.key, op.value)
        kept = None
        for lesson, _ in found:
            if kept is None and fact is not None and lesson["source"] == fact["source"]:
                kept = lesson
            else:
                self._client.delete_lesson(lesson["id"])
        if fact is None:
            return
        if kept is None:
            self._add("/".join(op.namespace), fact, op.key)
        elif kept["text"] != fact["text"]:
            self._client.amend_lesson(kept["id"], text=fact["text"])

    def _add(self, domain: str, fact: dict[str, str], key: str) -> None:
        """A fact that says what another item says would be that one: it gets a domain of its own."""
        for own in (domain, f"{domain}#{key}"):
            about: Any = {"domain": own}
            text, source = fact["text"], fact["source"]
            added = self._client.add_lesson(text=text, kind="fact", applies_to=about, source=source)
            if added["source"] == fact["source"]:
                return

    def _search(self, op: SearchOp) -> list[SearchItem]:
        prefix, query = op.namespace_prefix, (op.query or "").strip()
        items = [
            SearchItem(**_item(lesson, place))
            for lesson, place in self._all("active", query)
            if place.namespace[: len(prefix)] == prefix
        ]
        if not query:
            items.sort(key=lambda item: item.updated_at, reverse=True)
        wanted = [item for item in items if _fits(item.value, op.filter or {})]
        return wanted[op.offset : op.offset + op.limit]

    def _namespaces(self, op: ListNamespacesOp) -> list[tuple[str, ...]]:
        conditions = op.match_conditions or ()
        found = {
            place.namespace[: op.max_depth]
            for _, place in self._all("active", "")
            if all(_matches(place.namespace, condition) for condition in conditions)
        }
        return sorted(found)[op.offset : op.offset + op.limit]

    def _at(self, namespace: tuple[str, ...], key: str, state: str) -> list[tuple[Any, _Place]]:
        wanted = (tuple(namespace), key)
        return [one for one in self._all(state, "") if (one[1].namespace, one[1].key) == wanted]

    def _all(self, state: str, query: str) -> Iterator[tuple[Any, _Place]]:
        """Facts that are items, those that a query fits best first."""
        asked: dict[str, Any] = {"kind": "fact", "state": state, "limit": _PAGE}
        if query:
            asked["q"] = query
        while True:
            page = self._client.list_lessons(**asked)
            for lesson in page["lessons"]:
                place = _place(lesson["source"])
                if place is not None:
                    yield lesson, place
            if page["next_cursor"] is None:
                return
            asked["cursor"] = page["next_cursor"]


def _fact(namespace: Sequence[str], key: str, value: Mapping[str, Any]) -> dict[str, str]:
    """A value that is one text is said in its own words, as those who read the memory want it."""
    field, text = next(iter(value.items())) if len(value) == 1 else ("", "")
    if not isinstance(text, str) or not text.strip():
        field, text = "", json.dumps(value, ensure_ascii=False)
    source = json.dumps([field, key, *namespace], ensure_ascii=False, separators=(",", ":"))
    return {"text": text, "source": _MARK + source}


def _place(source: str) -> _Place | None:
    if not source.startswith(_MARK):
        return None
    try:
        field, key, *namespace = json.loads(source[len(_MARK) :])
    except (TypeError, ValueError):
        return None
    return _Place(tuple(namespace), key, field)


def _item(lesson: Any, place: _Place) -> dict[str, Any]:
    """What a person edited in a fact is there in the value."""
    value: Any = {place.field or "text": lesson["text"]}
    if not place.field:
        try:
            whole = json.loads(lesson["text"])
            value = whole if isinstance(whole, dict) else value
        except ValueError:
            pass
    return {
        "namespace": place.namespace,
        "key": place.key,
        "value": value,
        "created_at": _time(lesson["created_at"]),
        "updated_at": _time(lesson["updated_at"]),
    }


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _matches(namespace: tuple[str, ...], condition: MatchCondition) -> bool:
    path = condition.path
    if len(namespace) < len(path):
        return False
    start = 0 if condition.match_type == "prefix" else len(namespace) - len(path)
    return all(wanted in ("*", label) for label, wanted in zip(namespace[start:], path))


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, other: bool(value == other),
    "$ne": lambda value, other: bool(value != other),
    "$gt": lambda value, other: float(value) > float(other),
    "$gte": lambda value, other: float(value) >= float(other),
    "$lt": lambda value, other: float(value) < float(other),
    "$lte": lambda value, other: float(value) <= float(other),
}


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        if any(key.startswith("$") for key in wanted):
            return all(_compares(value, key, other) for key, other in wanted.items())
        return isinstance(value, Mapping) and all(
            _fits(value.get(key), other) for key, other in wanted.items()
        )
    if isinstance(wanted, (list, tuple)):
        is_list = isinstance(value, (list, tuple)) and len(value) == len(wanted)
        return is_list and all(_fits(one, other) for one, other in zip(value, wanted))
    return bool(value == wanted)


def _compares(value: Any, operator: str, other: Any) -> bool:
    if operator not in _OPERATORS:
        raise ValueError(f"A filter has no operator {operator}.")
    try:
        return _OPERATORS[operator](value, other)
    except (TypeError, ValueError):
        # What is not there, or no number, is neither more nor less.
        return False
