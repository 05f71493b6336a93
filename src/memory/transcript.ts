/**
 * Reads chats with tool calls, in the shapes of OpenAI and of Anthropic, as the steps of an
 * episode. Whatever else a message holds is skipped; nothing in it makes reading fail. Pure.
 *
 * @module
 */

import type { StepResult } from "../contract/episodes/record.ts";
import type { StepInput } from "../contract/episodes/requests.ts";

type Json = Record<string, unknown>;

/** Characters of what the assistant wrote beside a call that are kept as its action. */
const ACTION_LENGTH_MAX = 1_000;

/** What a transcript holds: what was asked first, and which tools were called with what result. */
export interface Transcript {
  /** The first text of the user; null: there is none. */
  task: string | null;
  /** In the order of the calls. A call without an answer has an unknown result. */
  steps: StepInput[];
}

/**
 * Reads the messages in order. OpenAI: `tool_calls` (or `function_call`) of the assistant, messages
 * of the role `tool` (or `function`). Anthropic: `tool_use` and `tool_result` blocks.
 */
export function readTranscript(messages: readonly Json[]): Transcript {
  const reader = new TranscriptReader();
  for (const message of messages) reader.read(message);
  return { task: reader.task, steps: reader.steps };
}

class TranscriptReader {
  task: string | null = null;
  readonly steps: StepInput[] = [];
  /** Calls by their id: answers come in any order. */
  readonly #calls = new Map<string, StepInput>();

  read(message: Json): void {
    const text = textOf(message["content"]);
    if (message["role"] === "user" && this.task === null && text.trim() !== "") this.task = text;
    const action = message["role"] === "assistant" ? text.slice(0, ACTION_LENGTH_MAX) : "";

    this.#readOpenAi(message, action);
    for (const block of objects(message["content"])) this.#readBlock(block, action);
  }

  #readOpenAi(message: Json, action: string): void {
    for (const { id, function: called } of objects(message["tool_calls"])) {
      const { name, arguments: parameters } = asObject(called);
      this.#call(id, name, parsed(parameters), action);
    }
    const { name, arguments: parameters } = asObject(message["function_call"]);
    if (typeof name === "string") this.#call(functionId(name), name, parsed(parameters), action);

    const { role, content } = message;
    if (role === "tool") this.#answer(message["tool_call_id"], content, false);
    if (role === "function") this.#answer(functionId(message["name"]), content, false);
  }

  #readBlock(block: Json, action: string): void {
    if (block["type"] === "tool_use")
      this.#call(block["id"], block["name"], block["input"] ?? {}, action);
    if (block["type"] === "tool_result")
      this.#answer(block["tool_use_id"], block["content"], block["is_error"] === true);
  }

  #call(id: unknown, tool: unknown, parameters: unknown, action: string): void {
    const step: StepInput = {
      tool: typeof tool === "string" && tool !== "" ? tool : "unknown",
      action,
      parameters,
      result: null,
      latency_ms: null,
      tokens: null,
      metadata: {},
    };
    this.steps.push(step);
    if (typeof id === "string") this.#calls.set(id, step);
  }

  /** An answer to no call is skipped. */
  #answer(id: unknown, content: unknown, isError: boolean): void {
    const step = typeof id === "string" ? this.#calls.get(id) : undefined;
    if (step) step.result = resultOf(textOf(content), isError);
  }
}

/** Calls of the older shape have no id: the last call of a function is the one that is answered. */
function functionId(name: unknown): string {
  return `function:${String(name)}`;
}

/** Tools report errors as text: "Error: …", or JSON with an `error`. */
function resultOf(text: string, isError: boolean): StepResult {
  const isReported =
    /^\s*error\b/i.test(text) || /^\s*\{\s*"error"\s*:\s*(?!null|false)/.test(text);
  return isError || isReported
    ? { type: "error", message: text }
    : { type: "success", output: text };
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
