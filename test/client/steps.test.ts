import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordAiStep, recordTools, stepsOf } from "../../client/index.ts";
import { fitting, type Step } from "../../client/step.ts";
import { service, works } from "./service.ts";

describe("a step", () => {
  const document = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../docs/openapi.json"), "utf8"),
  );
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addSchema(document, "api");
  const taken = ajv.compile({ $ref: "api#/components/schemas/LogStepsBody" });

  it("of anything is cut to what the service takes, and says so", () => {
    const step = fc.record({
      tool: fc.string({ maxLength: 300 }),
      action: fc.oneof(fc.string(), fc.constant("x".repeat(20_000))),
      parameters: fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }),
      result: fc.constantFrom<NonNullable<Step["result"]>>(
        { type: "success", output: "ü".repeat(40_000) },
        { type: "error", message: "\ud800 broken \0" },
        { type: "timeout" },
      ),
    });
    fc.assert(
      fc.property(step, (given) => {
        const { step: fit, cut } = fitting(given);
        const sent = JSON.parse(JSON.stringify(fit)) as Step;
        expect(taken(sent), ajv.errorsText(taken.errors)).toBe(true);
        const { result } = sent;
        if (result?.type === "success") {
          expect(cut).toBe(true);
          expect(Buffer.byteLength(result.output ?? "")).toBeLessThanOrEqual(65_536);
          expect(sent.metadata).toEqual({ cut: "true" });
        }
        expect(JSON.stringify(sent)).not.toContain("\\u0000");
      }),
    );
  });

  it("survives what refers to itself", () => {
    const loop: Record<string, unknown> = { name: "loop", again: [1] };
    loop["self"] = loop;
    expect(fitting({ tool: "t", parameters: loop }).step.parameters).toEqual({
      name: "loop",
      again: [1],
      self: "[circular]",
    });
  });
});

describe("tool calls", () => {
  const expected = [
    {
      tool: "find",
      action: "I look.",
      parameters: { q: 1 },
      result: { type: "success", output: "found" },
    },
  ];

  it("of OpenAI's chat completions", () => {
    const calls = [
      { id: "c1", type: "function", function: { name: "find", arguments: '{"q":1}' } },
    ];
    expect(
      stepsOf([
        { role: "user", content: "please" },
        { role: "assistant", content: "I look.", tool_calls: calls },
        { role: "tool", tool_call_id: "c1", content: "found" },
      ]),
    ).toEqual(expected);
  });

  it("of OpenAI's responses", () => {
    expect(
      stepsOf([
        { type: "function_call", call_id: "c1", name: "find", arguments: '{"q":1}' },
        { type: "function_call_output", call_id: "c1", output: "Error: nothing" },
      ]),
    ).toEqual([
      {
        tool: "find",
        action: "",
        parameters: { q: 1 },
        result: { type: "error", message: "Error: nothing" },
      },
    ]);
  });

  it("of Anthropic's messages", () => {
    expect(
      stepsOf([
        {
          role: "assistant",
          content: [
            { type: "text", text: "I look." },
            { type: "tool_use", id: "c1", name: "find", input: { q: 1 } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "c1", content: [{ type: "text", text: "found" }] },
          ],
        },
      ]),
    ).toEqual(expected);
  });

  it("of the Vercel AI SDK's messages", () => {
    expect(
      stepsOf([
        {
          role: "assistant",
          content: [
            { type: "text", text: "I look." },
            { type: "tool-call", toolCallId: "c1", toolName: "find", input: { q: 1 } },
          ],
        },
        {
          role: "tool",
          content: [
            {
              type: "tool-result",
              toolCallId: "c1",
              toolName: "find",
              output: { type: "text", value: "found" },
            },
          ],
        },
      ]),
    ).toEqual(expected);
  });

  it("are logged once, as the conversation grows, and when tools are executed or a step finishes", async () => {
    const { memory, sent } = service(works);
    const conversation: object[] = [
      {
        role: "assistant",
        tool_calls: [{ id: "c1", function: { name: "find", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c1", content: "found" },
    ];
    await memory.record("t", async (run) => {
      run.messages(conversation);
      conversation.push(
        {
          role: "assistant",
          tool_calls: [{ id: "c2", function: { name: "send", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "c2", content: "sent" },
      );
      run.messages(conversation);
      const tools = recordTools(run, {
        add: { execute: ({ a }: { a: number }) => a + 1 },
        remote: {},
      });
      expect(await Promise.resolve(tools.add.execute({ a: 1 }))).toBe(2);
      recordAiStep(run)({
        text: "done",
        toolCalls: [
          { toolCallId: "c3", toolName: "pay", input: { sum: 1 } },
          { toolCallId: "c4", toolName: "ship", input: {} },
        ],
        toolResults: [{ toolCallId: "c3", output: { ok: true } }],
        content: [{ type: "tool-error", toolCallId: "c4", error: new Error("no stock") }],
      });
    });
    const [, { steps }] = (sent as [string, { steps: Step[] }][]).find(
      ([path]) => path === "episodes/e1/steps",
    ) ?? ["", { steps: [] }];
    expect(steps.map(({ tool, result }) => [tool, result])).toEqual([
      ["find", { type: "success", output: "found" }],
      ["send", { type: "success", output: "sent" }],
      ["add", { type: "success", output: "2" }],
      ["pay", { type: "success", output: '{"ok":true}' }],
      ["ship", { type: "error", message: "no stock" }],
    ]);
  });
});
