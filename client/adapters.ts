/**
 * Tool calls of the usual libraries, as steps: OpenAI (chat completions and responses), Anthropic,
 * Vercel AI SDK. Shapes only; none of them is imported.
 *
 * @module
 */

import type { Recording } from "./record.ts";
import type { Step } from "./step.ts";

type Json = { [key: string]: unknown };

interface Call {
  id: string;
  step: Step;
}

/** The steps of a conversation's messages: a call whose answer is not there yet is left out. */
export function stepsOf(messages: readonly object[]): Step[] {
  return newCalls(messages, new Set());
}

/** As `stepsOf`, without the calls whose ids were seen; those it returns are seen from now on. */
export function newCalls(messages: readonly object[], seen: Set<string>): Step[] {
  const calls = new Map<string, Call>();
  const steps: Step[] = [];
  const open = (id: unknown, tool: unknown, parameters: unknown, action: string): void => {
    const known = String(id);
    calls.set(known, {
      id: known,
      step: { tool: nameOf(tool), action, parameters: parsed(parameters) },
    });
  };
  const settle = (id: unknown, content: unknown, failed: boolean): void => {
    const call = calls.get(String(id));
    if (!call || seen.has(call.id)) return;
    seen.add(call.id);
    const text = textOf(content);
    steps.push({
      ...call.step,
      result:
        failed || looksFailed(text)
          ? { type: "error", message: text }
          : { type: "success", output: text },
    });
  };
  for (const message of messages as readonly Json[]) {
    const action =
      message["role"] === "assistant" ? textOf(message["content"]).slice(0, 1_000) : "";
    // OpenAI, chat completions.
    for (const entry of objects(message["tool_calls"])) {
      const called = object(entry["function"]);
      open(entry["id"], called["name"], called["arguments"], action);
    }
    if (message["role"] === "tool") settle(message["tool_call_id"], message["content"], false);
    // OpenAI, responses.
    if (message["type"] === "function_call")
      open(message["call_id"], message["name"], message["arguments"], "");
    if (message["type"] === "function_call_output")
      settle(message["call_id"], message["output"], false);
    for (const block of objects(message["content"])) {
      // Anthropic.
      if (block["type"] === "tool_use") open(block["id"], block["name"], block["input"], action);
      if (block["type"] === "tool_result") {
        settle(block["tool_use_id"], block["content"], block["is_error"] === true);
      }
      // Vercel AI SDK: `ModelMessage`.
      if (block["type"] === "tool-call") {
        open(block["toolCallId"], block["toolName"], block["input"] ?? block["args"], action);
      }
      if (block["type"] === "tool-result") {
        const output = block["output"] ?? block["result"];
        const { type, value } = object(output);
        settle(
          block["toolCallId"],
          value ?? output,
          String(type).startsWith("error") || block["isError"] === true,
        );
      }
    }
  }
  return steps;
}

interface AiTool {
  execute?: (input: never, options: never) => unknown;
}

/**
 * The tools of the Vercel AI SDK, each logged when it is executed. Give the result to
 * `generateText({ tools })`.
 */
export function recordTools<T extends Record<string, AiTool>>(recording: Recording, tools: T): T {
  const wrapped = Object.entries(tools).map(([name, tool]) => {
    const { execute } = tool;
    if (!execute) return [name, tool];
    const logged = (input: never, options: never): Promise<unknown> =>
      recording.tool(name, input, () => Reflect.apply(execute, tool, [input, options]) as unknown);
    return [name, { ...tool, execute: logged }];
  });
  return Object.fromEntries(wrapped) as T;
}

/**
 * For `onStepFinish` of the Vercel AI SDK, when the tools are not wrapped: logs the calls of a step
 * with their results.
 */
export function recordAiStep(recording: Recording): (step: object) => void {
  return (step) => {
    const { toolCalls, toolResults, content, text } = step as Json;
    const results = [
      ...objects(toolResults),
      ...objects(content).filter((part) => part["type"] === "tool-error"),
    ];
    for (const call of objects(toolCalls)) {
      const result = results.find((one) => one["toolCallId"] === call["toolCallId"]);
      const failed = result?.["type"] === "tool-error";
      const said = failed ? result["error"] : (result?.["output"] ?? result?.["result"]);
      recording.log({
        tool: nameOf(call["toolName"]),
        action: typeof text === "string" ? text.slice(0, 1_000) : "",
        parameters: call["input"] ?? call["args"] ?? {},
        result: !result
          ? null
          : failed
            ? { type: "error", message: said instanceof Error ? said.message : textOf(said) }
            : { type: "success", output: textOf(said) },
      });
    }
  };
}

/** Tools report errors as text: "Error: …", or JSON with an `error`. */
function looksFailed(text: string): boolean {
  return /^\s*error\b/i.test(text) || /^\s*\{\s*"error"\s*:\s*(?!null|false)/.test(text);
}

const nameOf = (value: unknown): string =>
  typeof value === "string" && value !== "" ? value : "unknown";

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return content === undefined ? "" : (JSON.stringify(content) ?? "");
  return objects(content)
    .map((block) => block["text"])
    .filter((text) => typeof text === "string")
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

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
