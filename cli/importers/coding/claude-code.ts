/**
 * Claude Code's session files: a session is an episode, its tool calls are the steps, what a person
 * asked first is the task. A sub-agent is an episode of its own, tied to its session. What was
 * rewound did not happen; it is reported.
 *
 * @module
 */

import { resultOf } from "../../../client/calls/results.ts";
import { object, objects, textOf, wordOf, type Json } from "../../../client/calls/values.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { lineItems, type Item, type SourceFile } from "../reading/json.ts";
import { timeOf } from "../../../client/runs/values.ts";
import { rewound, subAgents } from "./claude-branches.ts";
import { isCommandOf, promptOf } from "./claude-prompts.ts";

const ACTION_MAX = 1_000;
const MESSAGES = new Set(["user", "assistant"]);

export const claudeCode: Importer = {
  reads: "session files of Claude Code (~/.claude/projects)",
  files: /\.jsonl$/,
  isSpread: false,
  open: (notes) => new ClaudeCode(notes),
};

class ClaudeCode implements FormatReader {
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    const items = this.#unrepeated([...lineItems(file, this.#notes)]);
    const lost = rewound(items.map(({ value }) => value));
    if (lost.size > 0) this.#notes.note("messages that were rewound", lost.size);
    const kept = items.filter(({ value }) => {
      const { type } = value;
      if (MESSAGES.has(String(type))) return !lost.has(value);
      this.#notes.note(`entries of the type ${String(type)}`);
      return false;
    });
    const agents = subAgents(kept.map(({ value }) => value));
    const session = new SessionFile(file.name, agents, this.#notes);
    yield* eachOf(kept, file.name, this.#notes, ({ value }) => session.read(value));
  }

  /** A line that was written twice counts once. */
  #unrepeated(items: readonly Item[]): Item[] {
    const seen = new Set<string>();
    return items.filter(({ value }) => {
      if (value["uuid"] === undefined) return true;
      const content = JSON.stringify(value);
      if (seen.has(content)) this.#notes.note("lines that are there twice");
      const isNew = !seen.has(content);
      seen.add(content);
      return isNew;
    });
  }
}

/** The sessions of a file: mostly one, and its sub-agents. */
class SessionFile {
  readonly #name: string;
  readonly #notes: Notes;
  readonly #agents: ReadonlyMap<Json, string>;
  readonly #calls = new Set<string>();
  /** A slash command counts once the agent goes to work on it. */
  readonly #commands = new Map<string, string>();
  #session: string;
  /** The answer of the model that is being read: it may be of several lines. */
  #answer = "";

  /** @param agents the sub-agents of messages */
  constructor(name: string, agents: ReadonlyMap<Json, string>, notes: Notes) {
    this.#name = name;
    this.#agents = agents;
    this.#notes = notes;
    this.#session = name;
  }

  *read(entry: Json): Generator<ImportEvent> {
    // Some writers name the session on the first line only.
    this.#session = wordOf(entry["sessionId"] ?? entry["session_id"], this.#session);
    const agent = this.#agentOf(entry);
    const run = agent === null ? this.#session : `${this.#session}/${agent}`;
    const at = timeOf(entry["timestamp"]);
    const { cwd, gitBranch: git_branch, version } = entry;
    const message = object(entry["message"]);
    const { model } = message;
    const isSaid = entry["type"] === "assistant" && typeof model === "string";
    const hasModel = isSaid && model !== "<synthetic>";
    yield { type: "seen", run, at };
    yield {
      type: "about",
      run,
      metadata: { session: this.#session, cwd, git_branch, version, agent },
      ...(hasModel
        ? { metadata: { model, session: this.#session, cwd, git_branch, version } }
        : {}),
      ...(agent === null ? {} : { related: { run: this.#session, reason: "sub-agent of" } }),
    };
    if (entry["type"] === "user") yield* this.#prompt(entry, message, run);
    else if (hasModel) yield* this.#answered(run);
    yield* this.#blocks(message, run, at);
  }

  /** null: it is the session itself. */
  #agentOf(entry: Json): string | null {
    const agent = this.#agents.get(entry);
    if (agent !== undefined) return agent;
    const { agentId } = entry;
    const isOwnFile = /(?:^|\/)agent-[^/]*\.jsonl$/.test(this.#name);
    return isOwnFile && typeof agentId === "string" && agentId !== "" ? agentId : null;
  }

  *#prompt(entry: Json, message: Json, run: string): Generator<ImportEvent> {
    if (["isMeta", "isCompactSummary"].some((mark) => entry[mark] === true)) return;
    const command = isCommandOf(message["content"]);
    if (command !== null) {
      this.#commands.set(run, command);
      return;
    }
    const text = promptOf(message["content"]);
    if (text === "") return;
    this.#commands.delete(run);
    yield { type: "prompt", run, text };
  }

  /** Commands of the program itself, such as /clear, nobody answers. */
  *#answered(run: string): Generator<ImportEvent> {
    const command = this.#commands.get(run);
    if (command === undefined) return;
    this.#commands.delete(run);
    yield { type: "prompt", run, text: command };
  }

  *#blocks(message: Json, run: string, at: string | undefined): Generator<ImportEvent> {
    const blocks = objects(message["content"]);
    const answer = wordOf(message["id"], "");
    if (answer !== "" && answer !== this.#answer) yield { type: "turn", run };
    this.#answer = answer || this.#answer;
    const isText = ({ type }: Json): boolean => type === "text";
    const action = textOf(blocks.filter(isText)).slice(0, ACTION_MAX);
    for (const block of blocks) {
      const { type } = block;
      if (type === "tool_use" || type === "server_tool_use") {
        if (this.#isRepeated(message, block)) continue;
        const tool = wordOf(block["name"], "unknown");
        const id = wordOf(block["id"], "");
        yield { type: "call", run, id, tool, action, parameters: block["input"] ?? {}, at };
      } else if (type === "tool_result") {
        // The program marks failures: what is not marked went well.
        const result = resultOf(block["content"], block["is_error"] === true ? "error" : "ended");
        yield { type: "result", run, id: wordOf(block["tool_use_id"], ""), result, at };
        if (objects(block["content"]).some((part) => part["type"] === "image"))
          this.#notes.note("images");
      } else if (type === "thinking" || type === "redacted_thinking")
        this.#notes.note("thinking blocks");
      else if (type === "image" || type === "document") this.#notes.note(`${String(type)}s`);
      else if (type !== "text") this.#notes.note(`blocks of the type ${String(type)}`);
    }
  }

  /** One answer is written as several lines, and a line of it sometimes twice. */
  #isRepeated(message: Json, { id, name, input }: Json): boolean {
    if (message["id"] === undefined || id === undefined) return false;
    const key = JSON.stringify([message["id"], id, name, input]);
    if (this.#calls.has(key)) {
      this.#notes.note("calls that are there twice");
      return true;
    }
    this.#calls.add(key);
    return false;
  }
}
