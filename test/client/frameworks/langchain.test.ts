/** LangChain's and LangGraph's real packages, with a model that answers from a list. */

import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { expect, it } from "vitest";
import { z } from "zod";
import { recordCallbacks } from "../../../client/index.ts";
import { failure, stepsIn, success } from "../memory.ts";

const look = tool(
  ({ at }) => {
    if (at === 2) throw new Error("too dark");
    return "a wall";
  },
  { name: "look", description: "Looks.", schema: z.object({ at: z.number() }) },
);
const expected = [
  { tool: "look", parameters: { at: 1 }, result: success("a wall") },
  { tool: "look", parameters: { at: 2 }, result: failure("too dark") },
];

it("logs the tools of a graph, and that one failed", async () => {
  const model = (): { messages: AIMessage[] } => {
    const tool_calls = [1, 2].map((at) => ({ name: "look", args: { at }, id: `c${at}` }));
    return { messages: [new AIMessage({ content: "", tool_calls })] };
  };
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", model)
    .addNode("tools", new ToolNode([look]))
    .addEdge(START, "model")
    .addEdge("model", "tools")
    .addEdge("tools", END)
    .compile();
  const steps = await stepsIn(async (run) => {
    const input = { messages: [{ role: "user", content: "look around" }] };
    const { messages } = await graph.invoke(input, { callbacks: [recordCallbacks(run)] });
    expect(messages).toHaveLength(4);
  });
  expect(steps).toEqual(expected);
});

it("logs a tool that is called by itself, with what it throws", async () => {
  const steps = await stepsIn(async (run) => {
    const options = { callbacks: [recordCallbacks(run)] };
    expect(await look.invoke({ at: 1 }, options)).toBe("a wall");
    await expect(look.invoke({ at: 2 }, options)).rejects.toThrow("too dark");
  });
  expect(steps).toEqual(expected);
});
