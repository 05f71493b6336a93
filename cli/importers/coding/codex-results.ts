/**
 * Reads what came of a call in Codex: its exit code, its mark of success, or the text by which the
 * program says that a call failed. Anything else that came back is an answer. Pure.
 *
 * @module
 */

import { resultOf, type CallResult, type Verdict } from "../../../client/calls/results.ts";
import { object, objects, parsed, textOf, type Json } from "../../../client/calls/values.ts";

/** How the program itself says that a call came to nothing. */
const FAILED = [
  /^apply_patch verification failed\b/,
  /^failed in sandbox\b/,
  /^execution error\b/,
  /^unsupported (?:custom tool )?call\b/,
  /^failed to (?:parse|read|write|spawn|create|apply|execute|resolve)\b/i,
  /^(?:exec_command|write_stdin|apply_patch|view_image|tool call) failed\b/,
  /^aborted(?: by user\b|\s*$)/,
  /^(?:exec command|patch|command|tool call) (?:rejected|denied|declined) by (?:the )?user\b/i,
  /^user (?:rejected|denied|cancelled) /i,
  /^Script failed\b/,
];
const TIMED_OUT = /^(?:command|tool call|script) timed out\b/i;
/** Lines that stand before the output. */
const HEADER =
  /^(?:Chunk ID|Wall time|Exit code|Process exited with code|Process running with session ID|Original token count|Total output lines|Error)\b/;
const HEADER_LINES = 10;
const EXIT_CODE = /^(?:Exit code:?|Process exited with code) (-?\d{1,10})/;

/** @param told what another entry said of the call: it counts more than the text */
export function codexResult(output: unknown, told: Verdict | undefined): CallResult {
  const held = parsed(output);
  const fields = object(held);
  const content = contentOf(fields, held, output);
  return resultOf(content, told ?? markedVerdict(fields) ?? textVerdict(textOf(content)));
}

/** What came back, out of the forms that Codex keeps it in. */
function contentOf(fields: Json, held: unknown, output: unknown): unknown {
  if (typeof fields["output"] === "string" && "metadata" in fields) return fields["output"];
  if ("content" in fields && ("success" in fields || "isError" in fields || "is_error" in fields))
    return fields["content"];
  return Array.isArray(held) && objects(held).length === held.length ? held : output;
}

/** undefined: nothing is marked. */
function markedVerdict(fields: Json): Verdict | undefined {
  const code = object(fields["metadata"])["exit_code"];
  if (typeof code === "number") return code === 0 ? "ended" : "error";
  if (fields["success"] === false || fields["isError"] === true || fields["is_error"] === true)
    return "error";
  return "content" in fields && (fields["success"] === true || fields["isError"] === false)
    ? "ended"
    : undefined;
}

function textVerdict(text: string): Verdict {
  if (TIMED_OUT.test(text)) return "timeout";
  if (FAILED.some((rule) => rule.test(text))) return "error";
  for (const line of text.split("\n", HEADER_LINES)) {
    if (!HEADER.test(line)) return "ended";
    if (line.startsWith("Error")) return "error";
    const code = EXIT_CODE.exec(line)?.[1];
    if (code !== undefined) return Number(code) === 0 ? "ended" : "error";
  }
  return "ended";
}

/** What an event of the program says of a call that ended; undefined: nothing. */
export function eventVerdict(payload: Json): Verdict | undefined {
  const { type, exit_code: code, success, status, result } = payload;
  if (type === "exec_command_end" && typeof code === "number")
    return code === 0 ? "ended" : "error";
  if (type === "exec_command_end" && status === "declined") return "error";
  if (type === "patch_apply_end" && typeof success === "boolean")
    return success ? "ended" : "error";
  if (type !== "mcp_tool_call_end") return undefined;
  const { Ok: ok, Err: failed } = object(result);
  if (failed !== undefined) return "error";
  const { isError, is_error } = object(ok);
  return isError === true || is_error === true ? "error" : "ended";
}
