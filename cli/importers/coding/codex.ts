/**
 * Codex's rollout files, of 2025 and of today: a session is an episode, its calls are the steps,
 * what a person asked first is the task. A fork is a session of its own: the history that it
 * carries of its parent is the parent's. Turns that were rolled back did not happen.
 *
 * @module
 */

import {
  argumentsOf,
  object,
  objects,
  textOf,
  wordOf,
  type Json,
} from "../../../client/calls/values.ts";
import type { Verdict } from "../../../client/calls/results.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { lineItems, type SourceFile } from "../reading/json.ts";
import { withoutTags } from "../reading/tags.ts";
import { timeOf } from "../../../client/runs/values.ts";
import { idOf } from "../reading/ids.ts";
import { codexResult, eventVerdict } from "./codex-results.ts";

export const codex: Importer = {
  reads: "rollout files of Codex (~/.codex/sessions)",
  files: /^rollout-.*\.jsonl$/,
  isSpread: false,
  open: (notes) => new Codex(notes),
};

/** Sessions whose history is kept to tell what a fork carries of it, and items of each. */
const HISTORIES_MAX = 5_000;
const HISTORY_MAX = 20_000;

class Codex implements FormatReader {
  readonly #notes: Notes;
  /** Of each session, hashes of its items. */
  readonly #histories = new Map<string, readonly string[]>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    const entries = [...lineItems(file, this.#notes)].map(({ value, place }) => ({
      place,
      ...entryOf(value),
    }));
    const rollout = new Rollout(entries, file.name, this.#notes);
    const history = entries.filter(isItem).map(({ payload }) => idOf(JSON.stringify(payload)));
    const parent = this.#histories.get(rollout.parent ?? "");
    if (rollout.parent !== null && !parent)
      this.#notes.note("forks whose parent is in no file: the history that they carry is theirs");
    const carried = parent ? commonStart(parent, history) : 0;
    if (carried > 0) this.#notes.note("items that a fork carries of its parent", carried);
    if (this.#histories.size < HISTORIES_MAX)
      this.#histories.set(rollout.session, history.slice(0, HISTORY_MAX));

    let left = carried;
    const own = entries.filter((entry) => !isItem(entry) || left-- <= 0);
    // A turn may be taken back later, so nothing is passed on before the end.
    yield* eachOf(own, file.name, this.#notes, (entry) => rollout.read(entry));
    yield* rollout.events();
  }
}

interface Entry {
  type: string;
  payload: Json;
  at: string | undefined;
  place: string;
}

const isItem = ({ type }: Entry): boolean => type === "response_item";

/** A line, in the form of today: in 2025 items stood there as they are, and meta data without a type. */
function entryOf(line: Json): Omit<Entry, "place"> {
  const at = timeOf(line["timestamp"]);
  const { type, payload, record_type: record } = line;
  if (payload !== undefined) return { type: String(type), payload: object(payload), at };
  if (record !== undefined) return { type: `record ${wordOf(record, "")}`, payload: {}, at };
  const isMeta = type === undefined && typeof line["id"] === "string";
  return { type: isMeta ? "session_meta" : "response_item", payload: line, at };
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  let count = 0;
  while (count < one.length && one[count] === other[count]) count += 1;
  return count;
}

const CALLS = new Set(["function_call", "custom_tool_call", "local_shell_call", "web_search_call"]);

class Rollout {
  readonly session: string;
  /** The session that it was forked from; null: it is no fork. */
  readonly parent: string | null;
  readonly #notes: Notes;
  readonly #meta: Json;
  /** What happened before the first prompt, and with each prompt. */
  readonly #turns: ImportEvent[][] = [[]];
  /** What events of the program say of calls that ended. */
  readonly #told = new Map<string, Verdict>();
  #model: unknown;
  /** The prompt that was passed on last, once. */
  #asked: { text: string; from: "event" | "item" } | null = null;

  constructor(entries: readonly Entry[], name: string, notes: Notes) {
    this.#notes = notes;
    // A fork carries its parent's after its own.
    const [own, ...others] = entries.filter(({ type }) => type === "session_meta");
    this.#meta = own?.payload ?? {};
    this.session = wordOf(this.#meta["id"] ?? this.#meta["session_id"], name);
    const carried = others.find(({ payload }) => payload["id"] !== this.session)?.payload["id"];
    const parent = wordOf(this.#meta["forked_from_id"] ?? carried, "");
    this.parent = parent === "" ? null : parent;
  }

  /** Nothing is passed on yet. */
  read({ type, payload, at }: Entry): [] {
    this.#tell({ type: "seen", run: this.session, at });
    if (type === "session_meta" || type.startsWith("record ")) return [];
    if (type === "turn_context") this.#model = payload["model"] ?? this.#model;
    else if (type === "event_msg") this.#event(payload);
    else if (type === "response_item") this.#item(payload, at);
    else this.#notes.note(`entries of the type ${type}`);
    return [];
  }

  *events(): Generator<ImportEvent> {
    const { cwd, cli_version: version, git, source } = this.#meta;
    const { branch: git_branch } = object(git);
    const spawned = object(object(object(source)["subagent"])["thread_spawn"]);
    const spawner = wordOf(spawned["parent_thread_id"] ?? this.#meta["parent_thread_id"], "");
    const related =
      spawner === ""
        ? this.parent && { run: this.parent, reason: "fork of" }
        : { run: spawner, reason: "sub-agent of" };
    yield {
      type: "about",
      run: this.session,
      metadata: { session: this.session, cwd, version, git_branch, model: this.#model },
      ...(related ? { related } : {}),
    };
    for (const turn of this.#turns) yield* turn;
  }

  #tell(event: ImportEvent): void {
    this.#turns.at(-1)?.push(event);
  }

  /** What is shown repeats what was said; only some of it is nowhere else. */
  #event(payload: Json): void {
    const { type, call_id: id, num_turns: turns } = payload;
    if (type === "user_message") this.#prompt(payload["message"], "event");
    const verdict = eventVerdict(payload);
    if (verdict !== undefined && typeof id === "string") this.#told.set(id, verdict);
    if (type === "token_count") {
      // It ends an answer of the model.
      this.#tell({ type: "turn", run: this.session });
      this.#notes.note("token counts, which are of whole turns");
    }
    if (type !== "thread_rolled_back") return;
    const count = Math.min(Number(turns) || 1, this.#turns.length - 1);
    this.#turns.splice(this.#turns.length - count, count);
    this.#notes.note("turns that were rolled back", count);
  }

  #item(item: Json, at: string | undefined): void {
    const type = wordOf(item["type"], item["role"] === undefined ? "unknown" : "message");
    if (CALLS.has(type)) this.#call(item, type, at);
    else if (type.endsWith("_call_output")) this.#output(item, at);
    else if (type === "message") {
      if (item["role"] === "user") this.#prompt(item["content"], "item");
    } else this.#notes.note(`items of the type ${type}`);
  }

  #call(item: Json, type: string, at: string | undefined): void {
    const action = object(item["action"]);
    const named = type === "web_search_call" ? "web_search" : wordOf(action["type"], "shell");
    const given = item["arguments"] ?? item["input"] ?? action;
    const parameters = argumentsOf(given);
    const isText = typeof given === "string" && object(parameters)["arguments"] === given;
    const status = type === "web_search_call" ? item["status"] : undefined;
    const result = status === "completed" ? ({ type: "success", output: "" } as const) : null;
    this.#tell({
      type: "call",
      run: this.session,
      id: wordOf(item["call_id"] ?? item["id"], ""),
      tool: toolOf(item, named),
      parameters: isText ? { input: given } : parameters,
      at,
      result,
    });
  }

  #output(item: Json, at: string | undefined): void {
    const id = wordOf(item["call_id"] ?? item["id"], "");
    const told = this.#told.get(id);
    this.#told.delete(id);
    const result = codexResult(item["output"], told);
    this.#tell({ type: "result", run: this.session, id, result, at });
  }

  /** Most prompts are written twice: as what was shown, and as what was sent. */
  #prompt(content: unknown, from: "event" | "item"): void {
    const text = askedOf(content);
    const before = this.#asked;
    if (text === "") return;
    if (before?.text === text && before.from !== from) {
      this.#asked = null;
      return;
    }
    this.#asked = { text, from };
    this.#turns.push([{ type: "prompt", run: this.session, text }]);
  }
}

/** Tools of an MCP server stand below its name. */
function toolOf({ name, namespace }: Json, instead: string): string {
  const tool = wordOf(name, instead);
  if (typeof namespace !== "string" || namespace === "" || tool.startsWith(namespace)) return tool;
  const isJoined = namespace.endsWith("__") || tool.startsWith("_");
  return isJoined ? namespace + tool : `${namespace}__${tool}`;
}

/** Tags of the program that may stand anywhere. */
const TAGS = [
  "environment_context",
  "user_instructions",
  "INSTRUCTIONS",
  "permissions",
  "skills",
  "turn_aborted",
  "collaboration_mode",
  "subagent_notification",
  "user_shell_command",
];
/** What an editor adds before what was asked. */
const REQUEST = "## My request for Codex:";

/** A person's words; empty: they said nothing. */
function askedOf(content: unknown): string {
  const texts =
    typeof content === "string" ? [content] : objects(content).map(({ text }) => textOf(text));
  return texts
    .map((text) => {
      const at = text.startsWith("# Context from my IDE setup:") ? text.indexOf(REQUEST) : -1;
      return withoutTags(at < 0 ? text : text.slice(at + REQUEST.length), TAGS);
    })
    .filter((text) => text !== "" && !text.startsWith("# AGENTS.md instructions"))
    .join("\n");
}
