/**
 * The knowledge graph of MCP's server-memory, and of servers that are made after it: an entity is a
 * fact, made of its observations. Entities of one name are one, with what was observed of each.
 *
 * @module
 */

import { object, wordOf, type Json } from "../../../client/calls/values.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { NO_TIME } from "../../../client/runs/run.ts";
import { fileItems, type SourceFile } from "../reading/json.ts";
import { textsOf, timeOf } from "../../../client/runs/values.ts";

export const mcpMemory: Importer = {
  reads: "the JSONL file of MCP's server-memory",
  files: /\.jsonl?$/,
  isSpread: true,
  open: (notes) => new McpMemory(notes),
};

interface Entity {
  kinds: Set<string>;
  observations: Set<string>;
  metadata: Json;
  created: string | undefined;
  updated: string | undefined;
  /** To another entity, by its name: the words for it. */
  relations: Map<string, Set<string>>;
}

class McpMemory implements FormatReader {
  readonly #notes: Notes;
  readonly #entities = new Map<string, Entity>();
  readonly #relations: Json[] = [];

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    const items = fileItems(file, this.#notes);
    yield* eachOf(items, file.name, this.#notes, ({ value }) => {
      this.#take(value);
      return [];
    });
  }

  *end(): Generator<ImportEvent> {
    for (const relation of this.#relations) this.#relate(relation);
    for (const [name, entity] of this.#entities) yield factOf(name, entity);
    this.#entities.clear();
  }

  #take(entry: Json): void {
    const { entities, relations } = entry;
    const type = entry["type"] ?? entry["_type"];
    // Some servers write one document of both.
    if (Array.isArray(entities) || Array.isArray(relations)) {
      for (const one of (entities ?? []) as Json[]) this.#add(one);
      this.#relations.push(...((relations ?? []) as Json[]));
    } else if (type === "entity") this.#add(entry);
    else if (type === "relation") this.#relations.push(entry);
    else this.#notes.note(`entries of the type ${String(type)}`);
  }

  #add(entry: Json): void {
    const { name, entityType, observations, createdAt, updatedAt, ...rest } = entry;
    const { type: _type, _type: _kind, _savedAt: _saved, ...more } = rest;
    const key = wordOf(name, "");
    if (key === "") return this.#notes.note("entities without a name");
    const seen = [...observedIn(observations)];
    const times = seen.flatMap(({ at }) => at ?? []).sort();
    const created = timeOf(createdAt ?? more["created_at"]) ?? times[0];
    const updated = timeOf(updatedAt ?? more["updated_at"]) ?? times.at(-1);
    const before = this.#entities.get(key);
    if (before) this.#notes.note("entities of a name that is there already, which become one");
    const entity: Entity = before ?? {
      kinds: new Set(),
      observations: new Set(),
      metadata: {},
      created,
      updated,
      relations: new Map(),
    };
    this.#entities.set(key, entity);
    entity.kinds.add(wordOf(entityType, "entity"));
    for (const { text } of seen) entity.observations.add(text);
    entity.metadata = { ...entity.metadata, ...more };
    entity.created = earlier(entity.created, created);
    entity.updated = later(entity.updated, updated ?? created);
  }

  #relate(relation: Json): void {
    const name = wordOf(relation["from"] ?? relation["from_entity"], "");
    const from = this.#entities.get(name);
    const to = wordOf(relation["to"] ?? relation["to_entity"], "");
    if (!from || !this.#entities.has(to))
      return this.#notes.note("relations with an entity that is not in the file");
    if (name === to) return this.#notes.note("relations of an entity with itself");
    const words = from.relations.get(to) ?? new Set();
    from.relations.set(to, words.add(wordOf(relation["relationType"], "")));
  }
}

const DEPTH_MAX = 8;

/** A text, or an object that holds one; some servers nest them as they read them out of XML. */
function* observedIn(held: unknown, depth = 0): Generator<{ text: string; at?: string }> {
  if (depth > DEPTH_MAX) return;
  const fields = object(held);
  if (Array.isArray(held)) for (const one of held) yield* observedIn(one, depth + 1);
  else if (fields !== held) for (const text of textsOf(held)) yield { text };
  else {
    const { text, content, timestamp, createdAt } = fields;
    const said = text ?? content;
    const at = timeOf(timestamp ?? createdAt);
    if (typeof said === "string") yield { text: said, ...(at === undefined ? {} : { at }) };
    else for (const inner of Object.values(fields)) yield* observedIn(inner, depth + 1);
  }
}

function factOf(name: string, entity: Entity): ImportEvent {
  return {
    type: "fact",
    fact: name,
    about: { name, kind: [...entity.kinds].join(", ") },
    texts: [...entity.observations],
    tags: [],
    metadata: entity.metadata,
    said_by: {},
    created_at: entity.created ?? NO_TIME,
    updated_at: entity.updated ?? entity.created ?? NO_TIME,
    related: [...entity.relations].map(([fact, words]) => ({ fact, words: [...words] })),
  };
}

const earlier = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;
const later = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;
