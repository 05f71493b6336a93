/**
 * LangGraph's threads: their state, their history, and checkpoints as savers keep them as JSON. A
 * thread is an episode; of its checkpoints the last one has all its messages.
 *
 * @module
 */

import { readChat, type Chat } from "../../../client/calls/calls.ts";
import { object, objects, parsed, wordOf, type Json } from "../../../client/calls/values.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import type { Notes } from "../../../client/runs/notes.ts";
import { fileItems, type SourceFile } from "../reading/json.ts";
import { timeOf } from "../../../client/runs/values.ts";

export const langgraph: Importer = {
  reads: "states, histories and checkpoints of LangGraph's threads, as JSON",
  files: /\.(jsonl?|ndjson)$/,
  isSpread: true,
  open: (notes) => new LangGraph(notes),
};

interface Thread {
  /** The messages of the checkpoint that is the last so far. */
  messages: Json[];
  order: string;
  first: string | undefined;
  last: string | undefined;
  metadata: Json;
}

class LangGraph implements FormatReader {
  readonly #notes: Notes;
  readonly #threads = new Map<string, Thread>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** Nothing is passed on yet: a later checkpoint has more. */
  read(file: SourceFile): [] {
    for (const { value, place } of fileItems(file, this.#notes)) {
      const states = [value["history"], value["checkpoints"], value["states"]].find(Array.isArray);
      for (const state of states ? objects(states) : [value])
        this.#take(state, value, { file: file.name, place });
    }
    return [];
  }

  *end(): Generator<ImportEvent> {
    for (const [run, { messages, first, last, metadata }] of this.#threads) {
      const chat = readChat(messages);
      yield { type: "about", run, metadata, started_at: first, ended_at: last };
      yield* chatEvents(run, chat, this.#notes);
    }
    this.#threads.clear();
  }

  /** @param outer what the state stands in, which may name the thread */
  #take(state: Json, outer: Json, at: { file: string; place: string }): void {
    const checkpoint = object(parsed(state["checkpoint"]));
    const config = object(object(state["config"])["configurable"]);
    const values = object(
      state["values"] ?? checkpoint["channel_values"] ?? state["channel_values"] ?? state["state"],
    );
    const held = values["messages"] ?? state["messages"];
    if (!Array.isArray(held)) {
      this.#notes.odd(at.file, at.place, "a state without messages");
      return;
    }
    const thread = wordOf(
      state["thread_id"] ??
        config["thread_id"] ??
        checkpoint["thread_id"] ??
        object(state["metadata"])["thread_id"] ??
        outer["thread_id"],
      at.file,
    );
    const space = wordOf(
      config["checkpoint_ns"] ?? checkpoint["checkpoint_ns"] ?? state["checkpoint_ns"],
      "",
    );
    const time = timeOf(
      state["created_at"] ??
        state["createdAt"] ??
        checkpoint["ts"] ??
        state["ts"] ??
        state["updated_at"],
    );
    // The ids of checkpoints rise with time.
    const id = config["checkpoint_id"] ?? checkpoint["id"] ?? checkpoint["checkpoint_id"];
    const metadata = { thread, graph: object(state["metadata"])["graph_id"], subgraph: space };
    this.#keep(space === "" ? thread : `${thread}/${space}`, objects(held), {
      order: `${time ?? ""} ${wordOf(id ?? state["id"], "")}`,
      time,
      metadata,
    });
  }

  #keep(
    run: string,
    messages: Json[],
    { order, time, metadata }: { order: string; time: string | undefined; metadata: Json },
  ): void {
    const before = this.#threads.get(run);
    const times = [before?.first, before?.last, time].filter((one) => one !== undefined).sort();
    const isLast =
      !before ||
      order > before.order ||
      (order === before.order && messages.length > before.messages.length);
    this.#threads.set(run, {
      messages: isLast ? messages : before.messages,
      order: isLast ? order : before.order,
      first: times[0],
      last: times.at(-1),
      metadata,
    });
  }
}

/** What a chat tells of a run. */
export function* chatEvents(run: string, chat: Chat, notes: Notes): Generator<ImportEvent> {
  if (chat.prompt !== null) yield { type: "prompt", run, text: chat.prompt };
  for (const { id: _id, ...call } of chat.calls) yield { type: "call", run, id: null, ...call };
  if (chat.strays > 0) notes.note("results that belong to no call", chat.strays);
}
