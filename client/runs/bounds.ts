/**
 * An episode within the service's bounds. What is cut or left out is reported.
 *
 * @module
 */

import type { Json } from "../calls/values.ts";
import { fitting, type Step } from "../step.ts";
import type { EpisodeLine } from "./events.ts";
import type { Notes } from "./notes.ts";

const TASK_MAX = 10_000;
const TEXT_MAX = 10_000;
const NAME_MAX = 200;
const VALUE_MAX = 2_000;
const ENTRIES_MAX = 50;
export const STEPS_MAX = 1_000;
const RELATIONSHIPS_MAX = 200;

/** Texts as the service takes them; what is cut is reported. */
export class Bounds {
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  text(text: string, max: number, what: string): string {
    if (text.length > max)
      this.#notes.note(`the rest of ${what} longer than ${max} characters`, 1, "texts");
    return clean(text.slice(0, max));
  }

  /** Of an outcome: a verdict, a reason, details; lists of texts. */
  outcome(outcome: Json): Json {
    const entries = Object.entries(outcome).map(([name, value]): [string, unknown] => {
      if (typeof value === "string" && name !== "type")
        return [name, this.text(value, TEXT_MAX, "outcomes")];
      return [name, Array.isArray(value) ? this.texts(value, "lists of outcomes") : value];
    });
    return Object.fromEntries(entries);
  }

  texts(items: readonly unknown[], what: string): string[] {
    if (items.length > ENTRIES_MAX)
      this.#notes.note(`${what} beyond ${ENTRIES_MAX} of an episode`, items.length - ENTRIES_MAX);
    return items
      .slice(0, ENTRIES_MAX)
      .map((item) => this.text(String(item), TEXT_MAX, what))
      .filter((text) => text !== "");
  }

  tags(tags: readonly string[], max = ENTRIES_MAX): string[] {
    const kept = this.texts(tags, "tags").map((tag) => this.text(tag, NAME_MAX, "tags"));
    const distinct = [...new Set(kept)];
    if (distinct.length > max) this.#notes.note(`tags beyond ${max}`, distinct.length - max);
    return distinct.slice(0, max);
  }

  metadata(metadata: Readonly<Record<string, string>>, max = ENTRIES_MAX): Record<string, string> {
    const entries = Object.entries(metadata).filter(([, value]) => value !== "");
    if (entries.length > max)
      this.#notes.note(`metadata beyond ${max} entries`, entries.length - max);
    return Object.fromEntries(
      entries
        .slice(0, max)
        .map(([name, value]) => [
          this.text(name, NAME_MAX, "names of metadata"),
          this.text(value, VALUE_MAX, "values of metadata"),
        ]),
    );
  }

  steps(steps: readonly Step[]): Step[] {
    return steps.map((step, i) => {
      // One entry is left for what `fitting` says.
      const metadata = this.metadata(step.metadata ?? {}, ENTRIES_MAX - 1);
      const { step: made, cut } = fitting({ ...step, metadata });
      if (cut) this.#notes.note("the rest of outputs or parameters that are too large", 1, "texts");
      return { ...made, number: i + 1 };
    });
  }

  line(given: Omit<EpisodeLine, "type">): EpisodeLine {
    const { context = {}, metadata = {}, tags = [], steps = [], outcome, relationships } = given;
    if (relationships && relationships.length > RELATIONSHIPS_MAX)
      this.#notes.note("relations beyond 200", relationships.length - RELATIONSHIPS_MAX);
    return {
      type: "episode",
      ...given,
      task: this.text(given.task, TASK_MAX, "tasks") || "unknown",
      context: this.#context(context),
      metadata: this.metadata(metadata),
      tags: this.tags(tags),
      steps: this.steps(steps),
      ...(outcome ? { outcome: this.outcome(outcome) } : {}),
      ...(relationships
        ? {
            relationships: relationships.slice(0, RELATIONSHIPS_MAX).map((one) => ({
              ...one,
              reason: this.text(one.reason ?? "", TEXT_MAX, "reasons of relations"),
            })),
          }
        : {}),
    };
  }

  #context(context: Json): Json {
    const entries = Object.entries(context).map(([name, value]): [string, unknown] => {
      if (typeof value === "string") return [name, this.text(value, NAME_MAX, `the ${name}`)];
      return [name, Array.isArray(value) ? this.tags(value.map(String)) : value];
    });
    return Object.fromEntries(entries);
  }
}

function clean(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
