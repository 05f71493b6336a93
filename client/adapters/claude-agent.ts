/**
 * Claude Agent SDK: hooks that log the tools that its agent calls. It is not imported.
 *
 * @module
 */

import { argumentsOf, object, parsed, wordOf, type Json } from "../calls/values.ts";
import type { Recording } from "../record.ts";
import type { OpenCall } from "../recording/open-call.ts";
import { quietly } from "../recording/words.ts";

/** What the SDK takes as a hook: it is told something, and says nothing about it. */
type Hook = (input: object) => Promise<Record<string, never>>;

/** Hooks for `query({ options: { hooks } })`. */
export interface ToolHooks {
  PreToolUse: { hooks: Hook[] }[];
  PostToolUse: { hooks: Hook[] }[];
  PostToolUseFailure: { hooks: Hook[] }[];
  PermissionDenied: { hooks: Hook[] }[];
}

/**
 * Logs each tool that the agent and its sub-agents call, with its result. Nothing that the hooks
 * answer changes what the agent does.
 *
 * @example
 * for await (const message of query({ prompt: task, options: { hooks: recordHooks(run) } })) …
 */
export function recordHooks(recording: Recording): ToolHooks {
  const open = new Map<string, OpenCall>();
  const begin = (input: Json): OpenCall => {
    const call = recording.begin(
      wordOf(input["tool_name"], "unknown"),
      argumentsOf(input["tool_input"]),
    );
    open.set(wordOf(input["tool_use_id"], ""), call);
    return call;
  };
  const end = (input: Json, how: (call: OpenCall) => void): void => {
    const id = wordOf(input["tool_use_id"], "");
    // A hook that was added while the call was under way has not heard that it began.
    const call = open.get(id) ?? begin(input);
    open.delete(id);
    how(call);
  };
  const hooked = (listener: (input: Json) => void): { hooks: Hook[] }[] => {
    const hook: Hook = async (input) => {
      quietly(() => listener(object(input)));
      return {};
    };
    return [{ hooks: [hook] }];
  };
  return {
    PreToolUse: hooked(begin),
    PostToolUse: hooked((input) => end(input, (call) => answered(call, input["tool_response"]))),
    PostToolUseFailure: hooked((input) =>
      end(input, (call) => call.answered(input["error"], "error")),
    ),
    PermissionDenied: hooked((input) =>
      end(input, (call) => call.answered(input["reason"] ?? "permission denied", "error")),
    ),
  };
}

/** What a command wrote, or what else came back. */
function answered(call: OpenCall, response: unknown): void {
  const held = parsed(response);
  const { stdout, stderr, interrupted, content, isError } = object(held);
  const isFailed = interrupted === true || isError === true;
  const said =
    typeof stdout === "string"
      ? [stdout, wordOf(stderr, "")].filter((text) => text !== "").join("\n")
      : Array.isArray(content)
        ? content
        : held;
  call.answered(said, isFailed ? "error" : "ended");
}
