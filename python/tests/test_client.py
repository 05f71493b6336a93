from __future__ import annotations

import asyncio

import httpx
import pytest

from memory_service import AsyncMemoryClient, MemoryClient, MemoryServiceError, RequestOptions


def completed(memory: MemoryClient, task: str) -> str:
    episode = memory.start_episode(task=task, context={"domain": "garden"})
    step = {"tool": "dig", "parameters": {"depth": 2}, "result": {"type": "success"}}
    memory.log_steps(episode["id"], {"steps": [step, {**step, "tool": "plant"}]})
    done = memory.complete_episode(
        episode["id"], outcome={"type": "success", "verdict": "it grows"}
    )
    assert done["reward"]["total"] > 0
    return episode["id"]


def test_an_episode_is_written_read_listed_recalled_judged_and_deleted(memory: MemoryClient) -> None:
    ids = [completed(memory, f"plant tree number {i}") for i in range(4)]
    got = memory.get_episode(ids[0])
    assert [step["tool"] for step in got["steps"]] == ["dig", "plant"]
    assert got["context"]["domain"] == "garden"
    listed = memory.list_episodes(limit=3, domain="garden")
    assert len(listed["episodes"]) == 3 and listed["next_cursor"]
    recalled = memory.recall(task="plant a tree", context={"domain": "garden"}, limit=2)
    assert {one["id"] for one in recalled["episodes"]} <= set(ids)
    assert recalled["next_tools"][0]["tool"] == "dig"
    judged = memory.give_feedback(
        recall_id=recalled["recall_id"], used=[recalled["episodes"][0]["id"]], helpful=True
    )
    assert judged["counted"] == 1
    advice = memory.advise(task="plant a tree", recent_steps=[{"tool": "dig"}])
    assert advice["next_tools"][0]["tool"] == "plant"
    assert memory.delete_episode(ids[0]) is None
    with pytest.raises(MemoryServiceError) as refused:
        memory.get_episode(ids[0])
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_answers_come_as_text_for_a_prompt(memory: MemoryClient) -> None:
    ids = [completed(memory, f"water bed number {i}") for i in range(4)]
    recalled = memory.recall_text(task="water a bed", max_tokens=300)
    assert "## Do next\n- `dig`" in recalled and "recall_id: " in recalled
    assert len(recalled.encode()) <= 4 * 300
    advised = memory.advise_text(task="water a bed", recent_steps=[{"tool": "dig"}])
    assert "`plant`" in advised
    assert "`dig`" in memory.playbook_text(task="water a bed")
    assert memory.hand_off_episode_text(ids[0]).startswith("From memory")


def test_what_is_at_fault_is_named(memory: MemoryClient) -> None:
    with pytest.raises(MemoryServiceError) as refused:
        memory.start_episode(task="")
    assert refused.value.code == "validation_failed"
    assert [error["path"] for error in refused.value.errors] == ["task"]
    assert refused.value.request_id


def test_what_is_exported_is_imported_elsewhere(url: str, memory: MemoryClient) -> None:
    ids = {completed(memory, f"paint wall {i}") for i in range(3)}
    lines = list(memory.export_episodes())
    assert ids <= {line.get("id") for line in lines}
    again = list(memory.import_episodes(lines))
    assert [one["status"] for one in again] == ["duplicate"] * len(lines)


def test_a_post_that_is_repeated_counts_once(memory: MemoryClient) -> None:
    options = RequestOptions(idempotency_key="the-same", wait_stored=True)
    first = memory.start_episode(task="once", options=options)
    assert memory.start_episode(task="once", options=options)["id"] == first["id"]


def test_errors_that_pass_are_sat_out_and_others_are_not() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Idempotency-Key"])
        if len(seen) < 3:
            problem = {"code": "overloaded", "detail": "busy"}
            return httpx.Response(503, json=problem, headers={"Retry-After": "0"})
        return httpx.Response(200, json={"id": "x"})

    with MemoryClient("http://x", http=httpx.Client(transport=httpx.MockTransport(answer))) as one:
        assert one.start_episode(task="t") == {"id": "x"}
    assert len(seen) == 3 and len(set(seen)) == 1

    refusing = httpx.MockTransport(lambda _: httpx.Response(500, text="oh"))
    with MemoryClient("http://x", http=httpx.Client(transport=refusing)) as one:
        with pytest.raises(MemoryServiceError) as error:
            one.start_episode(task="t")
    assert (error.value.code, error.value.status, error.value.attempts) == ("unexpected", 500, 1)


def test_a_service_that_is_away_is_named() -> None:
    with MemoryClient("http://127.0.0.1:9", retries=1) as one:
        with pytest.raises(MemoryServiceError) as error:
            one.get_stats()
    assert (error.value.code, error.value.status, error.value.attempts) == ("network", 0, 2)


def test_the_same_awaited(async_memory: AsyncMemoryClient) -> None:
    async def run() -> None:
        async with async_memory as memory:
            episode = await memory.start_episode(task="water the garden")
            await memory.log_steps(episode["id"], {"tool": "hose"})
            done = await memory.complete_episode(episode["id"], outcome={"type": "failure", "reason": "dry"})
            assert done["id"] == episode["id"]
            lines = [line async for line in memory.export_episodes()]
            assert [line["id"] for line in lines if "id" in line] == [episode["id"]]
            again = [one async for one in memory.import_episodes(lines)]
            assert {one["status"] for one in again} == {"duplicate"}

    asyncio.run(run())
