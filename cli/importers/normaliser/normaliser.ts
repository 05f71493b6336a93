/**
 * Makes lines for `POST /v1/import` of what the files of a format tell. Calls and results are
 * paired by occurrence, what is too large is cut, and what is not taken over is reported. A run ends
 * with its file, or with the last file where it may be spread over several.
 *
 * @module
 */

import type { ImportEvent, Line } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { idOf } from "../reading/ids.ts";
import type { SourceFile } from "../reading/json.ts";
import { Bounds } from "../../../client/runs/bounds.ts";
import { factLines, type FactsAs } from "./facts.ts";
import type { Notes } from "../../../client/runs/notes.ts";
import { Run } from "../../../client/runs/run.ts";

/** Runs that are open at once; of more the oldest ends early, and grows when it goes on. */
const OPEN_MAX = 20_000;

export class Normaliser {
  readonly #source: string;
  readonly #importer: Importer;
  readonly #notes: Notes;
  readonly #bounds: Bounds;
  readonly #reader: FormatReader;
  readonly #factsAs: FactsAs;
  readonly #runs = new Map<string, Run>();

  /** @param source the format's name, which is a part of the ids */
  constructor(source: string, importer: Importer, notes: Notes, factsAs: FactsAs = "lessons") {
    this.#source = source;
    this.#importer = importer;
    this.#notes = notes;
    this.#bounds = new Bounds(notes);
    this.#reader = importer.open(notes);
    this.#factsAs = factsAs;
  }

  /** The lines of a file; never throws: a file that cannot be read is reported. */
  *read(file: SourceFile): Generator<Line> {
    try {
      for (const event of this.#reader.read(file)) yield* this.#take(event);
    } catch (error) {
      this.#notes.odd(file.name, "the rest of the file", String(error));
    }
    if (!this.#importer.isSpread) yield* this.#flush();
  }

  /** The lines of runs that may have gone on in another file. */
  *end(): Generator<Line> {
    for (const event of this.#reader.end?.() ?? []) yield* this.#take(event);
    yield* this.#flush();
  }

  *#take(event: ImportEvent): Generator<Line> {
    if (event.type === "fact") {
      const of = { source: this.#source, bounds: this.#bounds, notes: this.#notes };
      yield* factLines(of, event, this.#factsAs);
      return;
    }
    const run = this.#run(event.run);
    if (event.type === "call") run.call(event);
    else if (event.type === "result") run.result(event.id, event.result, event.at);
    else if (event.type === "prompt") run.prompt(event.text);
    else if (event.type === "turn") run.endTurn();
    else if (event.type === "seen") run.seen(event.at);
    else {
      const { type: _type, run: _run, ...about } = event;
      run.about(about);
    }
    if (this.#runs.size > OPEN_MAX) yield* this.#flushOldest();
  }

  #run(name: string): Run {
    const present = this.#runs.get(name);
    if (present) return present;
    const run = new Run({ source: this.#source, idOf }, name, this.#notes);
    this.#runs.set(name, run);
    return run;
  }

  *#flush(): Generator<Line> {
    for (const run of this.#runs.values()) yield* this.#lineOf(run);
    this.#runs.clear();
  }

  *#flushOldest(): Generator<Line> {
    const [name, run] = this.#runs.entries().next().value ?? [];
    if (name === undefined || !run) return;
    this.#runs.delete(name);
    this.#notes.note(`runs that ended early, because more than ${OPEN_MAX} were open`);
    yield* this.#lineOf(run);
  }

  *#lineOf(run: Run): Generator<Line> {
    const line = run.line();
    if (line) {
      yield this.#bounds.line(line);
      return;
    }
    this.#notes.note("runs in which nobody asked for anything");
    if (run.steps > 0) this.#notes.note("steps of runs in which nobody asked", run.steps);
  }
}
