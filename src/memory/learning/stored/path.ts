/**
 * The steps of a digest as bytes. Names, errors and sources are written once, and their numbers
 * stand in the steps. Pure.
 *
 * @module
 */

import { RESULT_CLASSES } from "../../../contract/vocabulary.ts";
import type { PackedReader, PackedWriter } from "../../../util/packed.ts";
import type { PathStep, StepParameter } from "../types.ts";

/** Gives the same text for the same text: names are few, and each is kept once. */
export type Intern = (text: string) => string;

/** Numbers for texts, in the order in which they come first. */
class Names {
  readonly #numbers = new Map<string, number>();

  numberOf(name: string): number {
    const number = this.#numbers.get(name) ?? this.#numbers.size;
    this.#numbers.set(name, number);
    return number;
  }

  /** 0: there is none. */
  optional(name: string | null | undefined): number {
    return name === null || name === undefined ? 0 : this.numberOf(name) + 1;
  }

  get all(): string[] {
    return [...this.#numbers.keys()];
  }
}

/** @param format 0: without what steps were called with */
export function writePath(writer: PackedWriter, path: readonly PathStep[], format: number): void {
  const names = new Names();
  // Every text gets its number before any step is written.
  for (const { tool, error, key, parameters, shown } of path) {
    names.numberOf(tool);
    names.optional(error);
    if (format === 0) continue;
    names.optional(key);
    for (const { name, from } of parameters ?? []) {
      names.numberOf(name);
      for (const source of from ?? []) names.numberOf(source);
    }
    for (const { name, value } of shown ?? []) {
      names.numberOf(name);
      names.numberOf(value);
    }
  }
  const texts = names.all;
  writer.uint(texts.length);
  for (const text of texts) writer.text(text);

  writer.uint(path.length);
  let before = 0;
  for (const step of path) {
    writer
      .int(step.number - before)
      .uint(names.numberOf(step.tool))
      .uint(RESULT_CLASSES.indexOf(step.result))
      .uint(names.optional(step.error))
      .uint(step.latency_ms === null ? 0 : Math.round(step.latency_ms) + 1)
      .uint(step.fresh ?? 0)
      .uint(step.covered ?? 0)
      .uint(step.untried === undefined ? 0 : step.untried + 1)
      .text(step.action);
    if (format > 0) writeCall(writer, step, names);
    before = step.number;
  }
}

function writeCall(
  writer: PackedWriter,
  { key, parameters, shown, told }: PathStep,
  names: Names,
): void {
  writer.uint(names.optional(key)).uint(parameters?.length ?? 0);
  for (const { name, value, from } of parameters ?? []) {
    // A value may be empty; whether there is one stands in the lowest bit.
    const sources = from ?? [];
    writer.uint(names.numberOf(name)).uint(2 * sources.length + (value === undefined ? 0 : 1));
    for (const source of sources) writer.uint(names.numberOf(source));
    if (value !== undefined) writer.text(value);
  }
  writer.uint(shown?.length ?? 0);
  for (const { name, value } of shown ?? [])
    writer.uint(names.numberOf(name)).uint(names.numberOf(value));
  writer.text(told ?? "");
}

/** As `writePath` wrote it. */
export function readPath(reader: PackedReader, intern: Intern, format: number): PathStep[] {
  const names = Array.from({ length: reader.uint() }, () => intern(reader.text()));
  const path: PathStep[] = [];
  let number = 0;
  for (let left = reader.uint(); left > 0; left--) {
    number += reader.int();
    const tool = names[reader.uint()] ?? "";
    const result = RESULT_CLASSES[reader.uint()] ?? "unknown";
    const error = reader.uint();
    const latency = reader.uint();
    const [fresh, covered, untried] = [reader.uint(), reader.uint(), reader.uint()];
    path.push({
      number,
      tool,
      result,
      error: error === 0 ? null : (names[error - 1] ?? ""),
      latency_ms: latency === 0 ? null : latency - 1,
      fresh,
      covered,
      ...(untried === 0 ? {} : { untried: untried - 1 }),
      action: reader.text(),
      ...(format > 0 ? readCall(reader, names) : {}),
    });
  }
  return path;
}

function readCall(
  reader: PackedReader,
  names: readonly string[],
): Pick<PathStep, "key" | "parameters" | "shown" | "told"> {
  const key = reader.uint();
  const parameters = Array.from({ length: reader.uint() }, () => readParameter(reader, names));
  const shown = Array.from({ length: reader.uint() }, () => ({
    name: names[reader.uint()] ?? "",
    value: names[reader.uint()] ?? "",
  }));
  const told = reader.text();
  return {
    ...(key === 0 ? {} : { key: names[key - 1] ?? "" }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(shown.length === 0 ? {} : { shown }),
    ...(told === "" ? {} : { told }),
  };
}

function readParameter(reader: PackedReader, names: readonly string[]): StepParameter {
  const name = names[reader.uint()] ?? "";
  const shape = reader.uint();
  const from = Array.from({ length: shape >> 1 }, () => names[reader.uint()] ?? "");
  return {
    name,
    ...(shape % 2 === 0 ? {} : { value: reader.text() }),
    ...(from.length === 0 ? {} : { from }),
  };
}
