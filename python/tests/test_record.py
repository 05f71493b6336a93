from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Iterator

import pytest

from memory_service import (
    AsyncMemoryClient,
    MemoryClient,
    RecordOptions,
    RecordReport,
    current_recording,
    steps_of,
    tool,
)
from memory_service.messages import ToolCalls


@tool
def look_up(order: str, *, deep: bool = False) -> dict[str, Any]:
    return {"order": order, "deep": deep}


@tool(name="refund")
async def pay_back(order: str) -> str:
    raise ValueError(f"{order} was refunded before")


@tool
def numbers(count: int) -> Iterator[int]:
    yield from range(count)


@tool
async def letters() -> AsyncIterator[str]:
    yield "a"
    raise RuntimeError("no more")


def test_a_run_is_an_episode_with_its_steps(memory: MemoryClient) -> None:
    with memory.record("refund order 7", context={"domain": "shop"}) as run:
        assert run.recall()["episodes"] == []
        assert look_up("7", deep=True) == {"order": "7", "deep": True}
        assert list(numbers(3)) == [0, 1, 2]
        assert run.tool("pay", {"order": "7"}, lambda: "paid") == "paid"
        run.log("note", {"text": "x" * 100_000})
        run.outcome("success", verdict="refunded")
    report = run.report
    assert report.completed and not report.errors
    assert (report.logged, report.dropped, report.cut) == (4, 0, 1)
    assert report.episode_id
    episode = memory.get_episode(report.episode_id)
    assert episode["status"] == "completed"
    assert episode["outcome"] and episode["outcome"]["type"] == "success"
    steps = episode["steps"]
    assert [step["tool"] for step in steps] == ["look_up", "numbers", "pay", "note"]
    assert steps[0]["parameters"] == {"order": "7", "deep": True}
    assert steps[0]["result"] == {"type": "success", "output": '{"order": "7", "deep": true}'}
    assert steps[1]["result"] == {"type": "success", "output": "2"}
    assert current_recording() is None
    assert look_up("8") == {"order": "8", "deep": False}


@tool
def asks() -> Iterator[Any]:
    try:
        answer = yield "a"
        yield answer
    except KeyError:
        yield "caught"
    return {"done": True}


@tool
async def asks_too() -> AsyncIterator[Any]:
    try:
        yield (yield "a")
    except KeyError:
        yield "caught"


def test_generators_are_as_without_it(memory: MemoryClient) -> None:
    async def awaited() -> None:
        one, two, left = asks_too(), asks_too(), asks_too()
        assert [await one.asend(None), await one.asend("b")] == ["a", "b"]  # type: ignore[attr-defined]
        assert [await two.asend(None), await two.athrow(KeyError())] == ["a", "caught"]  # type: ignore[attr-defined]
        assert await left.__anext__() == "a"
        for each in (one, two, left):
            await each.aclose()  # type: ignore[attr-defined]

    with memory.record("ask") as run:
        one, two, left = asks(), asks(), asks()
        assert [next(one), one.send("b"), next(one, None)] == ["a", "b", None]  # type: ignore[attr-defined]
        assert [next(two), two.throw(KeyError()), list(two)] == ["a", "caught", []]  # type: ignore[attr-defined]
        assert next(left) == "a"
        left.close()  # type: ignore[attr-defined]
        asyncio.run(awaited())
    steps = memory.get_episode(str(run.report.episode_id))["steps"]
    outputs = [step["result"] and step["result"].get("output") for step in steps]
    assert outputs == ['{"done": true}', '{"done": true}', "a", "ab", "acaught", "a"]


def test_a_refused_key_is_told_once(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with MemoryClient(url, key="mk_wrong_000000000000000000000000") as memory:
        for _ in range(2):
            with memory.record("go on") as run:
                assert run.recall() is None
    assert len(caplog.records) == 1
    assert f"{url} refuses the key (401" in caplog.text


def test_that_nothing_answers_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    with MemoryClient("http://127.0.0.1:9", key="mk_any", retries=0) as memory:
        for _ in range(2):
            with memory.record("go on") as run:
                assert run.recall() is None
    assert len(caplog.records) == 1
    assert "http://127.0.0.1:9 cannot be reached: " in caplog.text
    with pytest.raises(ValueError, match="must begin with http"):
        MemoryClient("127.0.0.1:8787")


def test_an_agent_that_raises_fails_and_raises(memory: MemoryClient) -> None:
    with pytest.raises(KeyError):
        with memory.record("find the key") as run:
            run.tool("open", {}, lambda: {}["key"])
    assert run.report.episode_id
    episode = memory.get_episode(run.report.episode_id)
    assert episode["outcome"] and episode["outcome"]["type"] == "failure"
    assert episode["steps"][0]["result"] == {"type": "error", "message": "'key'"}


def test_the_same_awaited(async_memory: AsyncMemoryClient) -> None:
    async def agent() -> RecordReport:
        async with async_memory.record("refund order 9") as run:
            assert (await run.recall())["episodes"] == []
            assert "recall_id: " in str(await run.hints(max_tokens=300))
            with pytest.raises(ValueError):
                await pay_back("9")
            with pytest.raises(RuntimeError):
                assert [one async for one in letters()] == []
            await asyncio.to_thread(look_up, "9")
        episode = await async_memory.get_episode(str(run.report.episode_id))
        assert [step["tool"] for step in episode["steps"]] == ["refund", "letters", "look_up"]
        assert [step["result"] and step["result"]["type"] for step in episode["steps"]] == [
            "error",
            "error",
            "success",
        ]
        await async_memory.close()
        return run.report

    report = asyncio.run(agent())
    assert report.completed and report.logged == 3 and not report.errors


def test_a_memory_that_is_away_costs_steps_and_never_the_agent() -> None:
    told: list[RecordReport] = []
    options = RecordOptions(finish_within=10, recall_within=0.5, on_report=told.append)
    with MemoryClient("http://127.0.0.1:9", retries=0) as memory:
        with memory.record("go on", options=options) as run:
            assert run.recall() is None and run.hints() is None
            assert look_up("1") == {"order": "1", "deep": False}
            run.log("odd", {1: {2, 3}, "self": object()}, result={"type": "success", "output": "\0"})
    assert told == [run.report]
    assert (run.report.episode_id, run.report.logged, run.report.dropped) == (None, 0, 2)
    assert run.report.errors


def test_more_steps_than_an_episode_has_are_counted(memory: MemoryClient) -> None:
    with memory.record("count", options=RecordOptions(finish_within=60)) as run:
        for i in range(1_010):
            run.log("count", {"i": i})
    assert not run.report.errors
    assert (run.report.logged, run.report.dropped) == (1_000, 10)


OPENAI = [
    {"role": "user", "content": "go"},
    {
        "role": "assistant",
        "content": "I look",
        "tool_calls": [
            {"id": "c1", "function": {"name": "look", "arguments": '{"at": 1}'}},
            {"id": "c1", "function": {"name": "look", "arguments": '{"at": 2}'}},
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "one"},
    {"role": "tool", "tool_call_id": "c1", "content": "Error: two"},
    {"type": "function_call", "call_id": "f", "name": "end", "arguments": "not json"},
    {"type": "function_call_output", "call_id": "f", "output": {"ok": True}},
]
ANTHROPIC = [
    {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "look", "input": {"at": 1}}]},
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "t", "is_error": True, "content": [{"type": "text", "text": "no"}]}
        ],
    },
    {"role": "assistant", "content": [{"type": "tool_use", "id": "u", "name": "wait", "input": {}}]},
]


def test_calls_are_paired_with_their_results_by_occurrence() -> None:
    assert steps_of(OPENAI) == [
        {"tool": "look", "parameters": {"at": 1}, "action": "I look", "result": {"type": "success", "output": "one"}},
        {"tool": "look", "parameters": {"at": 2}, "action": "I look", "result": {"type": "error", "message": "Error: two"}},
        {"tool": "end", "parameters": {"arguments": "not json"}, "result": {"type": "success", "output": '{"ok": true}'}},
    ]
    assert steps_of(ANTHROPIC) == [
        {"tool": "look", "parameters": {"at": 1}, "result": {"type": "error", "message": "no"}},
    ]


def test_conversations_that_are_read_by_turns_are_each_logged_once() -> None:
    calls = ToolCalls()
    assert len(calls.read(OPENAI[:3])) == 1
    assert len(calls.read(ANTHROPIC)) == 1
    assert len(calls.read(OPENAI)) == 2
    assert calls.read(ANTHROPIC) == [] and calls.read(OPENAI) == [] and calls.read(OPENAI[:3]) == []


def test_a_conversation_that_grows_is_logged_once(memory: MemoryClient) -> None:
    with memory.record("look around") as run:
        for end in range(1, len(OPENAI) + 1):
            run.messages(OPENAI[:end])
    assert run.report.logged == 3
