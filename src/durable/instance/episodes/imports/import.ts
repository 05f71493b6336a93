/**
 * Takes in episodes that ran elsewhere. The same one again is a duplicate; another one under its id
 * is a conflict, or what became of it since, as the import says. One that ended is learned from
 * before the answer, or queued; of one that is updated the evidence is taken back and given anew.
 *
 * @module
 */

import type { Input, Output } from "../../../../contract/operations.ts";
import { byteLength } from "../../../../util/bytes.ts";
import type { OperationScope } from "../../handlers.ts";
import type { EpisodeDeps } from "../deps.ts";
import { LearningFailed } from "../tasks/learning.ts";
import { ImportWriter } from "./writer.ts";

export class EpisodeImport {
  readonly #deps: EpisodeDeps;
  readonly #writer: ImportWriter;

  constructor(deps: EpisodeDeps) {
    this.#deps = deps;
    this.#writer = new ImportWriter(deps);
  }

  /**
   * Throws `Refused` for a conflict, for what is larger than it may be, and for a new one where the
   * namespace is at its quota.
   */
  async import(
    input: Input<"episode.import">,
    { namespace, by, commit }: OperationScope,
  ): Promise<Output<"episode.import">> {
    const { id, episode } = input;
    const bytes = (): number => byteLength(JSON.stringify(episode));
    const present = await this.#deps.store.find(namespace, id);
    const store = () => this.#store(input, { namespace, by, commit });
    // What is there already may be updated, however much the namespace holds.
    const answer = present ? store() : await this.#deps.quotas.one(namespace, bytes, store);
    await this.#writer.relate(namespace, id, episode);
    if (answer.status !== "duplicate") await this.#writer.learn(namespace, id);
    return answer;
  }

  /** With what it teaches, where its namespace's home is here. */
  #store(
    { on_conflict = "refuse", ...episode }: Input<"episode.import">,
    { namespace, by, commit }: Pick<OperationScope, "namespace" | "by" | "commit">,
  ): Output<"episode.import"> {
    const { context, learning } = this.#deps;
    const put = (isLearned: boolean): Output<"episode.import"> =>
      commit(() => {
        const plan = this.#writer.plan(namespace, episode, on_conflict);
        return { id: episode.id, status: this.#writer.write(plan, by, isLearned) };
      });
    try {
      return put(learning.isHere(namespace));
    } catch (error) {
      if (!(error instanceof LearningFailed)) throw error;
      context.log({ event: "learning_failed", level: "error", reason: error.message });
      return put(false);
    }
  }
}
