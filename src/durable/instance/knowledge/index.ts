/**
 * What a namespace's home knows: what was learned from its episodes, and what of it helps with a
 * new task. Puts its parts together, and does what is done to a namespace as a whole: it is read
 * again, handed over, restored. A namespace that is unknown here is loaded from the
 * database in the background; until then the database answers, and what is to be learned waits.
 *
 * @module
 */

import type { InternalInput } from "../../shared/instance/protocol.ts";
import { Moved } from "../../shared/refusals.ts";
import type { SqlValue } from "../../../storage/index.ts";
import type { KnowledgeDeps } from "./deps.ts";
import { Feedback } from "./feedback/feedback.ts";
import { Learning } from "./learning/learning.ts";
import { Loader } from "./loading/loader.ts";
import { Loading } from "./loading/loading.ts";
import { Questions } from "./questions/questions.ts";
import type { FeedbackRecord } from "./records.ts";
import { namesAfter, namesOf, NAMESPACES_SCHEMA } from "./rows/namespaces.ts";
import { PENDING_SCHEMA } from "./rows/pending.ts";
import { addUsage, USAGE_SCHEMA } from "./rows/usage.ts";
import { patternCount } from "./rows/write.ts";
import { Sources } from "./sources.ts";
import { NamespaceTags } from "./tags.ts";
import { Vectors } from "./vectors/vectors.ts";

/** The tables that only instances have of a namespace's knowledge. */
export const KNOWLEDGE_SCHEMA: readonly string[] = [
  ...NAMESPACES_SCHEMA,
  ...PENDING_SCHEMA,
  ...USAGE_SCHEMA,
];

export class Knowledge {
  /** Learns and forgets episodes. */
  readonly learning: Learning;
  /** Answers from what was learned. */
  readonly questions: Questions;
  /** Takes in judgements of recalls. */
  readonly feedback: Feedback;
  /** Loads namespaces, from the alarm. */
  readonly loading: Loading;
  /** Makes the vectors of episodes, from the alarm. */
  readonly embedding: Vectors;
  readonly #deps: KnowledgeDeps;
  readonly #loader: Loader;

  constructor(deps: KnowledgeDeps) {
    for (const statement of KNOWLEDGE_SCHEMA) deps.sql.run(statement);
    const tags = new NamespaceTags();
    this.#deps = deps;
    this.#loader = new Loader(deps);
    this.embedding = new Vectors(deps);
    this.learning = new Learning(deps, this.#loader, tags, this.embedding);
    this.loading = new Loading(deps, this.#loader, this.learning, tags);
    const sources = new Sources(deps, this.#loader, tags, this.embedding);
    this.questions = new Questions(deps, sources);
    this.feedback = new Feedback(deps, sources);
  }

  /**
   * Reads the namespace, or "*" for every one that is known here, from the database again. What is
   * unsent stays; until it is loaded the database answers. Returns the namespaces.
   *
   * @param includesLoaded whether those that are loaded are read again as well
   */
  resync(namespace: string, includesLoaded = true): string[] {
    const names = namesOf(this.#deps.sql)
      .filter(({ state }) => includesLoaded || state !== "ready")
      .map((row) => row.namespace)
      .filter((name) => (namespace === "*" || name === namespace) && this.#deps.isHome(name));
    for (const name of names) {
      this.#deps.transaction(() => {
        this.#loader.restart(name, this.#deps.now());
        this.embedding.reread(name);
      });
    }
    return names;
  }

  /** Namespaces that are here, in their order, and whether in full: the first behind this one. */
  namespaces(after: string, limit: number): { namespace: string; isReady: boolean }[] {
    return namesAfter(this.#deps.sql, after, limit).map(({ namespace, state }) => ({
      namespace,
      isReady: state === "ready",
    }));
  }

  /** Patterns of all namespaces that are here. */
  countPatterns(): number {
    return patternCount(this.#deps.sql);
  }

  /** Rows that another instance held before came here, unsent; in a transaction. */
  adopted(
    namespace: string,
    rows: readonly { table: string; row: readonly SqlValue[] | null }[],
  ): void {
    for (const { table, row } of rows) {
      if (table === "feedback" && row)
        addUsage(this.#deps.sql, namespace, JSON.parse(String(row.at(-1))) as FeedbackRecord);
    }
  }

  /**
   * Takes in what a restore brought back and is not here, each thing once. Where the namespace is
   * not loaded yet, digests wait, and the rest comes from the database with everything else. Throws
   * `Moved`.
   */
  async takeIn(
    namespace: string,
    back: InternalInput<"restore_learn">,
    now: number,
  ): Promise<void> {
    for (const digest of back.digests) await this.learning.learn(digest, now);
    this.#deps.transaction(() => {
      if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
      if (this.#loader.isReady(namespace)) this.feedback.restore(back.recalls, back.feedback);
    });
  }
}
