/**
 * Cursor's transcripts as text: `user:` and `assistant:` on lines of their own, calls as
 * `[Tool call] Name` with an argument a line, answers as `[Tool result] Name`.
 *
 * @module
 */

import { resultOf } from "../../../client/calls/results.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import { inTag, withoutTags } from "../reading/tags.ts";

const MARK = /^(?:(user|assistant):|\[(Tool call|Tool result|Thinking)\] ?(.{0,200}))$/;
const ARGUMENT = /^ {2,8}([\w.-]{1,100}): (.*)$/;

interface Block {
  kind: string;
  name: string;
  lines: string[];
}

export function* textTranscript(text: string, run: string): Generator<ImportEvent> {
  for (const { kind, name, lines } of blocksOf(text)) {
    const body = lines.join("\n").trim();
    if (kind === "user") {
      const asked = (inTag(body, "user_query") ?? withoutTags(body, [])).trim();
      if (asked !== "") yield { type: "prompt", run, text: asked };
    } else if (kind === "Tool call")
      yield {
        type: "call",
        run,
        id: name,
        tool: name || "unknown",
        parameters: argumentsIn(lines),
      };
    // An empty answer is written for every call, whatever came of it.
    else if (kind === "Tool result" && body !== "")
      yield { type: "result", run, id: name, result: resultOf(body, "unsaid") };
  }
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split("\n")) {
    const [, role, mark, name = ""] = MARK.exec(line.trimEnd()) ?? [];
    const kind = role ?? mark;
    if (kind === undefined) blocks.at(-1)?.lines.push(line);
    else blocks.push({ kind, name: name.trim(), lines: [] });
  }
  return blocks;
}

/** An argument may go on over lines, up to the next. */
function argumentsIn(lines: readonly string[]): Record<string, string> {
  const given = new Map<string, string>();
  let name: string | null = null;
  for (const line of lines) {
    const [, found, value = ""] = ARGUMENT.exec(line) ?? [];
    if (found === undefined && line.trim() === "") break;
    if (found === undefined && name === null) break;
    const before = name === null ? "" : (given.get(name) ?? "");
    name = found ?? name;
    if (name !== null) given.set(name, found === undefined ? `${before}\n${line}` : value);
  }
  return Object.fromEntries(given);
}
