/**
 * Makes digests of a former format anew from the database's episodes, in the background, some an
 * alarm: what was learned stays and answers meanwhile. A digest whose episode the database has not
 * stays as it is. Namespaces are looked for as the instance starts.
 *
 * @module
 */

import { withGroup } from "../../../../memory/holdout/index.ts";
import { DIGEST_FORMAT, type Digest } from "../../../../memory/learning/types.ts";
import { readRecords, readSteps } from "../../episodes/store/stored-episodes.ts";
import type { Part } from "../../../shared/context.ts";
import { digestOfRecord } from "../../../shared/episode-record.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { NumberedDigest } from "../learned/digests.ts";

/** Namespaces that are looked for at once. */
const NAMESPACES_MAX = 1_000;
/** Digests that are looked at, and that are made anew, in one alarm. */
const READ_PER_ALARM = 1_000;
const RENEWED_PER_ALARM = 50;
/** How long it waits after the database failed, ms. */
const WAIT_MS = 60_000;

export class Renewal implements Part {
  readonly #deps: KnowledgeDeps;
  /** Namespaces that have digests of a former format; null: not looked for yet. */
  #names: string[] | null = null;
  /** The number of the digest that was looked at last, and how many were made anew so far. */
  #after = 0;
  #renewed = 0;
  #notBefore = 0;

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps;
  }

  /** Now while there are any; null: there is none. */
  nextAt(now: number): number | null {
    if (this.#names?.length === 0) return null;
    return Math.max(now, this.#notBefore);
  }

  /** One slice. Never throws for what the database does. */
  async onAlarm(now: number): Promise<void> {
    const { learned, isHome, log } = this.#deps;
    if (now < this.#notBefore) return;
    this.#names ??= learned.withFormerDigests(NAMESPACES_MAX);
    const [namespace] = this.#names;
    if (namespace === undefined) return;
    if (!isHome(namespace) || learned.stateOf(namespace) !== "ready") return this.#leave();
    try {
      if (await this.#renewSlice(namespace)) return;
    } catch (error) {
      this.#notBefore = now + WAIT_MS;
      const reason = String(error);
      log({ event: "knowledge_load_failed", level: "warn", namespace, failures: 1, reason });
      return;
    }
    log({ event: "knowledge_renewed", level: "info", namespace, count: this.#renewed });
    this.#leave();
  }

  /** Goes on with the next namespace. */
  #leave(): void {
    this.#names = this.#names?.slice(1) ?? null;
    this.#after = 0;
    this.#renewed = 0;
  }

  /** False: nothing is left of the namespace. */
  async #renewSlice(namespace: string): Promise<boolean> {
    const { database, learned, transaction } = this.#deps;
    const { former, last } = this.#next(namespace);
    if (former.length === 0 && last === null) {
      transaction(() => this.#finish(namespace));
      return false;
    }
    const ids = former.map(({ digest }) => digest.episode_id);
    const { records, rest } = await readRecords(database, namespace, ids);
    const steps = await readSteps(database, namespace, records);
    const whole = records.slice(0, steps.length);
    transaction(() => {
      for (const [i, record] of whole.entries())
        this.#renew(namespace, digestOfRecord(record, steps[i] ?? []));
      const open = learned.of(namespace);
      if (open?.isCheckpointDue) learned.checkpoint(open);
    });
    // What did not fit into the answer comes with the next slice.
    const first = records[whole.length]?.id ?? rest;
    const cut = former.find(({ digest }) => digest.episode_id === first);
    this.#after = cut ? cut.number - 1 : (last ?? this.#after);
    return true;
  }

  /** Digests of a former format behind the last one, and the last that was looked at. */
  #next(namespace: string): { former: NumberedDigest[]; last: number | null } {
    const former: NumberedDigest[] = [];
    let last: number | null = null;
    let read = 0;
    for (const numbered of this.#deps.learned.of(namespace)?.digests.oldest(this.#after) ?? []) {
      last = numbered.number;
      if (numbered.digest.format < DIGEST_FORMAT) former.push(numbered);
      if (++read >= READ_PER_ALARM || former.length >= RENEWED_PER_ALARM) break;
    }
    return { former, last };
  }

  /** What was forgotten meanwhile is not learned again; what was in a group stays in it. */
  #renew(namespace: string, digest: Digest): void {
    const { learned, isHome, now } = this.#deps;
    const open = isHome(namespace) ? learned.of(namespace) : null;
    const former = open?.digests.byEpisode(digest.episode_id)?.digest;
    if (!open || !former) return;
    const { recall_group: group } = former;
    if (open.learn(group ? withGroup(digest, group) : digest, now())) this.#renewed += 1;
  }

  #finish(namespace: string): void {
    const { learned } = this.#deps;
    const open = learned.of(namespace);
    if (!open) return;
    open.isOfFormat(DIGEST_FORMAT);
    learned.checkpoint(open);
  }
}
