"""The frameworks' real packages, with a model that answers from a list."""

from __future__ import annotations

import asyncio
import importlib
import json
from typing import Any

import pytest

from memory_service import (
    AsyncMemoryClient,
    MemoryClient,
    MemoryServiceError,
    wrap_anthropic,
    wrap_openai,
)


def test_openai(memory: MemoryClient) -> None:
    openai = pytest.importorskip("openai")
    answers = iter([_chat(_call("look", '{"at": 1}')), _chat(None)])
    http = _client_of(openai, lambda _: next(answers))
    model = wrap_openai(openai.OpenAI(api_key="none", base_url="http://model/v1", http_client=http))
    with memory.record("look around") as run:
        messages: list[Any] = [{"role": "user", "content": "look around"}]
        said = model.chat.completions.create(model="m", messages=messages).choices[0].message
        messages += [said, {"role": "tool", "tool_call_id": "c", "content": "a wall"}]
        assert model.chat.completions.create(model="m", messages=messages).choices[0].message.content
    assert _steps(memory, run.report.episode_id) == [
        ("look", {"at": 1}, {"type": "success", "output": "a wall"})
    ]


def test_openai_goes_on_from_a_response(memory: MemoryClient, url: str, key: str) -> None:
    openai = pytest.importorskip("openai")
    call = {"type": "function_call", "id": "f", "call_id": "c", "name": "look", "arguments": "{}"}
    base = {"object": "response", "created_at": 0, "model": "m", "tools": [], "tool_choice": "auto"}
    common = {**base, "parallel_tool_calls": True}
    said = [{"type": "function_call_output", "call_id": "c", "output": "a wall"}]
    wanted = [("look", {}, {"type": "success", "output": "a wall"})]

    def answers() -> Any:
        outputs = iter([[call], []])
        return lambda _: {**common, "id": "r", "output": next(outputs)}

    http = _client_of(openai, answers())
    model = wrap_openai(openai.OpenAI(api_key="none", base_url="http://model/v1", http_client=http))
    with memory.record("look around") as run:
        model.responses.create(model="m", input="look")
        model.responses.create(model="m", previous_response_id="r", input=said)
    assert _steps(memory, run.report.episode_id) == wanted

    async def awaited() -> str | None:
        http = _client_of(openai, answers(), "DefaultAsyncHttpxClient")
        given = {"api_key": "none", "base_url": "http://model/v1", "http_client": http}
        model = wrap_openai(openai.AsyncOpenAI(**given))
        async with AsyncMemoryClient(url, key=key) as client:
            async with client.record("look around") as run:
                await model.responses.create(model="m", input="look")
                await model.responses.create(model="m", previous_response_id="r", input=said)
        return run.report.episode_id

    assert _steps(memory, asyncio.run(awaited())) == wanted


def test_anthropic(memory: MemoryClient) -> None:
    anthropic = pytest.importorskip("anthropic")
    asked: list[Any] = []

    def answer(body: Any) -> Any:
        asked.append(body)
        content = (
            [{"type": "tool_use", "id": "t", "name": "look", "input": {"at": 1}}]
            if len(asked) == 1
            else [{"type": "text", "text": "a wall"}]
        )
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "usage": usage}
        return {**message, "content": content, "stop_reason": "end_turn"}

    http = _client_of(anthropic, answer)
    model = wrap_anthropic(anthropic.Anthropic(api_key="none", base_url="http://model", http_client=http))
    with memory.record("look around") as run:
        messages: list[Any] = [{"role": "user", "content": "look around"}]
        said = model.messages.create(model="m", max_tokens=9, messages=messages)
        failed = {"type": "tool_result", "tool_use_id": "t", "is_error": True, "content": "dark"}
        messages += [{"role": "assistant", "content": said.content}, {"role": "user", "content": [failed]}]
        model.messages.create(model="m", max_tokens=9, messages=messages)
    assert _steps(memory, run.report.episode_id) == [
        ("look", {"at": 1}, {"type": "error", "message": "dark"})
    ]


def test_langgraph(memory: MemoryClient) -> None:
    pytest.importorskip("langchain_core")
    prebuilt = pytest.importorskip("langgraph.prebuilt")
    from langchain_core.messages import AIMessage
    from langchain_core.tools import tool
    from langgraph.graph import END, START, MessagesState, StateGraph

    from memory_service.langchain import RecordingCallback

    @tool
    def look(at: int) -> str:
        """Looks."""
        if at == 2:
            raise ValueError("too dark")
        return "a wall"

    def model(state: Any) -> Any:
        calls = [{"name": "look", "args": {"at": at}, "id": f"c{at}"} for at in (1, 2)]
        return {"messages": [AIMessage(content="", tool_calls=calls)]}

    graph = StateGraph(MessagesState)
    graph.add_node("model", model)
    graph.add_node("tools", prebuilt.ToolNode([look], handle_tool_errors=True))
    graph.add_edge(START, "model")
    graph.add_edge("model", "tools")
    graph.add_edge("tools", END)
    with memory.record("look around") as run:
        config = {"callbacks": [RecordingCallback(run)]}
        graph.compile().invoke({"messages": [("user", "look")]}, config=config)
    steps = _steps(memory, run.report.episode_id)
    # The two run side by side.
    assert sorted(steps, key=lambda step: step[1]["at"]) == [
        ("look", {"at": 1}, {"type": "success", "output": "a wall"}),
        ("look", {"at": 2}, {"type": "error", "message": "too dark"}),
    ]


def test_langgraph_store(memory: MemoryClient) -> None:
    pytest.importorskip("langgraph")
    from langgraph.config import get_store
    from langgraph.graph import END, START, MessagesState, StateGraph

    from memory_service.langgraph import MemoryStore

    def keep(state: Any) -> Any:
        get_store().put(("users", "ada"), "drinks", {"text": "Ada drinks her tea without milk."})
        return {"messages": []}

    def find(state: Any) -> Any:
        (item,) = get_store().search(("users",), query="milk in tea")
        return {"messages": [("assistant", item.value["text"])]}

    builder = StateGraph(MessagesState)
    builder.add_node("keep", keep)
    builder.add_node("find", find)
    builder.add_edge(START, "keep")
    builder.add_edge("keep", "find")
    builder.add_edge("find", END)
    graph = builder.compile(store=MemoryStore(memory))
    said = graph.invoke({"messages": []})["messages"][-1].content
    assert said == "Ada drinks her tea without milk."
    recalled = memory.recall(task="make tea for Ada, milk or not", context={"domain": "users/ada"})
    assert [lesson["text"] for lesson in recalled["lessons"]] == [said]


def test_items_of_a_store(memory: MemoryClient) -> None:
    pytest.importorskip("langgraph")
    from langgraph.store.base import GetOp, PutOp

    from memory_service.langgraph import MemoryStore

    store = MemoryStore(memory)
    store.put(("docs", "a"), "one", {"title": "One", "size": 1, "tags": ["x"]})
    store.put(("docs", "b"), "two", {"title": "Two", "size": 2})
    for namespace, key in ((("docs", "b"), "same"), (("docs", "b"), "again"), (("other",), "same")):
        store.put(namespace, key, {"text": "Water the plants on Monday."})
    one = store.get(("docs", "a"), "one")
    assert one and one.value == {"title": "One", "size": 1, "tags": ["x"]}
    assert one.created_at.tzinfo is not None

    def keys(**options: Any) -> list[str]:
        return sorted(item.key for item in store.search(("docs",), **options))

    assert keys() == ["again", "one", "same", "two"]
    assert keys(filter={"size": {"$gte": 2}}) == ["two"]
    assert keys(filter={"tags": ["x"], "title": {"$ne": "Two"}}) == ["one"]
    assert keys(query="plants to water") == ["again", "same"]
    assert len(keys(limit=2, offset=3)) == 1
    assert store.list_namespaces(prefix=("docs",)) == [("docs", "a"), ("docs", "b")]
    assert store.list_namespaces(max_depth=1) == [("docs",), ("other",)]
    assert store.list_namespaces(suffix=("*", "b")) == [("docs", "b")]

    store.put(("docs", "a"), "one", {"title": "Uno", "size": 1})
    store.put(("docs", "b"), "two", {"text": "now a text"})
    got, gone, two = store.batch(
        [
            GetOp(("docs", "a"), "one"),
            PutOp(("docs", "b"), "same", None),
            GetOp(("docs", "b"), "two"),
        ]
    )
    assert [got.value, gone, two.value] == [{"title": "Uno", "size": 1}, None, {"text": "now a text"}]  # type: ignore[union-attr]
    assert keys() == ["again", "one", "two"]
    with pytest.raises(MemoryServiceError) as refused:
        store.put(("docs",), "one", {"text": "x" * 1_001})
    assert [error["path"] for error in refused.value.errors] == ["text"]

    async def awaited() -> Any:
        await store.aput(("docs", "b"), "same", {"text": "Water the plants on Monday."})
        return await store.aget(("docs", "b"), "same")

    assert asyncio.run(awaited()).value == {"text": "Water the plants on Monday."}


def test_openai_agents(async_memory: AsyncMemoryClient, memory: MemoryClient) -> None:
    agents = pytest.importorskip("agents")
    from agents.models.interface import Model
    from openai.types.responses import (
        ResponseFunctionToolCall,
        ResponseOutputMessage,
        ResponseOutputText,
    )

    from memory_service.openai_agents import RecordingHooks

    @agents.function_tool
    def look(at: int) -> str:
        """Looks."""
        if at == 2:
            raise ValueError("too dark")
        return "a wall"

    calls = [
        ResponseFunctionToolCall(type="function_call", call_id=f"c{at}", name="look", arguments=f'{{"at": {at}}}')
        for at in (1, 2)
    ]
    end = ResponseOutputMessage(
        id="m",
        type="message",
        role="assistant",
        status="completed",
        content=[ResponseOutputText(type="output_text", text="a wall", annotations=[])],
    )
    answers = iter([[calls[0]], [calls[1]], [end]])

    class Said(Model):
        async def get_response(self, *args: Any, **kwargs: Any) -> Any:
            return agents.ModelResponse(output=next(answers), usage=agents.Usage(), response_id=None)

        def stream_response(self, *args: Any, **kwargs: Any) -> Any:
            raise NotImplementedError

    async def go() -> Any:
        agent = agents.Agent(name="a", instructions="look", tools=[look], model=Said())
        run_config = agents.RunConfig(tracing_disabled=True)
        async with async_memory.record("look around") as run:
            await agents.Runner.run(agent, "look", hooks=RecordingHooks(), run_config=run_config)
        await async_memory.close()
        return run.report

    report = asyncio.run(go())
    steps = _steps(memory, report.episode_id)
    assert steps[0] == ("look", {"at": 1}, {"type": "success", "output": "a wall"})
    assert steps[1][1:] == ({"at": 2}, steps[1][2]) and steps[1][2]["type"] == "error"
    assert len(steps) == 2


def _steps(memory: MemoryClient, episode_id: str | None) -> list[Any]:
    steps = memory.get_episode(str(episode_id))["steps"]
    return [(step["tool"], step["parameters"], step["result"]) for step in steps]


def _call(name: str, arguments: str) -> dict[str, Any]:
    return {"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}


def _chat(call: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": "done" if call is None else None}
    choice = {"index": 0, "finish_reason": "stop", "message": message if call is None else {**message, "tool_calls": [call]}}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}


def _client_of(package: Any, answer: Any, client: str = "DefaultHttpxClient") -> Any:
    """A client of the HTTP package that this version of the framework uses."""
    package_name = package.DefaultHttpxClient.__mro__[1].__module__.split(".")[0]
    http = importlib.import_module(package_name)
    told = lambda request: http.Response(200, json=answer(json.loads(request.content)))  # noqa: E731
    return getattr(package, client)(transport=http.MockTransport(told))
