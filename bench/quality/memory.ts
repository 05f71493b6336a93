/**
 * A memory in this process: an instance of the service with a database beside it, everything but
 * the platform. Questions and imports are validated as the Worker does, and answered by the code
 * that is deployed. Its time stands still, so that the same questions get the same answers on any
 * day.
 *
 * @module
 */

import type { AdviceView, RecallView } from "../../src/contract/recall/answers.ts";
import type { SkillsView } from "../../src/contract/skills/answers.ts";
import { adviseBody, recallBody } from "../../src/contract/recall/requests.ts";
import { episodeLine } from "../../src/contract/transfer/requests.ts";
import type { AblationName } from "../../src/memory/ablations.ts";
import { NodeInstances } from "../../test/support/instances.ts";

/** Every episode has the same time, a day before the questions: nothing depends on the order. */
const AT = "2026-01-01T00:00:00.000Z";
/** Episodes of one import that are learned before the alarm fires. */
const LEARNED_AT_ONCE = 500;

export type Line = Record<string, unknown> & { id: string };

export class Memory {
  readonly #without = new Set<AblationName>();
  readonly #instances = new NodeInstances(1, {}, this.#without);

  /** Lines as `POST /v1/import` takes them. Throws for one that is refused. */
  async learn(namespace: string, lines: Iterable<Line>): Promise<void> {
    let learned = 0;
    for (const given of lines) {
      const { id } = given;
      const episode = { ...episodeLine.parse({ started_at: AT, ended_at: AT, ...given }), id };
      const input = { id, episode };
      await this.#instances.do("episode.import", input, { namespace });
      learned += 1;
      if (learned % LEARNED_AT_ONCE === 0) await this.#settle();
    }
    await this.#settle();
  }

  /** @param question as `POST /v1/advise` takes it */
  advise(namespace: string, question: Record<string, unknown>): Promise<AdviceView> {
    return this.#instances.do("advise", adviseBody.parse(question), { namespace });
  }

  /** @param question as `POST /v1/recall` takes it */
  recall(namespace: string, question: Record<string, unknown>): Promise<RecallView> {
    return this.#instances.do("recall", recallBody.parse(question), { namespace });
  }

  /** @param ms that pass, or that are taken back */
  pass(ms: number): void {
    this.#instances.now += ms;
  }

  /** Makes its object anew, as after an eviction: what is kept in memory alone is gone. */
  restart(): void {
    this.#instances.restart(0);
  }

  /** As `GET /v1/skills` answers. */
  skills(namespace: string): Promise<SkillsView> {
    return this.#instances.do("skills.list", {}, { namespace });
  }

  /** Answers without these parts, and with all others, from now on. */
  leaveOut(parts: readonly AblationName[]): void {
    this.#without.clear();
    for (const part of parts) this.#without.add(part);
  }

  /** What is learned is stored, as the alarm does it. The time stays where it is. */
  async #settle(): Promise<void> {
    const { now } = this.#instances;
    await this.#instances.instance(0).alarm();
    this.#instances.now = now;
  }
}
