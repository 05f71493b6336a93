/** The OpenAI Agents SDK's real package (`@openai/agents-core`), with a model that answers from a list. */

import {
  Agent,
  Runner,
  tool,
  Usage,
  type AgentOutputItem,
  type Model,
  type ModelResponse,
} from "@openai/agents-core";
import { expect, it } from "vitest";
import { z } from "zod";
import { recordRunner } from "../../../client/index.ts";
import { stepsIn, success } from "../memory.ts";

const call = (n: number): AgentOutputItem => ({
  type: "function_call",
  callId: `c${n}`,
  name: "look",
  status: "completed",
  arguments: `{"at":${n}}`,
});
const end: AgentOutputItem = {
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "a wall" }],
};

class Listed implements Model {
  readonly #answers: AgentOutputItem[][] = [[call(1), call(2)], [end]];
  async getResponse(): Promise<ModelResponse> {
    return { usage: new Usage(), output: this.#answers.shift() ?? [end] };
  }
  getStreamedResponse(): never {
    throw new Error("not streamed");
  }
}

it("logs the tools that agents call, and that one failed", async () => {
  const look = tool({
    name: "look",
    description: "Looks.",
    parameters: z.object({ at: z.number() }),
    execute: ({ at }) => {
      if (at === 2) throw new Error("too dark");
      return "a wall";
    },
  });
  const agent = new Agent({ name: "a", instructions: "look", tools: [look], model: new Listed() });
  const steps = await stepsIn(async (run) => {
    const runner = recordRunner(run, new Runner({ tracingDisabled: true }));
    expect((await runner.run(agent, "look around")).finalOutput).toBe("a wall");
  });
  expect(steps).toEqual([
    { tool: "look", parameters: { at: 1 }, result: success("a wall") },
    {
      tool: "look",
      parameters: { at: 2 },
      // The SDK keeps to itself what was thrown.
      result: {
        type: "error",
        message: "An error occurred while running the tool. Please try again.",
      },
    },
  ]);
});
