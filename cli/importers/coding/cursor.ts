/**
 * Cursor's agent transcripts (a line a message, or text), its own storage, and what its command-line
 * agent streams.
 * A conversation is an episode, its tool calls are the steps, what a person asked first is the task.
 *
 * @module
 */

import { resultOf, type CallResult } from "../../../client/calls/results.ts";
import {
  argumentsOf,
  object,
  objects,
  textOf,
  wordOf,
  type Json,
} from "../../../client/calls/values.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { lineItems, type SourceFile } from "../reading/json.ts";
import { inTag, withoutTags } from "../reading/tags.ts";
import { timeOf } from "../../../client/runs/values.ts";
import { STORED, storedConversations } from "./cursor-store.ts";
import { textTranscript } from "./cursor-text.ts";

const ACTION_MAX = 1_000;

export const cursor: Importer = {
  reads: "transcripts of Cursor (~/.cursor/projects), its state.vscdb, `cursor-agent` streams",
  files: /\.(jsonl|ndjson|txt)$|^state\.vscdb$/,
  stored: STORED,
  isSpread: false,
  open: (notes) => new Cursor(notes),
};

class Cursor implements FormatReader {
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    // A transcript is named by its conversation.
    const run =
      file.name
        .split("/")
        .at(-1)
        ?.replace(/\.[a-z]{3,6}$/, "") ?? file.name;
    if (!/^\{/m.test(file.text)) {
      yield* textTranscript(file.text, run);
      return;
    }
    const items = [...lineItems(file, this.#notes)];
    if (items[0] && "key" in items[0].value && "value" in items[0].value) {
      yield* storedConversations(items, this.#notes);
      return;
    }
    // A stream may be without its prompt.
    if (items.some(({ value }) => value["type"] === "tool_call"))
      yield { type: "about", run, instead: "a run of cursor-agent" };
    const conversation = new Conversation(run, this.#notes);
    yield* eachOf(items, file.name, this.#notes, ({ value }) => conversation.read(value));
  }
}

class Conversation {
  readonly #run: string;
  readonly #notes: Notes;
  /** Calls that were told when they began. */
  readonly #begun = new Set<string>();
  #said = "";

  constructor(run: string, notes: Notes) {
    this.#run = run;
    this.#notes = notes;
  }

  *read(line: Json): Generator<ImportEvent> {
    const run = this.#run;
    const at = timeOf(line["timestamp_ms"] ?? line["timestamp"] ?? line["createdAt"]);
    yield { type: "seen", run, at };
    const { type, role, subtype } = line;
    if (type === "tool_call") yield* this.#streamed(line, at);
    else if (type === "system") {
      const { session_id: session, cwd, model } = line;
      yield { type: "about", run, metadata: { session, cwd, model } };
    } else if (type === "result") {
      if (line["is_error"] === true) yield { type: "about", run, outcome: failure(line) };
    } else if (role !== undefined || type === "user" || type === "assistant")
      yield* this.#message(line, String(role ?? type), at);
    else if (type !== "thinking" || subtype === "completed")
      this.#notes.note(`lines of the type ${String(type)}`);
  }

  *#message(line: Json, role: string, at: string | undefined): Generator<ImportEvent> {
    const content = object(line["message"])["content"] ?? line["content"];
    const blocks = objects(content);
    const texts = blocks.filter(({ type }) => type === "text");
    const said = textOf(typeof content === "string" ? content : texts);
    const run = this.#run;
    if (role === "user") {
      const text = askedOf(said);
      if (text !== "") yield { type: "prompt", run, text };
    } else this.#said = said;
    const action = role === "user" ? "" : said.slice(0, ACTION_MAX);
    for (const block of blocks) {
      const { type, id, name, input, args } = block;
      if (type === "tool_use") {
        const made = { tool: wordOf(name, "unknown"), parameters: argumentsOf(input ?? args) };
        yield { type: "call", run, id: wordOf(id, "") || null, ...made, action, at };
      } else if (type === "tool_result") {
        const verdict = block["is_error"] === true ? "error" : "unsaid";
        const result = resultOf(block["content"], verdict);
        yield { type: "result", run, id: wordOf(block["tool_use_id"], ""), result, at };
      } else if (type !== "text") this.#notes.note(`blocks of the type ${String(type)}`);
    }
  }

  /** A call as it begins and as it ends: `{"readToolCall":{"args":…,"result":{"success":…}}}`. */
  *#streamed(line: Json, at: string | undefined): Generator<ImportEvent> {
    const run = this.#run;
    const id = wordOf(line["call_id"], "");
    const [entry] = Object.entries(object(line["tool_call"]));
    const [name, held] = entry ?? ["unknown", {}];
    const call = object(held);
    if (line["subtype"] === "started" || !this.#begun.delete(id)) {
      if (line["subtype"] === "started") this.#begun.add(id);
      yield {
        type: "call",
        run,
        id,
        ...calledIn(name, call),
        action: this.#said.slice(0, ACTION_MAX),
        at,
      };
    }
    if (line["subtype"] === "completed")
      yield { type: "result", run, id, result: resultIn(call), at };
  }
}

/** `shellToolCall` is the tool shell; tools of MCP servers and others name themselves. */
function calledIn(name: string, call: Json): { tool: string; parameters: unknown } {
  const args = object(call["args"]);
  if (name === "function")
    return { tool: wordOf(call["name"], "unknown"), parameters: argumentsOf(call["arguments"]) };
  if (name === "mcpToolCall") {
    const { toolName, providerIdentifier: server, name: named, args: given } = args;
    const tool = wordOf(toolName ?? named, "mcp");
    const isWhole =
      tool.startsWith("mcp__") || (typeof server === "string" && tool.startsWith(server));
    const isNamed = typeof server === "string" && server !== "" && !isWhole;
    return { tool: isNamed ? `mcp__${server}__${tool}` : tool, parameters: given ?? {} };
  }
  return { tool: name.replace(/ToolCall$/, ""), parameters: call["args"] ?? {} };
}

/** `{"success": {…}}`, or the name of what went wrong; a server's answer may stand as it is. */
function resultIn(call: Json): CallResult {
  const result = object(call["result"]);
  const [kind, held] =
    "content" in result ? ["success", result] : (Object.entries(result)[0] ?? []);
  const fields = object(held);
  const { exitCode, content, output, stdout, stderr } = fields;
  const told = content ?? output;
  const said = told ?? (stdout === undefined ? held : [stdout, stderr].filter(Boolean).join("\n"));
  if (kind === undefined) return resultOf("", "unsaid");
  if (kind === "timeout") return { type: "timeout" };
  if (kind !== "success") return resultOf(fields["message"] ?? fields["error"] ?? held, "error");
  const isError = (typeof exitCode === "number" && exitCode !== 0) || fields["isError"] === true;
  return resultOf(said, isError ? "error" : "ended");
}

const failure = (line: Json): Json => ({
  type: "failure",
  reason: textOf(line["result"] ?? line["error"]),
});

/** A person's words, out of the tag that they stand in. */
function askedOf(text: string): string {
  const asked = inTag(text, "user_query");
  return asked === null ? withoutTags(text, []) : asked.trim();
}
