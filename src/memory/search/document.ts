/**
 * A document of the index: texts by field, as the terms that it is found by and scored by. It is
 * kept as the hashes of its terms, in their order. Pure.
 *
 * @module
 */

import type { PackedReader, PackedWriter } from "../../util/packed.ts";
import { contentFlags, documentTokens, tokenize } from "../text/tokens.ts";
import { termHash } from "./term-hash.ts";

/** Terms kept of one field. */
const FIELD_TERMS_MAX = 600;

/** Bytes of a term's hash, packed. */
const TERM_BYTES = 4;

/** Flags that are packed into one byte. */
const FLAGS_PER_GROUP = 7;

export const FIELDS = ["task", "tags", "outcome", "tools", "errors", "calls"] as const;
export type Field = (typeof FIELDS)[number];
const TASK = FIELDS.indexOf("task");

/** By field; those that are absent are empty. */
export type DocumentTexts = Partial<Record<Field, string>>;

/** The terms of a document, for each field in the order of FIELDS. */
export interface DocumentTerms {
  fields: readonly (readonly string[])[];
  /** Terms of the task's first line; 0 where it is the only one. */
  lead: number;
  /** For each term of the task, whether it carries meaning: `contentFlags`. */
  isContent: readonly boolean[];
}

/** What a document is scored by: as `DocumentTerms`, each term as its hash. */
export interface IndexedDocument {
  fields: readonly Uint32Array[];
  lead: number;
  isContent: readonly boolean[];
}

/** Linear in the texts; what is beyond the bounds is not found by a search. */
export function documentTerms(texts: DocumentTexts): DocumentTerms {
  const tokens = FIELDS.map((field) => {
    const text = texts[field] ?? "";
    return text === "" ? [] : documentTokens(text);
  });
  return {
    fields: tokens.map((ofField) => ofField.slice(0, FIELD_TERMS_MAX).map(({ term }) => term)),
    lead: leadLength(texts.task ?? ""),
    isContent: contentFlags(tokens[TASK] ?? []).slice(0, FIELD_TERMS_MAX),
  };
}

/** The terms that find it, each once. */
export function distinctTerms({ fields }: DocumentTerms): Set<string> {
  return new Set(fields.flat());
}

export function indexedDocument({ fields, lead, isContent }: DocumentTerms): IndexedDocument {
  return { fields: fields.map((terms) => Uint32Array.from(terms, termHash)), lead, isContent };
}

/** The hashes of the task's terms that carry meaning, each once, in their order. */
export function contentHashes({ fields, isContent }: IndexedDocument): Set<number> {
  const task = fields[TASK] ?? new Uint32Array();
  const content = new Set<number>();
  for (let i = 0; i < task.length; i++) if (isContent[i]) content.add(task[i] ?? 0);
  return content;
}

/** @param count how many of its fields are written, the first ones */
export function writeDocument(
  writer: PackedWriter,
  { fields, lead, isContent }: IndexedDocument,
  count: number = FIELDS.length,
): void {
  writer.uint(lead);
  for (const hashes of fields.slice(0, count)) {
    writer.uint(hashes.length);
    for (const hash of hashes) writer.uint32(hash);
  }
  for (let i = 0; i < isContent.length; i += FLAGS_PER_GROUP) {
    let group = 0;
    for (let bit = 0; bit < FLAGS_PER_GROUP; bit++) if (isContent[i + bit]) group |= 1 << bit;
    writer.uint(group);
  }
}

/** @param written how many fields were written; the others are empty */
export function readDocument(
  reader: PackedReader,
  written: number = FIELDS.length,
): IndexedDocument {
  const lead = reader.uint();
  const fields = readFields(reader, written);
  const isContent: boolean[] = [];
  const count = fields[TASK]?.length ?? 0;
  for (let i = 0; i < count; i += FLAGS_PER_GROUP) {
    const group = reader.uint();
    for (let bit = 0; bit < FLAGS_PER_GROUP && i + bit < count; bit++)
      isContent.push((group & (1 << bit)) !== 0);
  }
  return { fields, lead, isContent };
}

/** Parts of one array: many documents are held in memory, and an array of its own is much for a few terms. */
function readFields(reader: PackedReader, written: number): Uint32Array[] {
  const from = reader.at;
  const ends: number[] = [];
  let total = 0;
  for (let f = 0; f < FIELDS.length; f++) {
    const length = f < written ? reader.uint() : 0;
    reader.skip(TERM_BYTES * length);
    ends.push((total += length));
  }
  const after = reader.at;
  const terms = new Uint32Array(total);
  reader.skip(from - after);
  return ends.map((end, f) => {
    const field = terms.subarray(ends[f - 1] ?? 0, end);
    if (f < written) {
      reader.uint();
      reader.uint32s(field);
    }
    return field;
  });
}

function leadLength(task: string): number {
  const [lead = "", more] = task.trim().split(/\n(.*)/s);
  return more === undefined ? 0 : Math.min(FIELD_TERMS_MAX, tokenize(lead).length);
}
