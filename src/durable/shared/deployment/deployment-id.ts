/**
 * Which deployment this is, as a user of the database or the bucket knows it: the Coordinator says
 * it once, and it is kept. A Coordinator of an earlier release knows none, and then nothing is
 * claimed.
 *
 * @module
 */

import { Refused } from "../refusals.ts";

export interface DeploymentIdDeps {
  /** Asks the Coordinator. */
  ask: () => Promise<string>;
  /** What was kept; null: nothing. */
  kept: () => string | null;
  keep: (id: string) => void;
}

export class DeploymentId {
  readonly #deps: DeploymentIdDeps;
  #asking: Promise<string | null> | null = null;

  constructor(deps: DeploymentIdDeps) {
    this.#deps = deps;
  }

  /**
   * null: of a release that has none. Throws what the connection to the Coordinator throws.
   *
   * @param anew asks although it is known: the Coordinator may have another by now
   */
  async get(anew = false): Promise<string | null> {
    const kept = anew ? null : this.#deps.kept();
    if (kept !== null) return kept;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<string | null> {
    try {
      const id = await this.#deps.ask();
      this.#deps.keep(id);
      return id;
    } catch (error) {
      if (error instanceof Refused) return this.#deps.kept();
      throw error;
    }
  }
}

/** One that is kept in memory. */
export function remembered(ask: () => Promise<string>): DeploymentId {
  let id: string | null = null;
  const keep = (own: string): void => {
    id = own;
  };
  return new DeploymentId({ ask, keep, kept: () => id });
}
