/**
 * Holds what a namespace's home knows: what was learned from its episodes, and what of it helps
 * with a new task. Puts its parts together, and does what is done to a namespace as a whole: it is
 * loaded again, handed over, restored, erased.
 *
 * @module
 */

import type { CompletionView } from "../../../contract/episodes/answers.ts";
import { HEURISTIC_EPISODES_MIN } from "../../../memory/learning/index.ts";
import type { Digest } from "../../../memory/learning/types.ts";
import { takeSlice } from "../../../storage/index.ts";
import { quotaLimitsOf, type QuotaLimits } from "../../../contract/namespaces/quotas.ts";
import type { NamespaceSettingChanges } from "../../../contract/namespaces/settings.ts";
import type { Taught } from "../../shared/episode-record.ts";
import type { InternalInput, InternalOutput } from "../../shared/instance/protocol.ts";
import { Curated } from "./curated/index.ts";
import { CURATED_SCHEMA } from "./curated/curated-rows.ts";
import type { KnowledgeDeps } from "./deps.ts";
import { Feedback } from "./feedback/feedback.ts";
import { FormerTables } from "./former-tables.ts";
import { Holdout, HOLDOUT_SCHEMA } from "./holdout/holdout.ts";
import type { LearnedNamespace } from "./learned/namespace.ts";
import { LEARNED_SCHEMA } from "./learned/schema.ts";
import type { FormerStanding } from "./learned/standings.ts";
import { Learning } from "./learning.ts";
import { Loader } from "./loading/loader.ts";
import { Loading } from "./loading/loading.ts";
import { KeptFilters } from "./kept-filters.ts";
import { NAMESPACE_SETTINGS_SCHEMA, NamespaceSettings } from "./namespace-settings.ts";
import { Reindexing } from "./loading/reindexing.ts";
import { Renewal } from "./loading/renewal.ts";
import { Publisher } from "./publisher.ts";
import { Questions } from "./questions/questions.ts";
import { RECALLS_SCHEMA } from "./questions/recalls.ts";
import { USAGE_SCHEMA } from "./rows/usage.ts";
import { Sources, type Source } from "./source.ts";
import { dropVectors, Vectors } from "./vectors/vectors.ts";

/** The tables that only instances have of a namespace's knowledge. */
export const KNOWLEDGE_SCHEMA: readonly string[] = [
  ...LEARNED_SCHEMA,
  ...RECALLS_SCHEMA,
  ...USAGE_SCHEMA,
  ...CURATED_SCHEMA,
  ...HOLDOUT_SCHEMA,
  ...NAMESPACE_SETTINGS_SCHEMA,
];

/** Namespaces with digests of an earlier format that are counted at most. */
const FORMER_MAX = 200;
/** Digests that go to another instance at once. */
const DIGESTS_AT_ONCE = 250;

export class Knowledge {
  /** Learns and forgets episodes, and keeps what was learned in order, from the alarm. */
  readonly learning: Learning;
  /** Answers from what was learned. */
  readonly questions: Questions;
  /** Takes in judgements of recalls. */
  readonly feedback: Feedback;
  /** Loads namespaces, from the alarm. */
  readonly loading: Loading;
  /** Makes the vectors of episodes, from the alarm. */
  readonly embedding: Vectors;
  /** Drops what an earlier release had learned, from the alarm. */
  readonly formerTables: FormerTables;
  /** Makes digests of a former format anew, from the alarm. */
  readonly renewal: Renewal;
  /** Shows people what patterns there are, from the alarm. */
  readonly publisher: Publisher;
  /** What agents and people wrote: lessons, and what people decided. */
  readonly curated: Curated;
  /** What each namespace is set to. */
  readonly settings: NamespaceSettings;
  /** The filters of lists that each keeps. */
  readonly filters: KeptFilters;
  /** Which episodes are answered nothing. */
  readonly holdout: Holdout;
  readonly #deps: KnowledgeDeps;
  readonly #loader: Loader;
  readonly #sources: Sources;

  constructor(deps: KnowledgeDeps) {
    for (const statement of KNOWLEDGE_SCHEMA) deps.sql.run(statement);
    this.#deps = deps;
    this.embedding = new Vectors(deps);
    this.#loader = new Loader(deps, this.embedding);
    this.publisher = new Publisher(deps);
    this.settings = new NamespaceSettings(deps);
    this.filters = new KeptFilters({
      settings: this.settings,
      now: deps.now,
      // A restore brings in what homes hold of the namespaces that they have loaded.
      begin: (namespace) => this.#loader.ensure(namespace, deps.now()),
    });
    this.holdout = new Holdout(deps, this.settings);
    this.learning = new Learning(deps, this.#loader, this.embedding, this.holdout);
    const reindexing = new Reindexing(deps, (namespace) => this.resync(namespace));
    this.loading = new Loading(deps, this.#loader, reindexing);
    this.renewal = new Renewal(deps);
    this.formerTables = new FormerTables(deps, this.learning);
    this.curated = new Curated(deps, (namespace) => this.quotasOf(namespace).lessons);
    const parts = { loader: this.#loader, loading: this.loading, vectors: this.embedding };
    const sources = new Sources(deps, { ...parts, curated: this.curated });
    this.#sources = sources;
    this.questions = new Questions(deps, sources, {
      curated: this.curated,
      settings: this.settings,
      holdout: this.holdout,
    });
    this.feedback = new Feedback(deps, sources, this.curated);
  }

  /** What was learned of a namespace, for one question. Throws `Moved`. */
  source(namespace: string, now: number): Promise<Source> {
    return this.#sources.of(namespace, now);
  }

  /**
   * Learns an ended episode; in a transaction. The patterns that it contributes to, and the group
   * of the hold-out that it is counted in. What it says in words is taken in by `teach`. Throws
   * `Moved`.
   *
   * @param isUnknown as `unknownAmong` says
   */
  learn(
    { digest, recall_id: recallId, start_recall_id: startId }: InternalInput<"learn">,
    now: number,
    isUnknown = false,
  ): Pick<InternalOutput<"learn">, "patterns" | "recall_group"> {
    const grouped = this.holdout.grouped(digest, [recallId, startId ?? null], !isUnknown);
    const patterns = this.learning.learn(grouped, now, isUnknown);
    const { recall_group } = grouped;
    if (recallId !== null && !recall_group?.held_out)
      this.feedback.takeFromOutcome(
        recallId,
        digest,
        patterns.map(({ id }) => id),
        now,
      );
    return recall_group ? { patterns, recall_group } : { patterns };
  }

  /** Those of these episodes of which nothing is known here, so that nothing need be looked up. */
  unknownAmong(namespace: string, episodes: readonly string[]): Set<string> {
    const unknown = this.#deps.learned.of(namespace)?.unknownAmong(episodes) ?? new Set<string>();
    const asked = this.holdout.askedAmong(namespace, episodes);
    return new Set([...unknown].filter((id) => !asked.has(id)));
  }

  /** Counts and logs what a quota of lessons refuses. */
  get quotaRefusals(): KnowledgeDeps["quotaRefusals"] {
    return this.#deps.quotaRefusals;
  }

  /** The quotas in force, as far as the namespace's settings are here; else the deployment's. */
  quotasOf(namespace: string): QuotaLimits {
    return quotaLimitsOf(this.#deps.settings(), this.settings.present(namespace));
  }

  /**
   * Changes settings of a namespace, which were read before; in a transaction. Answers with what is
   * in force. Throws `Moved`.
   */
  changeSettings(namespace: string, changes: NamespaceSettingChanges, now: number) {
    // A restore brings in what homes hold of the namespaces that they have loaded.
    this.#loader.ensure(namespace, now);
    return this.settings.change(namespace, changes, now);
  }

  /**
   * Takes in the lessons that an episode's end brought; in a transaction, with what is written of
   * the namespace loaded. The same again changes nothing.
   */
  teach({ namespace, episode_id, ended_at }: Digest, taught: Taught): CompletionView["lessons"] {
    const { lessons } = this.curated;
    const said = lessons.teach(namespace, episode_id, { ...taught, at: ended_at }, (by) =>
      this.#deps.quotaRefusals.add(namespace, by, 1),
    );
    for (const { id, isNew } of said)
      if (isNew) this.#deps.emit({ type: "lesson.added", namespace, data: { lesson_id: id } });
    return said.map(({ id, isNew }) => ({ id, is_new: isNew }));
  }

  /** Takes the evidence of a deleted episode back; in a transaction, as `teach`. */
  forget(namespace: string, episode: string, now: number): void {
    this.learning.forget(namespace, episode, now);
    this.curated.lessons.forgetEpisode(namespace, episode, now);
  }

  /**
   * Learns the namespace, or "*" for every one that is known here, from the database again. What is
   * unsent stays. Returns the namespaces.
   */
  resync(namespace: string): string[] {
    const { learned, isHome, transaction, now } = this.#deps;
    const names = learned
      .all()
      .map((row) => row.namespace)
      .filter((name) => (namespace === "*" || name === namespace) && isHome(name));
    for (const name of names) {
      transaction(() => {
        this.#dropCopies(name);
        this.#loader.restart(name, now());
        this.embedding.reread(name);
      });
    }
    return names;
  }

  /** Namespaces that are here, in their order, and whether in full: the first behind this one. */
  namespaces(after: string, limit: number): { namespace: string; isReady: boolean }[] {
    return this.#deps.learned.after(after, limit).map(({ namespace, state }) => ({
      namespace,
      isReady: state === "ready",
    }));
  }

  /** Stored patterns of all namespaces that are here. */
  countPatterns(): number {
    return this.#deps.learned.countPatterns();
  }

  /** Namespaces of which episodes are still to be made anew, at most `FORMER_MAX`. */
  countFormer(): number {
    return this.#deps.learned.withFormerDigests(FORMER_MAX).length;
  }

  /** A namespace comes here from another instance, which keeps its digests; in a transaction. */
  adopted(namespace: string, from: number): void {
    this.#deps.learned.erase(namespace);
    this.#loader.begin(namespace, this.#deps.now(), from);
  }

  /**
   * At the instance that had a namespace before: digests for its new home, those that were learned
   * last first. They are kept until the new home has them all.
   */
  digests({ namespace, before, isDone }: InternalInput<"digests">): InternalOutput<"digests"> {
    const { learned, transaction, isHome } = this.#deps;
    const here = isHome(namespace) ? null : learned.of(namespace);
    const isComplete = here !== null && learned.stateOf(namespace) === "ready";
    const none = { digests: [], standings: [], next: null, total: 0, isComplete };
    if (!here) return none;
    if (isDone) {
      this.#releaseFormer(namespace);
      transaction(() => learned.erase(namespace));
      return none;
    }
    const { rows, more } = takeSlice(
      here.digests.newest(before),
      { rows: DIGESTS_AT_ONCE },
      ({ digest }) => digest.packed.length,
    );
    const next = more ? (rows.at(-1)?.number ?? null) : null;
    const digests = rows.map(({ digest }) => digest.unpacked());
    const shown = new Set(rows.flatMap(({ digest }) => digest.patterns));
    const standings = this.#standingsOf(here, shown, isComplete);
    return { digests, standings, next, total: here.episodes, isComplete };
  }

  /** What these patterns are; where not all was learned, what they were before. */
  #standingsOf(
    { namespace, patterns }: LearnedNamespace,
    numbers: ReadonlySet<number>,
    isComplete: boolean,
  ): FormerStanding[] {
    const here = patterns.standings([...numbers]);
    if (isComplete)
      return here.filter(
        ({ episodes, promoted }) => promoted || episodes >= HEURISTIC_EPISODES_MIN,
      );
    const codes = here.map(({ code }) => code);
    return this.#deps.learned.standings.of(namespace, codes);
  }

  /** What an instance still kept for this one, of a namespace that moved on, goes there too. */
  #releaseFormer(namespace: string): void {
    const cursor = this.#deps.learned.cursorOf(namespace);
    if (cursor?.phase !== "peer" || cursor.from === null) return;
    const asked = this.#deps.askDigests(cursor.from, { namespace, before: null, isDone: true });
    void asked.catch(() => undefined);
  }

  /** Takes everything that was learned of a namespace away; in a transaction. */
  erase(namespace: string): void {
    this.#deps.learned.erase(namespace);
  }

  /** Drops the copies of rows that the database has as well; in a transaction. */
  #dropCopies(namespace: string): void {
    const { sql, isDirty } = this.#deps;
    const embedded = sql.all<{ kind: string; id: string; model: string }>(
      "SELECT kind, id, model FROM vectors WHERE namespace = ?",
      namespace,
    );
    dropVectors(
      sql,
      embedded
        .map(({ kind, id, model }) => [namespace, kind, id, model])
        .filter((key) => !isDirty("vectors", key)),
    );
    const judged = sql.all<{ recall_id: string }>(
      "SELECT recall_id FROM feedback WHERE namespace = ?",
      namespace,
    );
    for (const { recall_id } of judged)
      if (!isDirty("feedback", [namespace, recall_id]))
        sql.run("DELETE FROM feedback WHERE namespace = ? AND recall_id = ?", namespace, recall_id);
  }
}
