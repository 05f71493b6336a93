/**
 * opencode's sessions: its exports, its storage (a file a session, a message, a part), its events,
 * and those of `opencode run --format json`. A session is an episode, its tool parts are the steps,
 * what a person asked first is the task. What was reverted did not happen; it is told.
 *
 * @module
 */

import { resultOf, type CallResult } from "../../../client/calls/results.ts";
import { object, objects, textOf, wordOf, type Json } from "../../../client/calls/values.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { fileItems, type SourceFile } from "../reading/json.ts";
import { timeOf } from "../../../client/runs/values.ts";

const ACTION_MAX = 1_000;

export const opencode: Importer = {
  reads: "sessions of opencode: `opencode export`, its storage folder, `run --format json`",
  files: /\.jsonl?$/,
  isSpread: true,
  open: (notes) => new Opencode(notes),
};

interface Message {
  info: Json;
  /** By their ids: a part that changes is written again. */
  parts: Map<string, Json>;
}

interface Session {
  info: Json;
  messages: Map<string, Message>;
}

class Opencode implements FormatReader {
  readonly #notes: Notes;
  readonly #sessions = new Map<string, Session>();
  /** Parts name their message; in old storage they do not name its session. */
  readonly #sessionOf = new Map<string, string>();
  readonly #homeless: Json[] = [];

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    const items = fileItems(file, this.#notes);
    yield* eachOf(items, file.name, this.#notes, ({ value }) => this.#take(value));
  }

  *end(): Generator<ImportEvent> {
    for (const part of this.#homeless) {
      const session = this.#sessionOf.get(String(part["messageID"]));
      if (session === undefined) this.#notes.note("parts whose message is in no file");
      else this.#addPart(session, part);
    }
    for (const [id, session] of this.#sessions) yield* this.#events(id, session);
    this.#sessions.clear();
  }

  /** Nothing is told before the end: a session is spread over many files. */
  #take(given: Json): [] {
    const { type, properties } = given;
    // Events as the server tells them hold what they are about.
    const isEvent = typeof type === "string" && properties !== undefined;
    const { info: about, part: changed } = object(properties);
    const value = !isEvent ? given : changed ? { part: changed } : object(about);
    const { info, messages, part, parts } = value;
    if (Array.isArray(messages)) this.#export(object(info), objects(messages));
    else if (Array.isArray(parts) && info !== undefined)
      this.#message(object(info), objects(parts));
    else if (part !== undefined) this.#part({ ...object(part), ...sessionOf(value) });
    else if ("messageID" in value) this.#part(value);
    else if ("role" in value && "sessionID" in value) this.#message(value, []);
    else if (typeof value["id"] === "string" && ("directory" in value || "title" in value))
      this.#session(value["id"]).info = value;
    else if (isEvent) this.#notes.note(`events of the type ${type}`);
    else this.#notes.note("items that are neither a session, a message nor a part");
    return [];
  }

  #export(info: Json, messages: readonly Json[]): void {
    const [first] = messages;
    const id = wordOf(info["id"] ?? object(first?.["info"])["sessionID"], "unknown");
    this.#session(id).info = info;
    // Ids rise with time: those that are left out get one of their place.
    for (const [i, message] of messages.entries()) {
      const named = { sessionID: id, id: placed(i), ...object(message["info"]) };
      this.#message(named, objects(message["parts"]));
    }
  }

  #message(info: Json, parts: readonly Json[]): void {
    const id = wordOf(info["id"], "");
    const session = wordOf(info["sessionID"], "unknown");
    this.#sessionOf.set(id, session);
    this.#messageOf(session, id).info = info;
    for (const part of parts) this.#addPart(session, { messageID: id, ...part });
  }

  #part(part: Json): void {
    const session = wordOf(part["sessionID"] ?? this.#sessionOf.get(String(part["messageID"])), "");
    if (session === "") this.#homeless.push(part);
    else this.#addPart(session, part);
  }

  #addPart(session: string, part: Json): void {
    const { parts } = this.#messageOf(session, wordOf(part["messageID"], ""));
    parts.set(wordOf(part["id"], placed(parts.size)), part);
  }

  #session(id: string): Session {
    const present = this.#sessions.get(id);
    if (present) return present;
    const session: Session = { info: {}, messages: new Map() };
    this.#sessions.set(id, session);
    return session;
  }

  #messageOf(session: string, id: string): Message {
    const { messages } = this.#session(session);
    const present = messages.get(id);
    if (present) return present;
    const message: Message = { info: {}, parts: new Map() };
    messages.set(id, message);
    return message;
  }

  *#events(run: string, { info, messages }: Session): Generator<ImportEvent> {
    const { directory, version, title, parentID, revert, time } = info;
    const { created, updated } = object(time);
    yield {
      type: "about",
      run,
      metadata: { session: run, directory, version, title },
      // Events of a run have neither its prompt nor a title.
      ...(typeof title === "string" || hasCalls(messages)
        ? { instead: wordOf(title, "a run of opencode") }
        : {}),
      started_at: timeOf(created),
      ended_at: timeOf(updated),
      ...(typeof parentID === "string"
        ? { related: { run: parentID, reason: "sub-agent of" } }
        : {}),
    };
    // Ids rise with time; so do those of parts.
    const ordered = [...messages].sort(([a], [b]) => (a < b ? -1 : 1));
    const from = object(revert)["messageID"];
    const kept = ordered.filter(([id]) => typeof from !== "string" || id < from);
    if (kept.length < ordered.length)
      this.#notes.note("messages that were reverted", ordered.length - kept.length);
    for (const [, message] of kept) yield* this.#messageEvents(run, message);
  }

  *#messageEvents(run: string, { info, parts }: Message): Generator<ImportEvent> {
    const all = [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
    const isSaid = ({ type, synthetic, ignored }: Json): boolean =>
      type === "text" && synthetic !== true && ignored !== true;
    const text = textOf(all.filter(isSaid)).trim();
    yield { type: "seen", run, at: timeOf(object(info["time"])["created"]) };
    if (info["role"] === "user" && text !== "") yield { type: "prompt", run, text };
    const model = info["modelID"] ?? object(info["model"])["modelID"];
    yield { type: "about", run, metadata: { model } };
    const { name } = object(info["error"]);
    if (name !== undefined) this.#notes.note(`errors of answers (${wordOf(name, "unknown")})`);
    const action = info["role"] === "user" ? "" : text.slice(0, ACTION_MAX);
    for (const part of all) {
      if (isCall(part)) yield toolEvent(run, part, action);
      else if (!QUIET.has(String(part["type"])))
        this.#notes.note(`parts of the type ${String(part["type"])}`);
    }
  }
}

const placed = (at: number): string => String(at).padStart(9, "0");

/** Parts that say when something began and ended, or what was said. */
const QUIET = new Set(["text", "step-start", "step-finish"]);

const isCall = ({ type, tool }: Json): boolean => type === "tool" || tool !== undefined;
const hasCalls = (messages: Session["messages"]): boolean =>
  [...messages.values()].some(({ parts }) => [...parts.values()].some(isCall));

const sessionOf = ({ sessionID }: Json): Json => (sessionID === undefined ? {} : { sessionID });

function toolEvent(run: string, part: Json, action: string): ImportEvent {
  const state = object(part["state"]);
  const { start, end } = object(state["time"]);
  const took = Number(end) - Number(start);
  return {
    type: "call",
    run,
    id: null,
    tool: wordOf(part["tool"], "unknown"),
    parameters: state["input"] ?? {},
    action,
    at: timeOf(start),
    ...(took >= 0 ? { latency_ms: took } : {}),
    result: resultIn(state),
  };
}

/** null: it has not ended. */
function resultIn({ status, output, error, metadata }: Json): CallResult | null {
  if (status === "error") return resultOf(error, "error");
  if (status === undefined && output !== undefined) return resultOf(output, "unsaid");
  if (status !== "completed") return null;
  // A command that failed is a call that completed.
  const { exit } = object(metadata);
  return resultOf(output, typeof exit === "number" && exit !== 0 ? "error" : "ended");
}
