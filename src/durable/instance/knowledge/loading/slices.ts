/**
 * Reads what a namespace learned, slice by slice: its digests from the instance that had them
 * before, or its ended episodes from the database, the newest first, so that what is likeliest to
 * be asked for is there first; then judgements and vectors. What is here already is newer, and
 * stays. Slices are bounded in rows and bytes. Throws `DatabaseError`, `Moved`, or an Error when an
 * instance is out of reach.
 *
 * @module
 */

import { episodesOf } from "../../../../memory/learning/index.ts";
import type { Digest, PatternRow } from "../../../../memory/learning/types.ts";
import { readNamespaceSlice, TABLES, upsertRow, type SqlValue } from "../../../../storage/index.ts";
import { digestOfRecord } from "../../../shared/episode-record.ts";
import { Moved } from "../../../shared/refusals.ts";
import { countEnded } from "../../episodes/store/stored-episodes.ts";
import type { KnowledgeDeps } from "../deps.ts";
import { countJudgement, judgementOf } from "../feedback/judgements.ts";
import type { LearnedNamespace } from "../learned/namespace.ts";
import type { LoadCursor } from "../learned/namespaces.ts";
import { codeOf, type PatternList } from "../learned/patterns.ts";
import { readStandings } from "../publisher.ts";
import { EpisodesAhead, type EpisodePosition } from "./episodes-ahead.ts";
import type { FeedbackRecord } from "../records.ts";

/** Rows of other tables than that of episodes that are read at once. */
const ROWS_AT_ONCE = 1_000;
const JUDGED_AT_ONCE = 500;
const DECIDED_AT_ONCE = 500;
/** Episodes that are learned in one transaction, so that requests come between. */
const LEARNED_AT_ONCE = 50;
/** Position behind every episode. */
const LAST_ID = "\uffff";
const NEWEST: EpisodePosition = [Number.MAX_SAFE_INTEGER, LAST_ID];
/** Position behind which no episode is. */
const OLDEST: EpisodePosition = [Number.MIN_SAFE_INTEGER, ""];
const NO_STANDINGS = { standings: [], last: null };

/** A slice that was read. */
export interface LoadSlice {
  /**
   * What takes it in, each in a transaction of its own: the last in that which stores where to go
   * on, so that nothing is counted twice. They throw `Moved`.
   */
  learn: (() => void)[];
  /** Where to go on. */
  next: LoadCursor;
}

export class SliceReader {
  readonly #deps: KnowledgeDeps;
  readonly #ahead: EpisodesAhead;

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps;
    this.#ahead = new EpisodesAhead(deps);
  }

  read(namespace: string, cursor: LoadCursor): Promise<LoadSlice> {
    switch (cursor.phase) {
      case "peer":
        return this.#fromPeer(namespace, cursor);
      case "episodes":
        return this.#fromEpisodes(namespace, cursor);
      case "patterns":
        return this.#fromPatterns(namespace, cursor);
      case "judgements":
        return Promise.resolve(this.#judgeHere(namespace, cursor));
      case "feedback":
      case "vectors":
        return this.#fromTable(namespace, cursor, cursor.phase);
      case "heuristics":
        return Promise.resolve(this.#decide(namespace, cursor));
      case "promoted":
        return Promise.resolve(this.#restand(namespace, cursor));
      case "done":
        return Promise.resolve({ learn: [], next: cursor });
    }
  }

  /** From the instance that was the namespace's home; it keeps them until it hears that all came. */
  async #fromPeer(namespace: string, cursor: LoadCursor): Promise<LoadSlice> {
    const { askDigests } = this.#deps;
    const from = cursor.from ?? 0;
    const before = cursor.after === null ? null : Number(cursor.after[0]);
    const isLast = cursor.after !== null && before === 0;
    if (isLast) {
      const { isComplete } = await askDigests(from, { namespace, before, isDone: true });
      // What the other instance had not loaded itself, the database has.
      const phase = isComplete ? "judgements" : "episodes";
      return { learn: [], next: { ...cursor, phase, after: null } };
    }
    const input = { namespace, before, isDone: false };
    const { digests, standings, next, total } = await askDigests(from, input);
    return {
      learn: [
        () => this.#deps.learned.standings.remember(namespace, standings),
        ...this.#learning(namespace, digests),
      ],
      next: { ...cursor, after: [next ?? 0], total },
    };
  }

  async #fromEpisodes(namespace: string, cursor: LoadCursor): Promise<LoadSlice> {
    const { database, capacity } = this.#deps;
    const total = cursor.total ?? Math.min(await countEnded(database, namespace), capacity());
    const isFirst = cursor.after === null;
    const former = isFirst ? await readStandings(database, namespace, "") : NO_STANDINGS;
    const [startedAt, id] = cursor.after ?? NEWEST;
    const read = await this.#ahead.episodes(namespace, [Number(startedAt), String(id)]);
    const digests = read.records.map((record, i) => digestOfRecord(record, read.steps[i] ?? []));

    const isFull = (this.#deps.learned.of(namespace)?.episodes ?? 0) >= 2 * capacity();
    const position = isFull || !read.last ? OLDEST : read.last;
    // They are on their way while these are learned.
    if (position !== OLDEST) this.#ahead.begin(namespace, position);
    const next: LoadCursor = { ...cursor, ...behindEpisodes(position, former.last), total };
    const remember = (): void => this.#deps.learned.standings.remember(namespace, former.standings);
    return { learn: [remember, ...this.#learning(namespace, digests)], next };
  }

  /**
   * What the database shows of patterns, before what is learned here takes its place there; then
   * episodes go on.
   */
  async #fromPatterns(namespace: string, cursor: LoadCursor): Promise<LoadSlice> {
    const { database, learned } = this.#deps;
    const [startedAt = OLDEST[0], id = OLDEST[1], after = ""] = cursor.after ?? [];
    const former = await readStandings(database, namespace, String(after));
    const next: LoadCursor = {
      ...cursor,
      ...behindEpisodes([Number(startedAt), String(id)], former.last),
    };
    return { learn: [() => learned.standings.remember(namespace, former.standings)], next };
  }

  /** The rows of a table that the database has; those that changed here meanwhile stay. */
  async #fromTable(
    namespace: string,
    cursor: LoadCursor,
    table: "feedback" | "vectors",
  ): Promise<LoadSlice> {
    const { database } = this.#deps;
    const bounds = { rows: ROWS_AT_ONCE };
    const { rows, more } = await readNamespaceSlice(
      database,
      table,
      namespace,
      cursor.after,
      bounds,
    );
    const last = rows.at(-1);
    const following = table === "feedback" ? "vectors" : "heuristics";
    const next: LoadCursor =
      more && last
        ? { ...cursor, after: last.slice(1, TABLES[table].key) as (string | number)[] }
        : { ...cursor, phase: following, after: null };
    const learn = (): void => {
      this.#putRows(namespace, table, rows);
      if (this.#into(namespace).isCheckpointDue) this.#checkpoint(namespace);
      // Heuristics are looked for among what is stored.
      if (next.phase === "heuristics") this.#checkpoint(namespace);
    };
    return { learn: [learn], next };
  }

  /**
   * All is learned, in an order of its own. A pattern that became a heuristic on the way, and whose
   * earlier standing is not known, is judged again by what is known now. Without I/O.
   */
  #decide(namespace: string, cursor: LoadCursor): LoadSlice {
    const { learned, now } = this.#deps;
    const rows: PatternRow[] = [];
    for (const row of learned.of(namespace)?.patterns.listed(promotedBehind(cursor)) ?? [])
      if (rows.push(row) >= DECIDED_AT_ONCE) break;
    const last = rows.at(-1);
    const learn = (): void => {
      const into = this.#into(namespace);
      const codes = rows.map(({ id }) => codeOf(id));
      const known = new Set(learned.standings.of(namespace, codes).map(({ code }) => code));
      const unknown = codes.filter((code) => !known.has(code));
      into.decideAgain(unknown, [], now());
      this.#checkpoint(namespace);
    };
    const next: LoadCursor =
      last && rows.length === DECIDED_AT_ONCE
        ? { ...cursor, after: [episodesOf(last), last.id] }
        : { ...cursor, phase: "promoted", after: null };
    return { learn: rows.length === 0 ? [] : [learn], next };
  }

  /** Patterns whose earlier standing is known keep it. Without I/O. */
  #restand(namespace: string, cursor: LoadCursor): LoadSlice {
    const { learned, now } = this.#deps;
    const after = Number(cursor.after?.[0] ?? -1);
    const codes = learned.standings.codes(namespace, after, DECIDED_AT_ONCE);
    const last = codes.at(-1);
    if (last === undefined) {
      const erase = (): void => learned.standings.erase(namespace);
      return { learn: [erase], next: { ...cursor, phase: "done", after: null } };
    }
    const learn = (): void => {
      const former = learned.standings.of(namespace, codes);
      this.#into(namespace).decideAgain(codes, former, now());
      this.#checkpoint(namespace);
    };
    return { learn: [learn], next: { ...cursor, after: [last] } };
  }

  /**
   * Judgements that are here before any is read: those that came along, or that the database has
   * not. Without I/O.
   */
  #judgeHere(namespace: string, cursor: LoadCursor): LoadSlice {
    const after = String(cursor.after?.[0] ?? "");
    const [end] = this.#deps.sql.all<{ recall_id: string }>(
      `SELECT recall_id FROM feedback WHERE namespace = ? AND recall_id > ?
        ORDER BY recall_id LIMIT 1 OFFSET ?`,
      namespace,
      after,
      JUDGED_AT_ONCE - 1,
    );
    const learn = (): void => {
      const into = this.#into(namespace);
      const rows = this.#deps.sql.each<{ body: string }>(
        "SELECT body FROM feedback WHERE namespace = ? AND recall_id > ? AND recall_id <= ?",
        namespace,
        after,
        end?.recall_id ?? LAST_ID,
      );
      const records = [...rows].map(({ body }) => JSON.parse(body) as FeedbackRecord);
      for (const record of records) countJudgement(this.#deps, namespace, record, 1);
      if (into.isCheckpointDue) this.#checkpoint(namespace);
    };
    const next: LoadCursor = end
      ? { ...cursor, after: [end.recall_id] }
      : { ...cursor, phase: "feedback", after: null };
    return { learn: [learn], next };
  }

  #learning(namespace: string, digests: readonly Digest[]): (() => void)[] {
    const parts = Math.ceil(digests.length / LEARNED_AT_ONCE);
    return Array.from({ length: parts }, (_, part) => {
      const from = part * LEARNED_AT_ONCE;
      return () => this.#learn(namespace, digests.slice(from, from + LEARNED_AT_ONCE));
    });
  }

  #learn(namespace: string, digests: readonly Digest[]): void {
    const { learned, now } = this.#deps;
    const into = this.#into(namespace);
    const forgotten = learned.forgotten(namespace, digests);
    const unknown = into.unknownAmong(digests.map(({ episode_id }) => episode_id));
    for (const digest of digests) {
      const { episode_id } = digest;
      if (forgotten.has(episode_id)) continue;
      into.learn(digest, now(), unknown.has(episode_id));
      unknown.delete(episode_id);
    }
    if (into.isCheckpointDue) this.#checkpoint(namespace);
  }

  #checkpoint(namespace: string): void {
    const into = this.#into(namespace);
    this.#deps.learned.checkpoint(into);
  }

  /** The namespace, to be changed. Throws `Moved`. */
  #into(namespace: string): LearnedNamespace {
    const { learned, isHome } = this.#deps;
    const into = isHome(namespace) ? learned.of(namespace) : null;
    if (!into) throw new Moved(namespace);
    return into;
  }

  #putRows(
    namespace: string,
    table: "feedback" | "vectors",
    rows: readonly (readonly SqlValue[])[],
  ): void {
    const { sql, isDirty, isHome } = this.#deps;
    const statement = upsertRow(table);
    if (!isHome(namespace)) throw new Moved(namespace);
    for (const values of rows) {
      // A row that changed or went here while the database answered is newer than its.
      if (isDirty(table, values.slice(0, TABLES[table].key))) continue;
      if (table === "feedback") this.#judge(namespace, values);
      sql.run(statement, ...values);
    }
  }

  /** Counts a judgement that is not counted here yet. */
  #judge(namespace: string, values: readonly SqlValue[]): void {
    if (judgementOf(this.#deps, namespace, String(values[1]))) return;
    const record = JSON.parse(String(values.at(-1))) as FeedbackRecord;
    countJudgement(this.#deps, namespace, record, 1);
  }
}

/**
 * Where to go on behind episodes up to a position.
 *
 * @param pattern behind which there are more patterns to be read first; null: none
 */
function behindEpisodes(
  position: EpisodePosition,
  pattern: string | null,
): Pick<LoadCursor, "phase" | "after"> {
  if (pattern !== null) return { phase: "patterns", after: [...position, pattern] };
  if (position[0] === OLDEST[0]) return { phase: "judgements", after: null };
  return { phase: "episodes", after: [...position] };
}

function promotedBehind({ after }: LoadCursor): PatternList {
  const position = after && { order: Number(after[0]), id: String(after[1]) };
  return { episodes: 1, isPromoted: true, after: position };
}
