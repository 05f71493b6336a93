/**
 * mem0's memories, and those of servers that name their fields like these: each is a fact.
 *
 * @module
 */

import { object, wordOf, type Json } from "../../../client/calls/values.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { fileItems, type SourceFile } from "../reading/json.ts";
import { textsOf, timeOf } from "../../../client/runs/values.ts";

/** Fields that have no place here. */
const LEFT = ["expiration_date", "immutable", "embedding", "relations", "score"];

export const mem0: Importer = {
  reads: "memories exported from mem0, as JSON",
  files: /\.jsonl?$/,
  isSpread: false,
  open: (notes) => new Mem0(notes),
};

class Mem0 implements FormatReader {
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    const items = fileItems(file, this.#notes);
    yield* eachOf(items, file.name, this.#notes, ({ value }) => this.#fact(value));
  }

  *#fact(item: Json): Generator<ImportEvent> {
    const memory = item["memory"] ?? item["text"] ?? item["content"] ?? item["data"];
    if (typeof memory !== "string" || memory.trim() === "") {
      this.#notes.note("items without a memory");
      return;
    }
    for (const field of LEFT) if (item[field]) this.#notes.note(`the field ${field}`);
    const { id, user_id, agent_id, run_id, app_id, categories, metadata } = item;
    const created = timeOf(item["created_at"] ?? item["createdAt"]);
    yield {
      type: "fact",
      fact: wordOf(id, memory),
      texts: [memory],
      tags: textsOf(categories ?? item["tags"]),
      metadata: object(metadata),
      said_by: { user_id, agent_id, run_id, app_id },
      created_at: created,
      updated_at: timeOf(item["updated_at"] ?? item["updatedAt"]) ?? created,
      related: [],
    };
  }
}
