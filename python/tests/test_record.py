from __future__ import annotations

import asyncio
import json
import time
from typing import Any, AsyncIterator, Callable, Iterator

import httpx
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
from memory_service._recent import RecentSteps
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
            begun = time.monotonic()
            assert run.recall() is None and run.hints() is None
            assert run.advise() is None and run.line() is None
            assert time.monotonic() - begun < 1.5
            assert look_up("1") == {"order": "1", "deep": False}
            run.log("odd", {1: {2, 3}, "self": object()}, result={"type": "success", "output": "\0"})
    assert told == [run.report]
    assert (run.report.episode_id, run.report.logged, run.report.dropped) == (None, 0, 2)
    assert run.report.errors


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_at_a_failure_it_is_told_what_earlier_runs_found(
    memory: MemoryClient, async_memory: AsyncMemoryClient, kind: str
) -> None:
    lines: list[str | None] = []
    nexts: list[list[str]] = []

    def locked() -> str:
        raise ValueError("SEAT_LOCKED: check-in holds the seat")

    def one() -> None:
        with memory.record("cancel the reservation", context={"domain": "air"}) as run:
            run.tool("look", {"seat": 1}, lambda: "a seat")
            with pytest.raises(ValueError):
                run.tool("cancel", {"seat": 1}, locked)
            lines.append(run.line())
            advice = run.advise(next_tool="release")
            assert advice
            nexts.append([step for each in advice["recoveries"] for step in each["path"]])
            run.tool("release", {"seat": 1}, lambda: "released")
            run.tool("cancel", {"seat": 1}, lambda: "cancelled")
        assert run.report.completed and not run.report.errors

    async def one_awaited() -> None:
        async def given(value: str) -> str:
            return value if value else locked()

        async with async_memory.record("cancel the reservation", context={"domain": "air"}) as run:
            await run.atool("look", {"seat": 1}, lambda: given("a seat"))
            with pytest.raises(ValueError):
                await run.atool("cancel", {"seat": 1}, lambda: given(""))
            lines.append(await run.line())
            advice = await run.advise(next_tool="release")
            assert advice
            nexts.append([step for each in advice["recoveries"] for step in each["path"]])
            await run.atool("release", {"seat": 1}, lambda: given("released"))
            await run.atool("cancel", {"seat": 1}, lambda: given("cancelled"))
        assert run.report.completed and not run.report.errors

    async def all_awaited() -> None:
        for _ in range(4):
            await one_awaited()
        await async_memory.close()

    if kind == "async":
        asyncio.run(all_awaited())
    else:
        for _ in range(4):
            one()
    assert (lines[0], nexts[0]) == (None, [])
    assert lines[3] == "After this error `release` led on in 3 of 3."
    assert nexts[3][0] == "release"
    assert memory.get_stats()["calibration"]["next_tools"]["forecasts"] > 0


Asked = list[tuple[str, Any]]
FAILED = {"tool": "cancel", "result": "error", "message": "locked", "parameters": {"id": 7}}


def in_process(asked: Asked, differs: Callable[[str], int | None]) -> MemoryClient:
    """A client of a memory in this process.

    ``differs``: a status that a path is answered with, 0 for no answer, None for the usual one.
    """
    usual = {"id": "e1", "recall_id": "a1", "line": "release it"}

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1/")
        status = differs(path)
        asked.append((path, json.loads(request.content)))
        if status == 0:
            time.sleep(3)
        return httpx.Response(status or 200, json=usual)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    return MemoryClient("http://memory.test", retries=0, http=http)


def failed_and_asked(
    differs: Callable[[str], int | None], **more: Any
) -> tuple[list[Any], str | None, RecordReport, float]:
    """What advice a run asked after a failure, what it got, its report, and how long it took, s."""
    asked: Asked = []
    begun = time.monotonic()
    options = RecordOptions(recall_within=0.4, finish_within=0.1)
    with in_process(asked, differs).record("t", context={"domain": "d"}, options=options) as run:
        failed = {"type": "error", "message": "locked"}
        run.log("cancel", {"id": 7}, result=failed)
        line = run.line(**more)
    took = time.monotonic() - begun
    return [body for path, body in asked if path == "advise"], line, run.report, took


def test_a_question_names_the_episode_which_has_the_steps_by_then() -> None:
    bodies, line, report, _ = failed_and_asked(lambda path: None, error="locked")
    about = {"task": "t", "context": {"domain": "d"}, "episode_id": "e1", "error": "locked"}
    assert bodies == [{**about, "only_line": True}]
    assert line == "release it" and report.logged == 1


@pytest.mark.parametrize("status", [0, 500])
def test_steps_that_are_late_or_lost_go_along_with_the_question(status: int) -> None:
    [body], line, _, _ = failed_and_asked(lambda path: status if path.endswith("steps") else None)
    assert (body["episode_id"], body["recent_steps"]) == ("e1", [FAILED])
    assert line == "release it"


@pytest.mark.parametrize("ending", ["episodes", "advise"])
def test_an_agent_goes_on_in_time_without_an_answer(ending: str) -> None:
    _, line, report, took = failed_and_asked(lambda path: 0 if path == ending else None)
    assert line is None and took < 2
    assert ending == "episodes" or getattr(report.errors[0], "code") == "timeout"


def test_the_same_awaited_in_time() -> None:
    async def agent(ending: str) -> tuple[str | None, float]:
        async def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith(ending):
                await asyncio.sleep(30)
            return httpx.Response(200, json={"id": "e1", "line": "release it"})

        http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        memory = AsyncMemoryClient("http://memory.test", retries=0, http=http)
        begun = time.monotonic()
        options = RecordOptions(recall_within=0.4, finish_within=0.1)
        async with memory.record("t", options=options) as run:
            run.log("cancel", {"id": 7}, result={"type": "error", "message": "locked"})
            line = await run.line()
        return line, time.monotonic() - begun

    for ending, said in (("episodes", None), ("advise", None), ("steps", "release it")):
        line, took = asyncio.run(agent(ending))
        assert line == said and took < 2


def test_a_question_has_as_many_steps_as_the_service_takes() -> None:
    recent = RecentSteps()
    for _ in range(60):
        odd = {"type": "success", "output": "\x01" * 5_000}
        recent.add({"tool": "\x01" * 200, "parameters": "\U0001f600" * 2_700, "result": odd})
    recent.add({"tool": "last", "parameters": "x" * 3_000})
    steps = recent.latest()
    assert (recent.count, len(steps)) == (61, 40)
    assert steps[-1] == {"tool": "last", "result": "unknown"}
    assert steps[0]["message"] == "\x01" * 2_000 and "parameters" in steps[0]
    assert len(json.dumps(steps, ensure_ascii=False).encode()) < 1_048_576


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
