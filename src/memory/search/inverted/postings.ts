/**
 * Packs lists of document numbers: rising, each as the difference to the one before, in a byte or
 * two. Pure.
 *
 * @module
 */

import type { PackedReader, PackedWriter } from "../../../util/packed.ts";

/** @param documents whole numbers ≥ 0, rising */
export function writePostings(writer: PackedWriter, documents: readonly number[]): void {
  let before = -1;
  for (const document of documents) {
    writer.uint(document - before - 1);
    before = document;
  }
}

/** Adds so many document numbers to a list. */
export function readPostings(reader: PackedReader, count: number, into: number[]): void {
  let before = -1;
  for (let i = 0; i < count; i++) {
    before += reader.uint() + 1;
    into.push(before);
  }
}
