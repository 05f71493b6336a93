/**
 * Claude Code's session files: a session is an episode, its tool calls are the steps, what a person
 * asked first is the task.
 *
 * @module
 */

import { omitUndefined } from "../omit-undefined.ts";
import {
  idOf,
  jsonLines,
  line,
  object,
  objects,
  short,
  textOf,
  timeOf,
  TimeSpan,
  ToolCalls,
  wordOf,
  type Importer,
  type Json,
  type Line,
  type Unmapped,
} from "./importer.ts";

/** Text that the program puts in the user's mouth. */
const PUT_IN =
  /^\s*(<(command-name|command-message|local-command|system-reminder|bash-)|Caveat: The messages below|This session is being continued|\[Request interrupted)/;
const ACTION_MAX = 1_000;

export const claudeCode: Importer = {
  reads: "session files of Claude Code (~/.claude/projects)",
  files: /\.jsonl$/,
  *read(text, name, unmapped) {
    const messages = [...jsonLines(text, unmapped)].filter(({ type }) => {
      if (type === "user" || type === "assistant") return true;
      unmapped.note(`entries of the type ${String(type)}`);
      return false;
    });
    const sessions = Map.groupBy(messages, (entry) => wordOf(entry["sessionId"], name));
    for (const [id, entries] of sessions) {
      const session = new Session(id, unmapped);
      for (const entry of entries) session.read(entry);
      const episode = session.episode();
      if (episode) yield episode;
      else unmapped.note("sessions without a prompt of a person");
    }
  },
};

class Session {
  readonly #id: string;
  readonly #unmapped: Unmapped;
  readonly #calls = new ToolCalls();
  readonly #span = new TimeSpan();
  #task: string | null = null;
  #model: string | undefined;
  /** Where it ran; the last word counts. */
  #place: Json = {};

  constructor(id: string, unmapped: Unmapped) {
    this.#id = id;
    this.#unmapped = unmapped;
  }

  read(entry: Json): void {
    if (entry["isSidechain"] === true) return this.#unmapped.note("messages of sub-agents");
    const at = timeOf(entry["timestamp"]);
    this.#span.include(at);
    const { cwd, gitBranch, version } = entry;
    this.#place = { ...this.#place, ...omitUndefined({ cwd, gitBranch, version }) };

    const message = object(entry["message"]);
    const { content, model } = message;
    if (entry["type"] === "assistant" && typeof model === "string") this.#model = model;
    const blocks = objects(content);
    const isText = (block: Json): boolean => block["type"] === "text";
    const said = textOf(typeof content === "string" ? content : blocks.filter(isText));
    if (entry["type"] === "user" && entry["isMeta"] !== true) this.#prompt(said);
    for (const block of blocks) this.#block(block, said, at);
  }

  /** The first prompt of a person is the task. */
  #prompt(said: string): void {
    if (this.#task === null && said.trim() !== "" && !PUT_IN.test(said)) this.#task = said;
  }

  #block(block: Json, said: string, at: string | undefined): void {
    switch (block["type"]) {
      case "tool_use": {
        const tool = wordOf(block["name"], "unknown");
        const action = short(said).slice(0, ACTION_MAX);
        return this.#calls.add(block["id"], { tool, action, parameters: block["input"] ?? {} }, at);
      }
      case "tool_result": {
        const output = textOf(block["content"]);
        const isError = block["is_error"] === true;
        return this.#calls.end(
          block["tool_use_id"],
          isError ? { type: "error", message: output } : { type: "success", output },
          at,
        );
      }
      case "thinking":
        return this.#unmapped.note("thinking blocks");
      case "image":
        return this.#unmapped.note("images");
    }
  }

  /** null: nobody asked for anything. */
  episode(): Line | null {
    if (this.#task === null) return null;
    const { cwd, gitBranch: git_branch, version } = this.#place;
    const about = omitUndefined({ cwd, git_branch, version, model: this.#model });
    return line(
      {
        id: idOf("claude-code", this.#id),
        task: this.#task,
        context: { tags: ["claude-code"] },
        metadata: { session: this.#id, ...(about as Record<string, string>) },
        steps: this.#calls.steps,
        ...omitUndefined({ started_at: this.#span.first, ended_at: this.#span.last }),
      },
      this.#unmapped,
    );
  }
}
