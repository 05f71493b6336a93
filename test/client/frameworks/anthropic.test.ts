/** Anthropic's real package, with a model that answers from a list. */

import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { expect, it } from "vitest";
import { recordAnthropic } from "../../../client/index.ts";
import { failure, stepsIn, success } from "../memory.ts";

const message = (content: object[], stop_reason: string): Response =>
  Response.json({
    id: "m",
    type: "message",
    role: "assistant",
    model: "m",
    usage: { input_tokens: 1, output_tokens: 1 },
    stop_reason,
    content,
  });
const asking = (): Response =>
  message([{ type: "tool_use", id: "t", name: "look", input: { at: 1 } }], "tool_use");
const done = (): Response => message([{ type: "text", text: "a wall" }], "end_turn");

function answering(...answers: Response[]): Anthropic {
  const fetch = async (): Promise<Response> => answers.shift() ?? done();
  return new Anthropic({ apiKey: "none", baseURL: "http://model.test", fetch });
}

it("logs the tool calls of messages as they are sent", async () => {
  const steps = await stepsIn(async (run) => {
    const anthropic = recordAnthropic(run, answering(asking(), done()));
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: "look" }];
    const asked = { model: "m", max_tokens: 9, messages };
    const { content } = await anthropic.messages.create(asked);
    messages.push(
      { role: "assistant", content },
      {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "t", is_error: true, content: "dark" }],
      },
    );
    await anthropic.messages.create(asked);
  });
  expect(steps).toEqual([{ tool: "look", parameters: { at: 1 }, result: failure("dark") }]);
});

it("logs the tools that toolRunner calls", async () => {
  const look = betaTool({
    name: "look",
    description: "Looks.",
    inputSchema: { type: "object", properties: { at: { type: "number" } } },
    run: () => "a wall",
  });
  const steps = await stepsIn(async (run) => {
    const anthropic = recordAnthropic(run, answering(asking(), done()));
    const last = await anthropic.beta.messages.toolRunner({
      model: "m",
      max_tokens: 9,
      messages: [{ role: "user", content: "look" }],
      tools: [look],
    });
    expect(last.stop_reason).toBe("end_turn");
  });
  expect(steps).toEqual([{ tool: "look", parameters: { at: 1 }, result: success("a wall") }]);
});
