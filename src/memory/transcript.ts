/**
 * Chats with tool calls, in the shapes of OpenAI and of Anthropic, read as the steps of an episode.
 *
 * @module
 */

import type { StepInput, StepResult } from "../contract/model.ts";

type Json = Record<string, unknown>;

/** What a transcript says: what was asked first, and which tools were called with what result. */
export interface Transcript {
  task: string | null;
  steps: StepInput[];
}

/**
 * Reads the messages in order. A call without an answer has an unknown result. OpenAI: `tool_calls`
 * of the assistant, messages of the role `tool`. Anthropic: `tool_use` and `tool_result` blocks.
 */
export function readTranscript(messages: readonly Json[]): Transcript {
  let task: string | null = null;
  const steps: StepInput[] = [];
  const open = new Map<string, StepInput>();
  const call = (id: unknown, tool: unknown, parameters: unknown, action: string): void => {
    const step: StepInput = {
      tool: typeof tool === "string" && tool !== "" ? tool : "unknown",
      action,
      parameters,
      result: null,
      latency_ms: null,
      tokens: null,
      metadata: {},
    };
    steps.push(step);
    if (typeof id === "string") open.set(id, step);
  };
  for (const message of messages) {
    const said = textOf(message["content"]);
    if (message["role"] === "user" && task === null && said.trim() !== "") task = said;
    const action = message["role"] === "assistant" ? said.slice(0, 1_000) : "";
    for (const entry of objects(message["tool_calls"])) {
      const called = asObject(entry["function"]);
      call(entry["id"], called["name"], parsed(called["arguments"]), action);
    }
    const older = asObject(message["function_call"]);
    if (typeof older["name"] === "string")
      call(`function:${older["name"]}`, older["name"], parsed(older["arguments"]), action);
    if (message["role"] === "tool")
      settle(open, message["tool_call_id"], message["content"], false);
    if (message["role"] === "function")
      settle(open, `function:${String(message["name"])}`, message["content"], false);
    for (const block of objects(message["content"])) {
      if (block["type"] === "tool_use")
        call(block["id"], block["name"], block["input"] ?? {}, action);
      if (block["type"] === "tool_result") {
        settle(open, block["tool_use_id"], block["content"], block["is_error"] === true);
      }
    }
  }
  return { task, steps };
}

function settle(
  open: Map<string, StepInput>,
  id: unknown,
  content: unknown,
  isError: boolean,
): void {
  const step = typeof id === "string" ? open.get(id) : undefined;
  if (!step) return;
  step.result = resultOf(textOf(content), isError);
}

/** Tools report errors as text: "Error: …", or JSON with an `error`. */
function resultOf(text: string, isError: boolean): StepResult {
  const reported = /^\s*error\b/i.test(text) || /^\s*\{\s*"error"\s*:\s*(?!null|false)/.test(text);
  return isError || reported ? { type: "error", message: text } : { type: "success", output: text };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return objects(content)
    .filter((block) => typeof block["text"] === "string")
    .map((block) => String(block["text"]))
    .join("\n");
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value ?? {};
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return { arguments: value };
  }
}

function objects(value: unknown): Json[] {
  return Array.isArray(value)
    ? value.filter((item): item is Json => typeof item === "object" && item !== null)
    : [];
}

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
