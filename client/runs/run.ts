/**
 * One run as its events give it: its task, its steps with their own results, when it was, and what
 * became of it.
 *
 * @module
 */

import { Pairing } from "../calls/pairing.ts";
import { sentResult, type CallResult } from "../calls/results.ts";
import type { Json } from "../calls/values.ts";
import type { Step } from "../step.ts";
import { omitUndefined } from "./omit-undefined.ts";
import type { CallEvent, EpisodeLine, RunAbout } from "./events.ts";
import { plainOf } from "./values.ts";
import { STEPS_MAX } from "./bounds.ts";
import type { Notes } from "./notes.ts";

/** Facts and relations of no known time: a fixed one makes them the same each time. */
export const NO_TIME = "1970-01-01T00:00:00.000Z";

/** Characters of what a tool said that timed out. */
const SAID_MAX = 2_000;

/** Where runs are from. */
export interface RunOrigin {
  /** The format's name, which is a part of the ids. */
  source: string;
  /** The id of what these parts name: the same each time. */
  idOf: (source: string, run: string) => string;
}

interface ArmedCall {
  step: Step;
  /** ms since the epoch; NaN: unknown. */
  at: number;
}

export class Run {
  readonly #source: string;
  readonly #idOf: RunOrigin["idOf"];
  readonly #run: string;
  readonly #notes: Notes;
  readonly #steps: Step[] = [];
  readonly #pairing = new Pairing<ArmedCall>();
  #about: RunAbout = {};
  #metadata: Record<string, string> = {};
  #prompt: string | null = null;
  #prompts = 0;
  #beyond = 0;
  #first: string | undefined;
  #last: string | undefined;

  constructor({ source, idOf }: RunOrigin, run: string, notes: Notes) {
    this.#source = source;
    this.#idOf = idOf;
    this.#run = run;
    this.#notes = notes;
  }

  /** How many there are. */
  get steps(): number {
    return this.#steps.length + this.#beyond;
  }

  about({ metadata = {}, ...about }: RunAbout): void {
    const { plain, others } = plainOf(metadata);
    if (others > 0) this.#notes.note("metadata that is not text", others);
    this.#metadata = { ...this.#metadata, ...plain };
    this.#about = { ...this.#about, ...omitUndefined(about as Json) };
  }

  prompt(text: string): void {
    this.#prompt ??= text;
    this.#prompts += 1;
    this.#pairing.endTurn();
  }

  endTurn(): void {
    this.#pairing.endTurn();
  }

  seen(at: string | undefined): void {
    if (at === undefined) return;
    if (this.#first === undefined || at < this.#first) this.#first = at;
    if (this.#last === undefined || at > this.#last) this.#last = at;
  }

  call({ type: _type, run: _run, id, result = null, ...made }: CallEvent): void {
    this.seen(made.at);
    const { tool, parameters, action = "", metadata = {}, at, latency_ms, tokens } = made;
    const known = omitUndefined({ at, latency_ms, tokens });
    const step: Step = { tool, action, parameters, metadata, ...known };
    setResult(step, result);
    if (this.#steps.length < STEPS_MAX) this.#steps.push(step);
    else this.#beyond += 1;
    if (id !== null && result === null)
      this.#pairing.arm(id, { step, at: Date.parse(made.at ?? "") });
  }

  result(id: string, result: CallResult, at: string | undefined): void {
    this.seen(at);
    const call = this.#pairing.use(id);
    if (!call) return this.#notes.note("results that belong to no call");
    setResult(call.step, result);
    const took = Date.parse(at ?? "") - call.at;
    if (took >= 0) call.step.latency_ms = took;
  }

  /** null: nobody asked for anything. */
  line(): Omit<EpisodeLine, "type"> | null {
    const { id, task, instead, related, started_at, ended_at, tags = [], ...about } = this.#about;
    const asked = task ?? this.#prompt ?? instead;
    if (asked === undefined || asked.trim() === "") return null;
    if (task === undefined && this.#prompt === null)
      this.#notes.note(
        "what was asked in runs that do not say it, whose title is their task",
        1,
        "unsaid",
      );
    if (this.#beyond > 0)
      this.#notes.note(`steps beyond ${STEPS_MAX} of an episode`, this.#beyond, "steps");
    if (this.#prompts > 1) this.#notes.note("later prompts of a person", this.#prompts - 1);
    const times = { started_at: started_at ?? this.#first, ended_at: ended_at ?? this.#last };
    return {
      id: id ?? this.#idOf(this.#source, this.#run),
      task: asked,
      ...(omitUndefined(about) as Partial<EpisodeLine>),
      context: { tags: [this.#source], ...about.context },
      metadata: this.#metadata,
      tags,
      steps: this.#steps,
      ...omitUndefined(times),
      ...(related ? { relationships: [this.#tie(related, times.started_at)] } : {}),
    };
  }

  #tie({ run, reason }: { run: string; reason: string }, at: string | undefined) {
    const to = this.#idOf(this.#source, run);
    return { to, type: "related_to", created_at: at ?? NO_TIME, reason };
  }
}

/** What a tool said that timed out has no place in its result. */
function setResult(step: Step, result: CallResult | null): void {
  step.result = sentResult(result);
  const said = result?.type === "timeout" ? result.said : undefined;
  if (said) step.metadata = { ...step.metadata, timeout: said.slice(0, SAID_MAX) };
}
