/**
 * Files of other systems, as `memory-cli import` reads them, and what agents hand to their hooks.
 * Whatever a file holds: no reader breaks, and every line that comes out is one that the service
 * takes.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventsOf } from "../../../cli/hooks/payloads.ts";
import { IMPORTERS, type Source } from "../../../cli/importers/index.ts";
import { Normaliser } from "../../../cli/importers/normaliser/normaliser.ts";
import { decode } from "../../../cli/importers/reading/decode.ts";
import { Notes } from "../../../client/runs/notes.ts";
import { lessonLine } from "../../../src/contract/lessons/requests.ts";
import { episodeLine } from "../../../src/contract/transfer/requests.ts";
import { mutated } from "../mutate.ts";
import type { Target } from "../target.ts";

const SAMPLES = join(import.meta.dirname, "../../importers/samples");
const NAMES: readonly string[] = [
  "claude-code.jsonl",
  "langsmith.jsonl",
  "mcp-memory.jsonl",
  "mem0.json",
  "otel.json",
  "predecessor.json",
  "rollout-2026-08-10T13-02-51-0198.jsonl",
];
/** Of a file, characters: one input is read in about a millisecond. */
const SAMPLE_MAX = 12_000;

const CALL = { id: "c1", type: "function", function: { name: "run", arguments: '{"x":1}' } };
const CHAT = [
  { role: "user", content: "mend the build" },
  { role: "assistant", content: null, tool_calls: [CALL] },
  { role: "tool", tool_call_id: "c1", content: "Error: no such file" },
  { role: "assistant", content: [{ type: "tool_use", id: "c2", name: "ls", input: { p: "." } }] },
  { role: "user", content: [{ type: "tool_result", tool_use_id: "c2", content: "a.ts" }] },
];
const lines = (...items: unknown[]): string => items.map((one) => JSON.stringify(one)).join("\n");
/** Formats that there is no file of in the samples. */
const WRITTEN: readonly string[] = [
  lines({ thread_id: "t", values: { messages: CHAT }, created_at: "2026-01-01T00:00:00Z" }),
  lines({ custom_id: "a", response: { body: { choices: [{ message: CHAT[1] }] } } }),
  lines({ custom_id: "a", result: { type: "succeeded", message: { content: CHAT[3]?.content } } }),
  lines(
    { object: "trace", id: "trace_1", workflow_name: "w" },
    {
      object: "trace.span",
      id: "span_1",
      trace_id: "trace_1",
      started_at: "2026-01-01T00:00:00Z",
      span_data: { type: "function", name: "run", input: '{"x":1}', output: "ok" },
    },
  ),
  lines({
    info: { id: "m1", sessionID: "s", role: "assistant", time: { created: 1 } },
    parts: [{ type: "tool", tool: "bash", state: { status: "completed", input: {}, output: "" } }],
  }),
  lines(
    { type: "user", message: { role: "user", content: "do it" }, session_id: "s" },
    { type: "tool_call", subtype: "started", call_id: "c", tool_call: { readToolCall: {} } },
  ),
  "user:\n<user_query>\nmend it\n</user_query>\n\nA:\n[Tool call] Shell\n  command: ls\n\n[Tool result] Shell\nok\n",
  JSON.stringify({
    data: [
      {
        traceID: "abc",
        spans: [{ traceID: "abc", spanID: "1", operationName: "chat", tags: [] }],
        processes: { p1: { serviceName: "s", tags: [] } },
      },
    ],
  }),
];

function fileSamples(): string[] {
  const files = NAMES.map((name) => {
    const text = readFileSync(join(SAMPLES, name), "utf8");
    return text.length <= SAMPLE_MAX ? text : text.slice(0, text.lastIndexOf("\n", SAMPLE_MAX));
  });
  return [...files, ...WRITTEN];
}

interface FileInput {
  source: Source;
  content: string | Uint8Array<ArrayBuffer>;
}

const SOURCES = Object.keys(IMPORTERS) as Source[];

/** What a reader threw stands in the notes as this. */
const BROKEN = /(?:Type|Range|Reference|Internal)Error/;

/** Each format on each sample: what is of another format is read as one that is odd. */
export const importers: Target<FileInput> = {
  name: "import formats",
  samples: () => fileSamples().flatMap((content) => SOURCES.map((source) => ({ source, content }))),
  mutate(random, { source, content }, samples) {
    const others = [random.of(samples).content, random.of(samples).content];
    if (random.chance(0.05)) {
      const bytes = new TextEncoder().encode(String(content)) as Uint8Array<ArrayBuffer>;
      return { source, content: mutated(random, bytes, []) };
    }
    return { source, content: mutated(random, content, others) };
  },
  run({ source, content }) {
    const notes = new Notes();
    const normaliser = new Normaliser(source, IMPORTERS[source], notes);
    const text = typeof content === "string" ? content : decode(content);
    const made = [...normaliser.read({ name: "a.jsonl", text }), ...normaliser.end()];
    for (const line of JSON.parse(JSON.stringify(made)) as typeof made) {
      const { error } = (line.type === "lesson" ? lessonLine : episodeLine).safeParse(line);
      if (error) return `makes a line that the service refuses: ${error.message.slice(0, 300)}`;
    }
    const broken = notes.lines().find((line) => BROKEN.test(line));
    return broken === undefined ? undefined : `a reader broke: ${broken}`;
  },
};

const AGENTS = ["claude-code", "codex", "cursor"] as const;
const call = { tool_name: "Bash", tool_use_id: "t", tool_input: { command: "ls" } };
const session = { session_id: "s", cwd: "/p", permission_mode: "default" };

export const hooks: Target<{ agent: (typeof AGENTS)[number]; payload: Record<string, unknown> }> = {
  name: "hooks",
  samples: () =>
    AGENTS.flatMap((agent) =>
      [
        { hook_event_name: "SessionStart", source: "startup" },
        { hook_event_name: "UserPromptSubmit", prompt: "mend it" },
        { hook_event_name: "UserPromptExpansion", command_name: "memory:bad", command_args: "no" },
        { hook_event_name: "PreToolUse", ...call },
        { hook_event_name: "PostToolUse", ...call, tool_response: { stdout: "a", stderr: "b" } },
        { hook_event_name: "postToolUse", tool_input: '{"a":1}', tool_output: '{"exitCode":1}' },
        { hook_event_name: "PostToolUseFailure", ...call, error: "Exit code 1" },
        { hook_event_name: "Stop", status: "aborted" },
      ].map((more) => ({ agent, payload: { ...session, ...more } })),
    ),
  mutate(random, { agent, payload }, samples) {
    const changed = mutated(random, payload, [random.of(samples).payload]);
    const isObject = typeof changed === "object" && changed !== null && !Array.isArray(changed);
    return { agent, payload: isObject ? changed : payload };
  },
  run({ agent, payload }) {
    eventsOf(agent, payload, "Stop");
  },
};
