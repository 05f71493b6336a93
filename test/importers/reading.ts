/**
 * Reads files as `memory-cli import` does, for tests.
 *
 * @module
 */

import { expect } from "vitest";
import type { Line } from "../../cli/importers/importer.ts";
import { IMPORTERS, type Source } from "../../cli/importers/index.ts";
import { Normaliser } from "../../cli/importers/normaliser/normaliser.ts";
import { Notes } from "../../cli/importers/normaliser/notes.ts";
import { decode } from "../../cli/importers/reading/decode.ts";
import { episodeLine } from "../../src/contract/transfer/requests.ts";

export interface Read {
  lines: Line[];
  notes: string[];
}

/** Lines of JSON. */
export const jsonl = (...items: readonly unknown[]): string =>
  items.map((item) => `${JSON.stringify(item)}\n`).join("");

/**
 * What files are read as. Every line is one that the service takes, and reading again gives the
 * same, so that importing again changes nothing.
 *
 * @param files by name
 */
export function readFiles(
  source: Source,
  files: Readonly<Record<string, string | Uint8Array>>,
): Read {
  const read = readOnce(source, files);
  for (const line of read.lines) expect(episodeLine.safeParse(line).error).toBeUndefined();
  expect(readOnce(source, files)).toEqual(read);
  return read;
}

function readOnce(source: Source, files: Readonly<Record<string, string | Uint8Array>>): Read {
  const notes = new Notes();
  const normaliser = new Normaliser(source, IMPORTERS[source], notes);
  const lines: Line[] = [];
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : decode(content);
    lines.push(...normaliser.read({ name, text }));
  }
  lines.push(...normaliser.end());
  // As it is sent.
  return { lines: JSON.parse(JSON.stringify(lines)) as Line[], notes: notes.lines() };
}

/** The classes of a line's results. */
export const classesOf = (line: Line | undefined): (string | null)[] =>
  (line?.steps ?? []).map(({ result }) => result?.type ?? null);

/** Each step as its tool, its parameters and what came of it. */
export const toldOf = (line: Line | undefined): unknown[] =>
  (line?.steps ?? []).map(({ tool, parameters, result }) => [
    tool,
    parameters,
    result?.type === "success" ? result.output : result?.type === "error" ? result : result,
  ]);
