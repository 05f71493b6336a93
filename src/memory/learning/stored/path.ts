/**
 * The steps of a digest as bytes. Names, errors and sources are written once, and their numbers
 * stand in the steps. Pure.
 *
 * @module
 */

import { RESULT_CLASSES } from "../../../contract/vocabulary.ts";
import { PackedReader, type PackedWriter } from "../../../util/packed.ts";
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

/** As `writePath` wrote it: what a step was called with and answered is read when it is asked for. */
export function readPath(
  bytes: Uint8Array,
  begin: number,
  intern: Intern,
  format: number,
): PathStep[] {
  const reader = new PackedReader(bytes, begin);
  const names = new StoredNames(bytes, reader, intern);
  const of = { bytes, names, format };
  const path: PathStep[] = [];
  let number = 0;
  for (let left = reader.uint(); left > 0; left--) {
    number += reader.int();
    const tool = names.at(reader.uint());
    const result = RESULT_CLASSES[reader.uint()] ?? "unknown";
    const error = reader.uint();
    const latency = reader.uint();
    const [fresh, covered, untried] = [reader.uint(), reader.uint(), reader.uint()];
    const at = reader.at;
    reader.skipText();
    if (format > 0) skipCall(reader);
    path.push(
      new StoredStep(of, at, {
        number,
        tool,
        result,
        error: error === 0 ? null : names.at(error - 1),
        latency_ms: latency === 0 ? null : latency - 1,
        fresh,
        covered,
        untried: untried === 0 ? undefined : untried - 1,
      }),
    );
  }
  return path;
}

/** A step with fields of its own alone, as it goes to another instance. */
export function plainStep(step: PathStep): PathStep {
  const { number, tool, action, result, error, latency_ms } = step;
  const { fresh, covered, untried, key, parameters, shown, told } = step;
  return {
    number,
    tool,
    action,
    result,
    error,
    latency_ms,
    ...(fresh === undefined ? {} : { fresh }),
    ...(covered === undefined ? {} : { covered }),
    ...(untried === undefined ? {} : { untried }),
    ...(key === undefined ? {} : { key }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(shown === undefined ? {} : { shown }),
    ...(told === undefined ? {} : { told }),
  };
}

/** The texts of a path, each read when it is first asked for. */
class StoredNames {
  readonly #bytes: Uint8Array;
  readonly #intern: Intern;
  readonly #begins: Uint32Array;
  readonly #texts: string[] = [];

  /** @param reader is behind them afterwards */
  constructor(bytes: Uint8Array, reader: PackedReader, intern: Intern) {
    this.#bytes = bytes;
    this.#intern = intern;
    this.#begins = new Uint32Array(reader.uint());
    for (let i = 0; i < this.#begins.length; i++) {
      this.#begins[i] = reader.at;
      reader.skipText();
    }
  }

  at(number: number): string {
    const begin = this.#begins[number];
    if (begin === undefined) return "";
    return (this.#texts[number] ??= this.#intern(new PackedReader(this.#bytes, begin).text()));
  }
}

/** What the steps of a path are read from. */
interface StoredPath {
  bytes: Uint8Array;
  names: StoredNames;
  format: number;
}

type Call = Pick<PathStep, "key" | "parameters" | "shown" | "told">;
type Outline = Pick<PathStep, "number" | "tool" | "result" | "error" | "latency_ms"> &
  Record<"fresh" | "covered", number> & { untried: number | undefined };

/** What questions look at in every step is read at once, the rest when it is asked for. */
class StoredStep implements PathStep {
  readonly number: number;
  readonly tool: string;
  readonly result: PathStep["result"];
  readonly error: string | null;
  readonly latency_ms: number | null;
  readonly fresh: number;
  readonly covered: number;
  readonly untried: number | undefined;
  readonly #path: StoredPath;
  readonly #at: number;
  #call: Call | null = null;

  /** @param at where its action is, which its call follows */
  constructor(path: StoredPath, at: number, outline: Outline) {
    this.number = outline.number;
    this.tool = outline.tool;
    this.result = outline.result;
    this.error = outline.error;
    this.latency_ms = outline.latency_ms;
    this.fresh = outline.fresh;
    this.covered = outline.covered;
    this.untried = outline.untried;
    this.#path = path;
    this.#at = at;
  }

  get action(): string {
    return new PackedReader(this.#path.bytes, this.#at).text();
  }

  get key(): string | undefined {
    return this.#called().key;
  }

  get parameters(): readonly StepParameter[] | undefined {
    return this.#called().parameters;
  }

  get shown(): PathStep["shown"] {
    return this.#called().shown;
  }

  get told(): string | undefined {
    return this.#called().told;
  }

  #called(): Call {
    if (this.#call) return this.#call;
    const { bytes, names, format } = this.#path;
    const reader = new PackedReader(bytes, this.#at);
    reader.skipText();
    this.#call = format > 0 ? readCall(reader, names) : {};
    return this.#call;
  }
}

function readCall(reader: PackedReader, names: StoredNames): Call {
  const key = reader.uint();
  const parameters: StepParameter[] = [];
  for (let left = reader.uint(); left > 0; left--) parameters.push(readParameter(reader, names));
  const shown: { name: string; value: string }[] = [];
  for (let left = reader.uint(); left > 0; left--)
    shown.push({ name: names.at(reader.uint()), value: names.at(reader.uint()) });
  const told = reader.text();
  return {
    ...(key === 0 ? {} : { key: names.at(key - 1) }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(shown.length === 0 ? {} : { shown }),
    ...(told === "" ? {} : { told }),
  };
}

function readParameter(reader: PackedReader, names: StoredNames): StepParameter {
  const name = names.at(reader.uint());
  const shape = reader.uint();
  const from: string[] = [];
  for (let left = shape >> 1; left > 0; left--) from.push(names.at(reader.uint()));
  return {
    name,
    ...(shape % 2 === 0 ? {} : { value: reader.text() }),
    ...(from.length === 0 ? {} : { from }),
  };
}

/** Passes over what `readCall` reads. */
function skipCall(reader: PackedReader): void {
  reader.uint();
  for (let left = reader.uint(); left > 0; left--) {
    reader.uint();
    const shape = reader.uint();
    for (let sources = shape >> 1; sources > 0; sources--) reader.uint();
    if (shape % 2 === 1) reader.skipText();
  }
  for (let left = 2 * reader.uint(); left > 0; left--) reader.uint();
  reader.skipText();
}
