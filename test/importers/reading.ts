/**
 * Reads files as `memory-cli import` does, for tests.
 *
 * @module
 */

import { expect } from "vitest";
import type { EpisodeLine, LessonLine, Line } from "../../client/runs/events.ts";
import { IMPORTERS, type Source } from "../../cli/importers/index.ts";
import type { FactsAs } from "../../cli/importers/normaliser/facts.ts";
import { Normaliser } from "../../cli/importers/normaliser/normaliser.ts";
import { Notes } from "../../client/runs/notes.ts";
import { decode } from "../../cli/importers/reading/decode.ts";
import { lessonLine } from "../../src/contract/lessons/requests.ts";
import { episodeLine } from "../../src/contract/transfer/requests.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

export interface Read {
  lines: EpisodeLine[];
  lessons: LessonLine[];
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
export function readFiles(source: Source, files: Files, factsAs: FactsAs = "lessons"): Read {
  const read = readOnce(source, files, factsAs);
  for (const line of read.lines) expect(episodeLine.safeParse(line).error).toBeUndefined();
  for (const line of read.lessons) expect(lessonLine.safeParse(line).error).toBeUndefined();
  expect(readOnce(source, files, factsAs)).toEqual(read);
  return read;
}

function readOnce(source: Source, files: Files, factsAs: FactsAs): Read {
  const notes = new Notes();
  const normaliser = new Normaliser(source, IMPORTERS[source], notes, factsAs);
  const lines: Line[] = [];
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : decode(content);
    lines.push(...normaliser.read({ name, text }));
  }
  lines.push(...normaliser.end());
  // As it is sent.
  const sent = JSON.parse(JSON.stringify(lines)) as Line[];
  return {
    lines: sent.filter((line) => line.type === "episode"),
    lessons: sent.filter((line) => line.type === "lesson"),
    notes: notes.lines(),
  };
}

/** The classes of a line's results. */
export const classesOf = (line: EpisodeLine | undefined): (string | null)[] =>
  (line?.steps ?? []).map(({ result }) => result?.type ?? null);

/** Each step as its tool, its parameters and what came of it. */
export const toldOf = (line: EpisodeLine | undefined): unknown[] =>
  (line?.steps ?? []).map(({ tool, parameters, result }) => [
    tool,
    parameters,
    result?.type === "success" ? result.output : result?.type === "error" ? result : result,
  ]);
