/**
 * Finds namespaces whose index was made when texts were cut into terms in another way, and has those
 * learned again that it makes a difference to: with texts that are not ASCII alone. The others are
 * marked as they are. One namespace at a time, in the background, some episodes an alarm; what is
 * loading already comes first.
 *
 * @module
 */

import { episodeTexts } from "../../../../memory/learning/index.ts";
import { TERMS_VERSION } from "../../../../memory/text/index.ts";
import type { KnowledgeDeps } from "../deps.ts";

/** What an earlier release left unsent has been sent by then, if the database is there, ms. */
const START_MS = 60_000;
/** Episodes whose texts are looked at in one alarm. */
const READ_PER_ALARM = 500;
const ASCII = /^[\0-\x7f]*$/;

type ReindexingDeps = Pick<KnowledgeDeps, "learned" | "isHome" | "transaction" | "log">;

export class Reindexing {
  readonly #deps: ReindexingDeps;
  readonly #relearn: (namespace: string) => void;
  /** ms since the epoch; null: nobody has asked yet. */
  #notBefore: number | null = null;
  /** The namespace that is looked at; null: there is none. undefined: not looked for yet. */
  #name: string | null | undefined = undefined;
  /** The number of the digest that was looked at last; null: none was. */
  #before: number | null = null;

  /** @param relearn learns a namespace again from the database */
  constructor(deps: ReindexingDeps, relearn: (namespace: string) => void) {
    this.#deps = deps;
    this.#relearn = relearn;
  }

  /** When a namespace should be looked at; null: all are as they should be. */
  nextAt(now: number): number | null {
    if (this.#name === undefined) this.#name = this.#next("");
    this.#notBefore ??= now + START_MS;
    return this.#name === null ? null : this.#notBefore;
  }

  /** Looks at some episodes of a namespace. */
  onAlarm(now: number): void {
    const due = this.nextAt(now);
    if (due === null || due > now || typeof this.#name !== "string") return;
    const name = this.#name;
    if (!this.#deps.isHome(name)) return this.#leave(name);

    const isAffected = this.#look(name);
    if (isAffected === null) return;
    if (isAffected) {
      this.#deps.log({ event: "knowledge_reindexed", level: "info", namespace: name });
      this.#relearn(name);
    } else {
      const { learned, transaction } = this.#deps;
      transaction(() => learned.setIndexed(name, TERMS_VERSION));
    }
    this.#leave(name);
  }

  /** Whether a text of the namespace gives other terms now; null: not all have been looked at. */
  #look(name: string): boolean | null {
    let read = 0;
    for (const { number, digest } of this.#deps.learned.of(name)?.digests.newest(this.#before) ??
      []) {
      const texts = Object.values(episodeTexts(digest.unpacked()));
      if (!texts.every((text) => ASCII.test(text))) return true;
      this.#before = number;
      if (++read >= READ_PER_ALARM) return null;
    }
    return false;
  }

  #leave(name: string): void {
    this.#before = null;
    this.#name = this.#next(name);
  }

  #next(after: string): string | null {
    return this.#deps.learned.indexedBefore(TERMS_VERSION, after);
  }
}
