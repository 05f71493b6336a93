/** The Vercel AI SDK's real package, with its mock of a model. */

import { generateText, jsonSchema, stepCountIs, streamText, tool, type ToolSet } from "ai";
import { MockLanguageModelV4, simulateReadableStream } from "ai/test";
import { expect, it } from "vitest";
import { recordAiStep, recordTools, type Recording } from "../../../client/index.ts";
import { failure, stepsIn, success, type Seen } from "../memory.ts";

type Generate = Awaited<ReturnType<MockLanguageModelV4["doGenerate"]>>;
type Stream = Awaited<ReturnType<MockLanguageModelV4["doStream"]>>;

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};
const finish = (unified: "stop" | "tool-calls"): { unified: typeof unified; raw: string } => ({
  unified,
  raw: unified,
});
const call = (n: number) =>
  ({
    type: "tool-call",
    toolCallId: `c${n}`,
    toolName: "look",
    input: `{"at":${n}}`,
  }) as const;

/** Calls the tool three times, and then says how it was. */
function model(): MockLanguageModelV4 {
  const generated = (content: Generate["content"], why: "stop" | "tool-calls"): Generate => ({
    content,
    finishReason: finish(why),
    usage,
    warnings: [],
  });
  const streamed = (
    part: Stream["stream"] extends ReadableStream<infer P> ? P : never,
  ): Stream => ({
    stream: simulateReadableStream({
      chunks: [
        { type: "stream-start", warnings: [] },
        part,
        { type: "finish", finishReason: finish("tool-calls"), usage },
      ],
    }),
  });
  return new MockLanguageModelV4({
    doGenerate: [
      generated([call(1), call(2)], "tool-calls"),
      generated([call(3)], "tool-calls"),
      generated([{ type: "text", text: "a wall" }], "stop"),
    ],
    doStream: [streamed(call(1)), streamed(call(2)), streamed(call(3)), streamed(call(4))],
  });
}

const inputSchema = jsonSchema<{ at: number }>({
  type: "object",
  properties: { at: { type: "number" } },
});
/** At 2 it is too dark. */
const look = tool({
  inputSchema,
  execute: async ({ at }) => {
    if (at === 2) throw new Error("too dark");
    return { seen: at };
  },
});
/** The same, which says how far it is. */
const slowly = tool({
  inputSchema,
  async *execute({ at }) {
    yield { seen: 0 };
    if (at === 2) throw new Error("too dark");
    yield { seen: at };
  },
});
const expected = [
  { tool: "look", parameters: { at: 1 }, result: success('{"seen":1}') },
  { tool: "look", parameters: { at: 2 }, result: failure("too dark") },
  { tool: "look", parameters: { at: 3 }, result: success('{"seen":3}') },
];

async function generated(tools: (run: Recording) => ToolSet): Promise<Seen[]> {
  return stepsIn(async (run) => {
    const { text } = await generateText({
      model: model(),
      prompt: "look around",
      tools: tools(run),
      stopWhen: stepCountIs(5),
    });
    expect(text).toBe("a wall");
  });
}

const at = (one: Seen, other: Seen): number =>
  JSON.stringify(one.parameters).localeCompare(JSON.stringify(other.parameters));

it.each([
  ["promises", look],
  ["generators", slowly],
])("logs tools that give %s", async (_what, one) => {
  const steps = await generated((run) => recordTools(run, { look: one }));
  // Two are called at once.
  expect(steps.sort(at)).toEqual(expected);
});

it("logs streamed steps of tools that give generators", async () => {
  const steps = await stepsIn(async (run) => {
    const tools = recordTools(run, { look: slowly });
    const result = streamText({
      model: model(),
      prompt: "look around",
      tools,
      stopWhen: stepCountIs(3),
      onError: () => undefined,
    });
    const preliminary = [];
    for await (const part of result.fullStream)
      if (part.type === "tool-result" && part.preliminary) preliminary.push(part.output);
    expect(preliminary).toEqual([{ seen: 0 }, { seen: 1 }, { seen: 0 }, { seen: 0 }, { seen: 3 }]);
  });
  expect(steps).toEqual(expected);
});

it("logs the calls of each step, and those of the messages at the end", async () => {
  const generate = (onStepEnd?: (step: object) => void) =>
    generateText({
      model: model(),
      prompt: "look around",
      tools: { look: slowly },
      stopWhen: stepCountIs(5),
      ...(onStepEnd ? { onStepEnd } : {}),
    });
  const steps = await stepsIn(async (run) => void (await generate(recordAiStep(run))));
  expect(steps.sort(at)).toEqual(expected);
  const told = await stepsIn(async (run) => run.messages((await generate()).responseMessages));
  const failed = { tool: "look", parameters: { at: 2 }, result: failure("Error: too dark") };
  expect(told.sort(at)).toEqual([expected[0], failed, expected[2]]);
});
