/**
 * What a namespace's home knows: what was learned, and what of it helps with a new task.
 *
 * @module
 */

import { canonicalJson } from "../../../memory/canonical.ts";
import {
  baselineOf,
  baseRates,
  describe,
  patternId,
  viewPattern,
  type Baseline,
} from "../../../memory/learning/index.ts";
import type { Digest, DomainRow } from "../../../memory/learning/types.ts";
import { MS } from "../../../contract/limits.ts";
import type {
  CompletionView,
  FeedbackLine,
  HeuristicView,
  Input,
  Learned,
  Output,
  Page,
  PatternView,
  RecallInput,
  RecallView,
  SearchHit,
  StatsView,
} from "../../../contract/operations.ts";
import { fitToTokens } from "../../../memory/ranking/index.ts";
import { namespaceTag } from "../../../memory/text/index.ts";
import type { Internals } from "../../shared/protocol.ts";
import { Moved, Refused } from "../../shared/refusals.ts";
import { adviseFrom } from "./advise.ts";
import { countUse } from "./usage.ts";
import { countLearned, listHeuristics, listPatterns } from "./browse.ts";
import { SearchStatistics, type SqlValue } from "../../../storage/index.ts";
import {
  KNOWLEDGE_SCHEMA,
  type FeedbackRecord,
  type KnowledgeDeps,
  type RecallRecord,
} from "./deps.ts";
import {
  exportFeedback,
  feedbackNow,
  importFeedback,
  takeInFeedback,
  takeInRecalls,
} from "./feedback.ts";
import { forgetNow, learnNow, patternsOf, postpone } from "./learner.ts";
import { ASK_AGAIN_MS, Loader, type LoadingView } from "./loader.ts";
import { nextToolsFrom, playbookFrom, recallFrom } from "./recall.ts";
import { addUsage, drop, localBody, write } from "./rows.ts";
import { Source } from "./source.ts";
import { Vectors } from "./vectors/vectors.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";
import { isoTime } from "../../../util/time.ts";

/** Recalls older than this can no longer be judged and are forgotten. */
const RECALL_KEPT_MS = 30 * MS.day;
/**
 * Loading goes on for about this long in one alarm, and for so many slices, so that what else it
 * does is not late.
 */
const LOAD_MS = 2_000;
const SLICES_MAX = 40;
/** Results of one search that can be paged through. */
const SEARCH_DEPTH = 200;

/** Namespaces whose tags are remembered. */
const TAGS_MAX = 1_000;

export class Knowledge {
  readonly #deps: KnowledgeDeps;
  readonly #loader: Loader;
  readonly #vectors: Vectors;
  readonly #tags = new BoundedMap<string, string>(TAGS_MAX);
  readonly #statistics = new SearchStatistics(Date.now);

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps;
    for (const statement of KNOWLEDGE_SCHEMA) deps.sql.run(statement);
    this.#loader = new Loader(deps);
    this.#vectors = new Vectors(deps);
  }

  /** What is usual in a domain, as far as this instance knows. */
  async baseline(namespace: string, domain: string, now: number): Promise<Baseline> {
    await this.#loader.ensure(namespace, now);
    return baselineOf(
      localBody<DomainRow>(this.#deps.sql, "domains", namespace, domain),
      now,
      this.#deps.settings,
    );
  }

  /** Learns an episode, once however often it comes; queued until the namespace is loaded. */
  async learn(
    digest: Digest,
    now: number,
  ): Promise<{ patterns: CompletionView["patterns"]; learning: CompletionView["learning"] }> {
    const { namespace } = digest;
    const tag = await this.#tag(namespace);
    await this.#loader.ensure(namespace, now);
    return this.#deps.transaction(() => {
      if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
      if (this.#loader.ready(namespace)) {
        this.#vectors.learned(digest);
        return { patterns: learnNow(this.#deps, digest, tag, now), learning: "done" as const };
      }
      postpone(this.#deps, digest, tag);
      return { patterns: patternsOf(digest), learning: "queued" as const };
    });
  }

  /** Takes an episode's evidence back. */
  async forget(namespace: string, episodeId: string, now: number): Promise<void> {
    await this.#loader.ensure(namespace, now);
    this.#deps.transaction(() => {
      if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
      if (this.#loader.ready(namespace)) {
        forgetNow(this.#deps, namespace, episodeId);
        return;
      }
      // It is not found any more. Its digest stays until all is here that its evidence must be
      // taken back from.
      drop(this.#deps, "search_docs", [[namespace, "episode", episodeId]]);
      this.#deps.sql.run(
        "INSERT OR REPLACE INTO knowledge_pending (namespace, episode_id, body) VALUES (?, ?, NULL)",
        namespace,
        episodeId,
      );
    });
  }

  /**
   * Drops what only this instance has of a namespace; the shared tables are the caller's. In a
   * transaction or not.
   */
  erase(namespace: string): void {
    this.#vectors.erase(namespace);
    for (const table of ["knowledge_namespaces", "knowledge_pending", "knowledge_usage"]) {
      this.#deps.sql.run(`DELETE FROM ${table} WHERE namespace = ?`, namespace);
    }
    this.#deps.sql.run(
      "DELETE FROM task_failures WHERE kind = 'absorb' AND namespace = ?",
      namespace,
    );
  }

  /** Rows that another instance held before came here, unsent; in a transaction. */
  adopted(
    namespace: string,
    rows: readonly { table: string; row: readonly SqlValue[] | null }[],
  ): void {
    for (const { table, row } of rows) {
      if (table !== "feedback" || !row) continue;
      const { episodes, helpful, unhelpful } = JSON.parse(String(row.at(-1))) as FeedbackRecord;
      for (const id of episodes) addUsage(this.#deps, namespace, id, helpful, unhelpful);
    }
  }

  /**
   * Takes in what a restore brought back and what is not known here, each thing once. Where the
   * namespace is not loaded yet, digests wait, and the rest comes from the database with everything
   * else.
   */
  async takeIn(
    namespace: string,
    back: Internals["restore_learn"]["input"],
    now: number,
  ): Promise<void> {
    for (const digest of back.digests) await this.learn(digest, now);
    this.#deps.transaction(() => {
      if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
      if (!this.#loader.ready(namespace)) return;
      takeInRecalls(this.#deps, back.recalls);
      takeInFeedback(this.#deps, back.feedback);
    });
  }

  /**
   * Reads the namespace, or "*" for every one that is known here, from the database again. What is
   * unsent stays; until it is loaded the database answers. Returns the namespaces.
   *
   * @param loaded whether those that are loaded are read again as well
   */
  resync(namespace: string, loaded = true): string[] {
    const known = this.#deps.sql
      .all<{ namespace: string; state: string }>(
        "SELECT namespace, state FROM knowledge_namespaces",
      )
      .filter(({ state }) => loaded || state !== "ready")
      .map((row) => row.namespace)
      .filter((name) => (namespace === "*" || name === namespace) && this.#deps.isHome(name));
    for (const name of known) {
      this.#deps.transaction(() => {
        this.#loader.restart(name, this.#deps.now());
        this.#vectors.reread(name);
      });
    }
    return known;
  }

  /** When loading or embedding should go on, ms since the epoch; null: there is nothing to do. */
  nextAt(now: number): number | null {
    const loading = this.#loader.nextAt();
    return this.#vectors.needsWork(now) ? Math.min(now, loading ?? now) : loading;
  }

  /** How loading goes. */
  loading(): LoadingView {
    return this.#loader.view();
  }

  /** One slice of embedding. */
  embedSlice(now: number): Promise<void> {
    return this.#vectors.slice(now);
  }

  /**
   * Loads slices, each of the namespace whose turn it is, for about LOAD_MS. A namespace that fails
   * waits, and the others go on. Never throws for what the database does.
   */
  async load(now: number): Promise<void> {
    const until = now + LOAD_MS;
    for (let slices = 0; slices < SLICES_MAX && this.#deps.now() < until; slices++) {
      const namespace = this.#loader.next(this.#deps.now());
      if (namespace === null) return;
      try {
        await this.#loadSlice(namespace, this.#deps.now());
      } catch (error) {
        if (error instanceof Moved) continue;
        this.#loader.failed(namespace, error, this.#deps.now());
      }
    }
  }

  /** One slice of loading, or of learning what waited for it. Throws `DatabaseError`, `Moved`. */
  async #loadSlice(namespace: string, now: number): Promise<void> {
    const tag = await this.#tag(namespace);
    const state = await this.#loader.ensure(namespace, now);
    if (state === "cold") return this.#loader.later(namespace, now + ASK_AGAIN_MS);
    if (state === "loading" && !(await this.#loader.slice(namespace))) return;

    for (const item of this.#loader.pendingOf(namespace)) this.#absorb(namespace, item, tag, now);
    this.#deps.transaction(() => {
      if (!this.#loader.ready(namespace) && !this.#loader.isAbsorbing(namespace))
        this.#loader.finish(namespace, now);
    });
  }

  /** Learns or forgets what waited; one that cannot be learned is set aside for later. */
  #absorb(
    namespace: string,
    { episode_id, digest }: { episode_id: string; digest: Digest | null },
    tag: string,
    now: number,
  ): void {
    const task = { kind: "absorb", namespace, id: episode_id } as const;
    try {
      this.#deps.transaction(() => {
        if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
        if (digest) {
          learnNow(this.#deps, digest, tag, now);
          this.#vectors.learned(digest);
        } else forgetNow(this.#deps, namespace, episode_id);
        this.#deps.sql.run(
          "DELETE FROM knowledge_pending WHERE namespace = ? AND episode_id = ?",
          namespace,
          episode_id,
        );
        this.#deps.failures.done(task);
      });
    } catch (error) {
      if (error instanceof Moved) throw error;
      this.#deps.failures.failed(task, error);
    }
  }

  async recall(namespace: string, input: RecallInput, now: number): Promise<RecallView> {
    const source = await this.#source(namespace, now);
    const answer = await recallFrom(source, input, now, this.#deps.settings);
    const view = fitToTokens({ recall_id: this.#deps.uuid(now), ...answer }, input.max_tokens);
    const record: RecallRecord = {
      id: view.recall_id,
      task: input.task,
      at: isoTime(now),
      episodes: view.episodes.map((episode) => episode.id),
      patterns: [
        ...new Set([
          ...view.patterns.map(({ id }) => id),
          ...view.heuristics.map((item) => item.pattern_id),
        ]),
      ],
      playbook: view.playbook?.based_on ?? [],
      heuristics: view.heuristics.map((item) => item.pattern_id),
      plain: view.patterns.length,
    };
    this.#remember(namespace, record, now);
    return view;
  }

  async advise(namespace: string, input: Input<"advise">, now: number): Promise<Output<"advise">> {
    const advice = await adviseFrom(
      await this.#source(namespace, now),
      input,
      now,
      this.#deps.settings,
    );
    const episodes = [...advice.next_tools, ...advice.expected_tools].flatMap(
      (item) => item.episodes,
    );
    const patterns = [...advice.avoid, ...advice.recoveries].flatMap(
      ({ pattern_id }) => pattern_id ?? [],
    );
    const record: RecallRecord = {
      id: this.#deps.uuid(now),
      task: input.task,
      at: isoTime(now),
      episodes: [...new Set([...episodes, ...(advice.outlook?.episodes ?? [])])],
      patterns: [...new Set(patterns)],
      playbook: [],
      advice: true,
    };
    this.#remember(namespace, record, now);
    return { recall_id: record.id, ...advice };
  }

  #remember(namespace: string, record: RecallRecord, now: number): void {
    this.#deps.transaction(() => {
      if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
      this.#deps.meter.count("memory_recall_total");
      write(this.#deps, "recalls", [[namespace, record.id, now, JSON.stringify(record)]]);
      // Their ids begin with the time: the first ones are the oldest, and no more than these are
      // read.
      const oldest = this.#deps.sql.all<{ id: string; created_at: number }>(
        "SELECT id, created_at FROM recalls WHERE namespace = ? ORDER BY id LIMIT 2",
        namespace,
      );
      const old = oldest.filter(({ created_at }) => created_at < now - RECALL_KEPT_MS);
      drop(
        this.#deps,
        "recalls",
        old.map(({ id }) => [namespace, id]),
      );
    });
  }

  async search(namespace: string, input: Input<"search">, now: number): Promise<Page<SearchHit>> {
    const source = await this.#source(namespace, now);
    const offset = input.cursor === null ? 0 : Number(input.cursor);
    if (!Number.isInteger(offset) || offset < 0 || offset > SEARCH_DEPTH) {
      throw new Refused("validation_failed", "cursor must be the next_cursor of an earlier page.", {
        path: "cursor",
      });
    }
    const found = await source.candidates(input.q, undefined, SEARCH_DEPTH);
    const shown = found.slice(offset, offset + input.limit);
    const episodes = shown.flatMap(({ kind, id }) => (kind === "episode" ? [id] : []));
    const digests = await source.digests(episodes, Number.POSITIVE_INFINITY);
    const rows = await source.patterns(
      shown.flatMap(({ kind, id }) => (kind === "pattern" ? [id] : [])),
    );
    const items = shown.flatMap(({ kind, id, text, matched_terms }): SearchHit[] => {
      const digest = digests.get(id);
      const row = rows.find((pattern) => pattern.id === id);
      const task = kind === "episode" ? digest?.task : row && describe(row.content);
      return task === undefined
        ? []
        : [{ kind, id, score: text, task, outcome: digest?.outcome ?? null, matched_terms }];
    });
    const next = offset + input.limit;
    return {
      items,
      next_cursor: next < found.length ? String(next) : null,
      degraded: source.degraded,
    };
  }

  async patternsList(
    namespace: string,
    input: Input<"patterns.list">,
    now: number,
  ): Promise<Page<PatternView>> {
    return listPatterns(
      await this.#source(namespace, now),
      namespace,
      input,
      now,
      this.#deps.settings,
    );
  }

  async patternsGet(namespace: string, id: string, now: number): Promise<PatternView | null> {
    const source = await this.#source(namespace, now);
    const [row] = await source.patterns([id]);
    return row
      ? viewPattern(
          row,
          baseRates(await source.domains(), now, this.#deps.settings),
          now,
          this.#deps.settings,
        )
      : null;
  }

  async heuristicsList(
    namespace: string,
    input: Input<"heuristics.list">,
    now: number,
  ): Promise<Page<HeuristicView>> {
    return listHeuristics(
      await this.#source(namespace, now),
      namespace,
      input,
      now,
      this.#deps.settings,
    );
  }

  async playbook(
    namespace: string,
    input: Input<"playbook">,
    now: number,
  ): Promise<Output<"playbook">> {
    return {
      playbook: await playbookFrom(
        await this.#source(namespace, now),
        input,
        now,
        this.#deps.settings,
      ),
    };
  }

  async nextTools(
    namespace: string,
    input: Pick<RecallInput, "task" | "context" | "recent_steps">,
    now: number,
  ): Promise<RecallView["next_tools"]> {
    return nextToolsFrom(await this.#source(namespace, now), input, now, this.#deps.settings);
  }

  /** null: there is no such recall. Throws `Refused` while the namespace is not loaded. */
  async feedback(
    namespace: string,
    input: Input<"feedback">,
    now: number,
  ): Promise<Output<"feedback"> | null> {
    await this.#loaded(namespace, now);
    return this.#deps.transaction(() => {
      const recall = localBody<RecallRecord>(this.#deps.sql, "recalls", namespace, input.recall_id);
      return recall ? feedbackNow(this.#deps, namespace, recall, input, now) : null;
    });
  }

  async feedbackExport(
    namespace: string,
    cursor: string | null,
    now: number,
  ): Promise<Page<FeedbackLine>> {
    return exportFeedback(await this.#source(namespace, now), cursor);
  }

  /** Throws `Refused` while the namespace is not loaded. */
  async feedbackImport(
    namespace: string,
    line: FeedbackLine,
    now: number,
  ): Promise<Output<"feedback.import">> {
    await this.#loaded(namespace, now);
    const patterns = await Promise.all(
      line.patterns.map((content) => patternId(namespace, canonicalJson(content))),
    );
    const status = this.#deps.transaction(() =>
      importFeedback(this.#deps, namespace, line, patterns),
    );
    return { id: line.recall_id, status };
  }

  /**
   * An episode that names the recall it used says, by its outcome, whether it helped. Explicit
   * feedback stands.
   */
  completionUsedRecall(namespace: string, recallId: string, digest: Digest, now: number): void {
    this.#deps.transaction(() => {
      const recall = localBody<RecallRecord>(this.#deps.sql, "recalls", namespace, recallId);
      if (!recall || digest.success + digest.failure === 0) return;
      if (localBody(this.#deps.sql, "feedback", namespace, recallId)) return;
      const used = [...recall.episodes, ...recall.patterns];
      const rating = digest.success / 1000;
      feedbackNow(
        this.#deps,
        namespace,
        recall,
        { recall_id: recallId, used, helpful: rating >= 0.5, rating },
        now,
      );
    });
  }

  async stats(namespace: string, now: number): Promise<Pick<StatsView, Learned>> {
    const source = await this.#source(namespace, now);
    return { ...(await countLearned(source, namespace)), ...(await countUse(source, namespace)) };
  }

  async #loaded(namespace: string, now: number): Promise<void> {
    if ((await this.#loader.ensure(namespace, now)) === "ready") return;
    throw new Refused("not_ready", "The namespace is being loaded. Try again in a moment.", {
      retry_after_s: 2,
    });
  }

  async #source(namespace: string, now: number): Promise<Source> {
    const tag = await this.#tag(namespace);
    const ready = (await this.#loader.ensure(namespace, now)) === "ready";
    return new Source(this.#deps, namespace, tag, ready, this.#statistics, (task) =>
      this.#vectors.nearest(namespace, task, now),
    );
  }

  async #tag(namespace: string): Promise<string> {
    const known = this.#tags.get(namespace);
    if (known) return known;
    const tag = await namespaceTag(namespace);
    this.#tags.set(namespace, tag);
    return tag;
  }
}
