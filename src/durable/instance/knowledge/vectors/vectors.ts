/**
 * Semantic vectors of episodes: made in the background, compared one by one with a question, off
 * without a provider. A vector index pays only beyond what one namespace holds. Owns the tables
 * `vector_models` and `vector_queue`.
 *
 * @module
 */

import type { EpisodeDigest } from "../../../../memory/learning/types.ts";
import type { Meant } from "../../../../memory/ranking/index.ts";
import { cosine, packVector, unpackVector } from "../../../../memory/vector.ts";
import {
  remove,
  TABLES,
  upsertRow,
  type LocalSql,
  type SqlValue,
} from "../../../../storage/index.ts";
import { withDeadline } from "../../../../util/deadline.ts";
import type { Part } from "../../../shared/context.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { Embedder } from "./embedder.ts";

/** Vectors that one question is compared with, those embedded last first. */
const COMPARED_MAX = 10_000;
/** Episodes of one answer: as many as ranking chooses from. */
const NEAREST_MAX = 60;
/** Less alike than this, of what a vector can be more alike than usual, is about something else. */
const SIMILARITY_MIN = 0.4;
/**
 * What is usual between unlike texts differs by model. It is the mean cosine of what a question is
 * compared with, drawn to this one as if so many more had it.
 */
const USUAL_COSINE = 0.5;
const USUAL_WEIGHT = 10;
/** A recall does not wait longer for the provider, ms. */
const QUESTION_MS = 1_500;
/** Nor a batch of the background, which shares the alarm with what must be sent, ms. */
const BATCH_MS = 10_000;
/** After a failure the provider is left alone for this long, ms. */
const PAUSE_MS = 30_000;

const VECTORS_SCHEMA: readonly string[] = [
  // The model that a namespace's vectors are of, none at first; which episodes still need one.
  `CREATE TABLE IF NOT EXISTS vector_models (
    namespace TEXT PRIMARY KEY, model TEXT NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS vector_queue (
    namespace TEXT NOT NULL, episode_id TEXT NOT NULL, PRIMARY KEY (namespace, episode_id)) STRICT`,
];

/** An episode that needs a vector. */
interface Queued {
  namespace: string;
  episode_id: string;
  digest: EpisodeDigest | null;
}

export class Vectors implements Part {
  readonly #deps: KnowledgeDeps;
  readonly #embedder: Embedder | null;
  #pausedUntil = 0;

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps;
    this.#embedder = deps.embedder;
    for (const statement of VECTORS_SCHEMA) deps.sql.run(statement);
  }

  /** An episode was learned anew: it needs a vector; in a transaction. */
  learned(digest: Pick<EpisodeDigest, "namespace" | "episode_id">): void {
    if (!this.#embedder) return;
    this.#deps.sql.run(
      "INSERT OR IGNORE INTO vector_queue (namespace, episode_id) VALUES (?, ?)",
      digest.namespace,
      digest.episode_id,
    );
  }

  /** A namespace is loaded: what has no vector is embedded; in a transaction. */
  loaded(namespace: string): void {
    this.#deps.sql.run(
      "INSERT OR REPLACE INTO vector_models (namespace, model) VALUES (?, '')",
      namespace,
    );
  }

  /** The namespace is loaded again, and nothing is embedded until it is; in a transaction. */
  reread(namespace: string): void {
    this.#deps.sql.run("DELETE FROM vector_models WHERE namespace = ?", namespace);
  }

  /** Now while something is to be embedded, unless the provider is left alone. */
  nextAt(now: number): number | null {
    if (!this.#embedder || now < this.#pausedUntil) return null;
    const isQueued =
      this.#changed() !== null ||
      this.#deps.sql.all("SELECT 1 AS n FROM vector_queue LIMIT 1").length > 0;
    return isQueued ? now : null;
  }

  /**
   * One slice: queues a namespace whose vectors are of another model, or embeds a batch.
   * The old model's vector of an episode is dropped when the new one is there.
   */
  async onAlarm(now: number): Promise<void> {
    const embedder = this.#embedder;
    if (!embedder || now < this.#pausedUntil) return;
    this.#queueChanged(embedder.model);

    const waiting = this.#waiting(embedder.batch);
    const digests = waiting.flatMap(({ digest }) => digest ?? []);
    let made: number[][] = [];
    try {
      if (digests.length > 0)
        made = await withDeadline(embedder.embed(digests.map((digest) => digest.task)), BATCH_MS);
    } catch (error) {
      this.#pause(error, now);
      return;
    }

    const vectors = new Map(digests.map((digest, i) => [digest, made[i] ?? []]));
    this.#deps.transaction(() => {
      for (const { namespace, episode_id, digest } of waiting) {
        // Learned anew while the provider worked: it stays in the queue.
        if (digest && this.#isReplaced(digest)) continue;
        this.#unqueue(namespace, episode_id);
        // A namespace that moved to another instance meanwhile is embedded there.
        if (digest && this.#deps.isHome(namespace))
          this.#keep(digest, embedder.model, vectors.get(digest) ?? [], now);
      }
    });
  }

  /** Queues the episodes of a namespace whose vectors are of another model, or of none. */
  #queueChanged(model: string): void {
    const namespace = this.#changed();
    if (namespace === null) return;
    const { sql, transaction, learned, log } = this.#deps;
    transaction(() => {
      const has = sql.all<{ id: string }>(
        "SELECT id FROM vectors WHERE namespace = ? AND kind = 'episode' AND model = ?",
        namespace,
        model,
      );
      const embedded = new Set(has.map(({ id }) => id));
      for (const { digest } of learned.of(namespace)?.digests.newest(null) ?? [])
        if (!embedded.has(digest.episode_id)) this.learned(digest);
      sql.run(
        "INSERT OR REPLACE INTO vector_models (namespace, model) VALUES (?, ?)",
        namespace,
        model,
      );
    });
    log({ event: "vectors_queued", level: "info", model });
  }

  /** Queued episodes, as many as fit; one whose digest is gone has none. */
  #waiting(limit: number): Queued[] {
    const { sql, learned } = this.#deps;
    const queued = sql.all<{ namespace: string; episode_id: string }>(
      "SELECT namespace, episode_id FROM vector_queue LIMIT ?",
      limit,
    );
    return queued.map(({ namespace, episode_id }) => {
      const found = learned.of(namespace)?.digests.byEpisode(episode_id);
      return { namespace, episode_id, digest: found?.digest ?? null };
    });
  }

  #unqueue(namespace: string, id: string): void {
    this.#deps.sql.run(
      "DELETE FROM vector_queue WHERE namespace = ? AND episode_id = ?",
      namespace,
      id,
    );
  }

  /** The provider failed: it is left alone for a while. */
  #pause(error: unknown, now: number): void {
    this.#pausedUntil = now + PAUSE_MS;
    this.#deps.log({ event: "embedding_failed", level: "warn", reason: String(error) });
  }

  /**
   * The episodes whose task means most nearly the same, nearest first; none without a provider, and
   * none when it does not answer in time.
   */
  async nearest(namespace: string, task: string, now: number): Promise<Meant[]> {
    const embedder = this.#embedder;
    if (!embedder || now < this.#pausedUntil) return [];
    const of = [namespace, embedder.model] as const;
    const any =
      "SELECT 1 AS n FROM vectors WHERE namespace = ? AND kind = 'episode' AND model = ? LIMIT 1";
    if (this.#deps.sql.all(any, ...of).length === 0) return [];

    try {
      const made = await withDeadline(embedder.embed([task]), QUESTION_MS);
      const question = unpackVector(packVector(made[0] ?? []));
      // As they are fetched: together they are tens of megabytes.
      const rows = this.#deps.sql.each<{ id: string; body: string }>(
        `SELECT id, body FROM vectors WHERE namespace = ? AND kind = 'episode' AND model = ?
          ORDER BY embedded_at DESC, id LIMIT ?`,
        ...of,
        COMPARED_MAX,
      );
      const compared: Compared[] = [];
      for (const { id, body } of rows)
        compared.push({ id, cosine: cosine(question, unpackVector(body)) });
      return this.#recalled(namespace, aboveUsual(compared));
    } catch (error) {
      this.#pause(error, now);
      return [];
    }
  }

  /** The first of these episodes, as many as one answer has, that are not archived. */
  #recalled(namespace: string, nearest: readonly Meant[]): Meant[] {
    const digests = this.#deps.learned.of(namespace)?.digests;
    const found: Meant[] = [];
    for (let at = 0; at < nearest.length && found.length < NEAREST_MAX; at += NEAREST_MAX) {
      const some = nearest.slice(at, at + NEAREST_MAX);
      const archived = digests?.archivedAmong(some.map(({ id }) => id));
      found.push(...some.filter(({ id }) => !archived?.has(id)));
    }
    return found.slice(0, NEAREST_MAX);
  }

  /** The version of an episode's digest; null: there is none. */
  #version({ namespace, episode_id }: EpisodeDigest): number | null {
    const found = this.#deps.learned.of(namespace)?.digests.byEpisode(episode_id);
    return found?.digest.version ?? null;
  }

  /** Whether another version of the episode was learned since. */
  #isReplaced(digest: EpisodeDigest): boolean {
    const version = this.#version(digest);
    return version !== null && version !== digest.version;
  }

  #keep(digest: EpisodeDigest, model: string, vector: readonly number[], now: number): void {
    const { sql } = this.#deps;
    const { namespace, episode_id } = digest;
    // Deleted while the provider worked: it stays deleted.
    if (this.#version(digest) === null) return;
    const others = sql.all<{ model: string }>(
      `SELECT model FROM vectors WHERE namespace = ? AND kind = 'episode' AND id = ?
        AND model <> ?`,
      namespace,
      episode_id,
      model,
    );
    dropMarked(
      this.#deps,
      others.map((row) => [namespace, "episode", episode_id, row.model]),
    );
    try {
      const row = [namespace, "episode", episode_id, model, vector.length, now, packVector(vector)];
      sql.run(upsertRow("vectors"), ...row);
      this.#deps.markAllDirty("vectors", [row.slice(0, TABLES.vectors.key)]);
    } catch (error) {
      this.#deps.log({
        event: "embedding_refused",
        level: "warn",
        episode_id,
        reason: String(error),
      });
    }
  }

  /** A namespace that is loaded and whose vectors are of another model, or of none yet. */
  #changed(): string | null {
    const [row] = this.#deps.sql.all<{ namespace: string }>(
      "SELECT namespace FROM vector_models WHERE model <> ? LIMIT 1",
      this.#embedder?.model ?? "",
    );
    return row?.namespace ?? null;
  }
}

/** A vector that a question is compared with. */
interface Compared {
  id: string;
  cosine: number;
}

/** Those that are more alike than usual, nearest first, by how much of what is possible. */
function aboveUsual(compared: readonly Compared[]): Meant[] {
  const sum = compared.reduce((total, one) => total + one.cosine, USUAL_WEIGHT * USUAL_COSINE);
  const usual = sum / (compared.length + USUAL_WEIGHT);
  return compared
    .map((one): Meant => ({ id: one.id, similarity: (one.cosine - usual) / (1 - usual) }))
    .filter(({ similarity }) => similarity >= SIMILARITY_MIN)
    .sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? 1 : -1));
}

/** Takes an episode's vectors away; in a transaction. */
export function forgetVectors(deps: KnowledgeDeps, namespace: string, id: string): void {
  const rows = deps.sql.all<{ model: string }>(
    "SELECT model FROM vectors WHERE namespace = ? AND kind = 'episode' AND id = ?",
    namespace,
    id,
  );
  dropMarked(
    deps,
    rows.map(({ model }) => [namespace, "episode", id, model]),
  );
  deps.sql.run("DELETE FROM vector_queue WHERE namespace = ? AND episode_id = ?", namespace, id);
}

function dropMarked(deps: KnowledgeDeps, keys: readonly SqlValue[][]): void {
  dropVectors(deps.sql, keys);
  if (keys.length > 0) deps.markAllDirty("vectors", keys);
}

/** Drops rows here, and tells the database nothing. */
export function dropVectors(sql: LocalSql, keys: readonly SqlValue[][]): void {
  if (keys.length === 0) return;
  const statement = remove("vectors", keys);
  sql.run(statement.sql, ...(statement.args ?? []));
}
