/**
 * The digests of one namespace: the rows of `learned_digests`, by the numbers that they got as they
 * were learned. What was read lately is kept in memory; what a row teaches never changes.
 *
 * @module
 */

import { ARCHIVED_BELOW, StoredDigest, type Intern } from "../../../../memory/learning/index.ts";
import { bytesOf, type LocalSql } from "../../../../storage/index.ts";
import type { ByteCache } from "../../../../util/byte-cache.ts";
import { NumberSet } from "../../../../util/number-set.ts";
import { keyOf, keysOf, numberOf } from "./schema.ts";

/** A digest and its number. */
export interface NumberedDigest {
  number: number;
  digest: StoredDigest;
}

export interface DigestsDeps {
  sql: LocalSql;
  /** Of all namespaces, by the keys of their rows. */
  cache: ByteCache<number, StoredDigest>;
  intern: Intern;
}

type DigestRow = { id: number; episode: string; body: ArrayBuffer };

export class Digests {
  readonly #deps: DigestsDeps;
  readonly #sql: LocalSql;
  readonly #namespace: string;
  readonly #number: number;
  /** The numbers of those that are archived; null: not read yet. */
  #archived: NumberSet | null = null;
  #revision = Symbol();

  /** @param number of the namespace */
  constructor(deps: DigestsDeps, namespace: string, number: number) {
    this.#deps = deps;
    this.#sql = deps.sql;
    this.#namespace = namespace;
    this.#number = number;
  }

  /** Another one after each change, and of no other object's. */
  get revision(): symbol {
    return this.#revision;
  }

  /** In the order of the numbers that are asked for; without those that are gone. */
  byNumbers(numbers: readonly number[]): NumberedDigest[] {
    const found = new Map<number, StoredDigest>();
    const missing: number[] = [];
    for (const number of numbers) {
      const key = keyOf(this.#number, number);
      const kept = this.#deps.cache.get(key);
      if (kept) found.set(number, kept);
      else missing.push(key);
    }
    if (missing.length > 0) {
      const rows = this.#sql.all<DigestRow>(
        `SELECT id, episode, body FROM learned_digests
          WHERE id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(missing),
      );
      for (const row of rows) found.set(numberOf(row.id), this.#keep(row));
    }
    return numbers.flatMap((number) => {
      const digest = found.get(number);
      return digest ? [{ number, digest }] : [];
    });
  }

  /** The numbers of those that are archived. */
  get archived(): Pick<NumberSet, "has" | "size"> {
    if (this.#archived) return this.#archived;
    this.#archived = new NumberSet();
    const rows = this.#sql.each<{ id: number }>(
      "SELECT id FROM learned_digests WHERE namespace = ? AND relevance < ?",
      this.#number,
      ARCHIVED_BELOW,
    );
    for (const { id } of rows) this.#archived.add(numberOf(id));
    return this.#archived;
  }

  /** Which of these episodes are archived. */
  archivedAmong(episodes: readonly string[]): Set<string> {
    const { archived } = this;
    if (archived.size === 0) return new Set();
    const numbers = [...this.numbersOf(episodes)];
    return new Set(numbers.flatMap(([episode, number]) => (archived.has(number) ? episode : [])));
  }

  /** null: the episode was not learned. */
  byEpisode(episode: string): NumberedDigest | null {
    const [number] = this.numbersOf([episode]).values();
    return number === undefined ? null : (this.byNumbers([number])[0] ?? null);
  }

  /** The numbers of these episodes' digests; none for one that was not learned. */
  numbersOf(episodes: readonly string[]): Map<string, number> {
    if (episodes.length === 0) return new Map();
    const rows = this.#sql.all<{ id: number; episode: string }>(
      `SELECT id, episode FROM learned_digests
        WHERE namespace = ? AND episode IN (SELECT value FROM json_each(?))`,
      this.#number,
      JSON.stringify(episodes),
    );
    return new Map(rows.map(({ id, episode }) => [episode, numberOf(id)]));
  }

  /** Those that were learned after a checkpoint, in their order. @param sealed the last before it */
  *after(sealed: number): Generator<NumberedDigest> {
    const rows = this.#sql.all<DigestRow>(
      "SELECT id, episode, body FROM learned_digests WHERE id > ? AND id < ? ORDER BY id",
      keyOf(this.#number, sealed),
      keysOf(this.#number)[1],
    );
    for (const row of rows) yield { number: numberOf(row.id), digest: this.#keep(row) };
  }

  /**
   * A slice in the order of the numbers, the highest first.
   *
   * @param before null: from the end
   * @param isRecalled without those of archived episodes
   */
  *newest(before: number | null, isRecalled = false): Generator<NumberedDigest> {
    const [from, to] = keysOf(this.#number);
    const rows = this.#sql.each<DigestRow>(
      `SELECT id, episode, body FROM learned_digests
        WHERE id >= ? AND id < ? AND (NOT ? OR relevance >= ?) ORDER BY id DESC`,
      from,
      before === null ? to : keyOf(this.#number, before),
      Number(isRecalled),
      ARCHIVED_BELOW,
    );
    for (const { id, episode, body } of rows)
      yield { number: numberOf(id), digest: this.#read(episode, body) };
  }

  /** In the order of the numbers, from behind one on; what is learned meanwhile comes at the end. */
  *oldest(after: number): Generator<NumberedDigest> {
    const rows = this.#sql.each<DigestRow>(
      "SELECT id, episode, body FROM learned_digests WHERE id > ? AND id < ? ORDER BY id",
      keyOf(this.#number, after),
      keysOf(this.#number)[1],
    );
    for (const { id, episode, body } of rows)
      yield { number: numberOf(id), digest: this.#read(episode, body) };
  }

  /** Stores a digest; in a transaction. @param body as `packDigest` makes it */
  add(number: number, episode: string, relevance: number, body: Uint8Array<ArrayBuffer>): void {
    const id = keyOf(this.#number, number);
    this.#revision = Symbol();
    this.#sql.run(
      `INSERT INTO learned_digests (id, namespace, episode, relevance, body)
        VALUES (?, ?, ?, ?, ?)`,
      id,
      this.#number,
      episode,
      relevance,
      body,
    );
    this.#keep({ id, episode, body });
    this.#note(number, relevance);
  }

  /** Stores another digest of the same episode in place of one; in a transaction. */
  set(number: number, episode: string, relevance: number, body: Uint8Array<ArrayBuffer>): void {
    const id = keyOf(this.#number, number);
    const text = "UPDATE learned_digests SET relevance = ?, body = ? WHERE id = ?";
    this.#revision = Symbol();
    this.#sql.run(text, relevance, body, id);
    this.#keep({ id, episode, body });
    this.#note(number, relevance);
  }

  /** Sets what a full namespace forgets it by; in a transaction. */
  setRelevance(number: number, relevance: number): void {
    const id = keyOf(this.#number, number);
    this.#revision = Symbol();
    this.#sql.run("UPDATE learned_digests SET relevance = ? WHERE id = ?", relevance, id);
  }

  /** In a transaction. */
  remove(number: number): void {
    const id = keyOf(this.#number, number);
    this.#revision = Symbol();
    this.#sql.run("DELETE FROM learned_digests WHERE id = ?", id);
    this.#deps.cache.delete(id);
    this.#archived?.delete(number);
  }

  /** The episodes of least relevance. */
  leastRelevant(limit: number): string[] {
    const rows = this.#sql.all<{ episode: string }>(
      `SELECT episode FROM learned_digests WHERE namespace = ? ORDER BY relevance, episode LIMIT ?`,
      this.#number,
      limit,
    );
    return rows.map(({ episode }) => episode);
  }

  #note(number: number, relevance: number): void {
    if (relevance < ARCHIVED_BELOW) this.#archived?.add(number);
    else this.#archived?.delete(number);
  }

  #keep({
    id,
    episode,
    body,
  }: Pick<DigestRow, "id" | "episode"> & { body: DigestBody }): StoredDigest {
    const digest = this.#read(episode, body);
    this.#deps.cache.set(id, digest, digest.bytes);
    return digest;
  }

  #read(episode: string, body: DigestBody): StoredDigest {
    const of = { namespace: this.#namespace, episode_id: episode };
    return new StoredDigest(of, bytesOf(body), this.#deps.intern);
  }
}

type DigestBody = ArrayBuffer | Uint8Array<ArrayBuffer>;
