/** OpenAI's real package, with a model that answers from a list. */

import OpenAI from "openai";
import type { ResponseInput } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import { recordOpenAI } from "../../../client/index.ts";
import { failure, stepsIn, success } from "../memory.ts";

const json = (body: unknown): Response => Response.json(body);
const events = (list: readonly object[]): Response =>
  new Response(list.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(""), {
    headers: { "Content-Type": "text/event-stream" },
  });

/** A client whose service gives those answers, one after the other. */
function answering(...answers: Response[]): OpenAI {
  const fetch = async (): Promise<Response> => answers.shift() ?? json({});
  return new OpenAI({ apiKey: "none", baseURL: "http://model.test/v1", fetch });
}

const called = { name: "look", arguments: '{"at":1}' };
const toolCall = { id: "c1", type: "function" as const, function: called };
const completion = (message: object, finish_reason: string): object => ({
  id: "x",
  object: "chat.completion",
  created: 0,
  model: "m",
  choices: [{ index: 0, finish_reason, message: { role: "assistant", content: null, ...message } }],
});
const asking = completion({ tool_calls: [toolCall] }, "tool_calls");
const done = completion({ content: "a wall" }, "stop");
const looked = [{ tool: "look", parameters: { at: 1 }, result: success("dark") }];

describe("chat completions", () => {
  it("are logged as the conversation is sent, and answered as without it", async () => {
    const client = answering(json(asking), json(done), json(done));
    const steps = await stepsIn(async (run) => {
      const openai = recordOpenAI(run, client);
      expect(openai).toBeInstanceOf(OpenAI);
      expect(openai.baseURL).toBe("http://model.test/v1");
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "look" }];
      const { data, response } = await openai.chat.completions
        .create({ model: "m", messages })
        .withResponse();
      expect(response.status).toBe(200);
      messages.push(data.choices[0]!.message, {
        role: "tool",
        tool_call_id: "c1",
        content: "dark",
      });
      const raw = await openai.chat.completions.create({ model: "m", messages }).asResponse();
      expect(await raw.json()).toEqual(done);
      await openai.chat.completions.create({ model: "m", messages });
    });
    expect(steps).toEqual(looked);
  });

  it("of runTools: the tools that it calls", async () => {
    const client = answering(json(asking), json(done));
    const steps = await stepsIn(async (run) => {
      const runner = recordOpenAI(run, client).chat.completions.runTools({
        model: "m",
        messages: [{ role: "user", content: "look" }],
        tools: [
          {
            type: "function",
            function: {
              name: "look",
              description: "Looks.",
              parameters: { type: "object", properties: { at: { type: "number" } } },
              parse: (text: string) => JSON.parse(text) as { at: number },
              function: async ({ at }: { at: number }) => (at === 1 ? "dark" : "light"),
            },
          },
        ],
      });
      expect(await runner.finalContent()).toBe("a wall");
    });
    expect(steps).toEqual(looked);
  });
});

describe("responses", () => {
  const item = { type: "function_call", id: "f", call_id: "c1", status: "completed", ...called };
  const response = (output: object[]): object => ({
    id: "r1",
    object: "response",
    created_at: 0,
    model: "m",
    status: "completed",
    output,
    tools: [],
  });
  const answer: ResponseInput = [
    { type: "function_call_output", call_id: "c1", output: "Error: dark" },
  ];
  const failed = [{ tool: "look", parameters: { at: 1 }, result: failure("Error: dark") }];

  it("that go on from what the service keeps are logged with the call that they answer", async () => {
    const client = answering(json(response([item])), json(response([])));
    const steps = await stepsIn(async (run) => {
      const openai = recordOpenAI(run, client);
      const first = await openai.responses.create({ model: "m", input: "look" });
      expect(first.output).toHaveLength(1);
      const previous = { model: "m", previous_response_id: "r1", input: answer };
      await openai.responses.create(previous);
    });
    expect(steps).toEqual(failed);
  });

  it("likewise when they are streamed, by either way", async () => {
    const completed = {
      type: "response.completed",
      sequence_number: 1,
      response: response([item]),
    };
    const created = { type: "response.created", sequence_number: 0, response: response([]) };
    const streamed = (): Response => events([created, completed]);
    const client = answering(streamed(), json(response([])), streamed(), json(response([])));
    const steps = await stepsIn(async (run) => {
      const openai = recordOpenAI(run, client);
      const types = [];
      const stream = await openai.responses.create({ model: "m", input: "look", stream: true });
      for await (const { type } of stream) types.push(type);
      expect(types).toEqual(["response.created", "response.completed"]);
      await openai.responses.create({ model: "m", previous_response_id: "r1", input: answer });
    });
    expect(steps).toEqual(failed);
    const again = await stepsIn(async (run) => {
      const openai = recordOpenAI(run, client);
      const helper = openai.responses.stream({ model: "m", input: "look" });
      expect((await helper.finalResponse()).output).toHaveLength(1);
      await openai.responses.create({ model: "m", previous_response_id: "r1", input: answer });
    });
    expect(again).toEqual(failed);
  });

  it("that fail, fail as without it", async () => {
    await stepsIn(async (run) => {
      const openai = recordOpenAI(run, answering(Response.json({}, { status: 400 })));
      const asked = openai.responses.create({ model: "m", input: "look" });
      await expect(asked).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    });
  });
});
