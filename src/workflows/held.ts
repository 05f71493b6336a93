/**
 * Brings what instances hold into a database that is being restored: acknowledged work that the
 * backup does not have, or has in an older version. The restore has the database for itself
 * meanwhile; instances go on serving and queue what is written. Everything goes in pages, each a
 * step that is kept, so that it goes on where it stopped.
 *
 * Deletions come first, before the backup's rows, so that none of them brings back what was
 * deleted. Then episodes, whole. Then relationships and what the home of each namespace knows:
 * where it knows all of it, its rows count, for they are of one piece, and what the database has
 * beside them is learned there, once; where it does not, the database's rows count, and episodes
 * that came in are learned from there.
 *
 * @module
 */

import { heldWriter, writeOnce } from "../backup/index.ts";
import type { Digest } from "../memory/learning/types.ts";
import {
  remove,
  TABLES,
  upsertChanged,
  type SqlValue,
  type Statement,
  type Table,
} from "../storage/index.ts";
import type { JobContext } from "./job-context.ts";
import {
  BEFORE_EPISODE,
  type HeldCopy,
  type HeldTable,
  type Holdings,
  type HoldingsName,
} from "../durable/shared/holdings.ts";

export interface HeldPlan {
  scope: { namespace: string | null; episode: string | null };
  deleted: "respect" | "bring_back";
  /** keep: what is unsent is set aside, and nothing that depends on it comes in. */
  outbox: "replay" | "keep";
}

export interface HeldResult {
  /**
   * Episodes that the database lacked or had older, their steps, and other rows that it lacked or
   * had otherwise.
   */
  episodes: number;
  steps: number;
  rows: number;
  /** Digests and words about recalls that the database had and a namespace's home did not. */
  learned: number;
}

/** Of these namespaces the home knows all: what comes in there is known already. */
interface Home {
  instance: number;
  namespace: string;
  knows: boolean;
  relates: boolean;
}

/**
 * Derived rows and what they are derived from; digests before patterns, so that what is learned is
 * in those.
 */
const KNOWLEDGE = [
  "digests",
  "patterns",
  "domains",
  "search_docs",
  "vectors",
  "recalls",
  "feedback",
] as const;
/** Which of two rows is the newer one. */
const NEWER: Partial<Record<HeldTable, string>> = { digests: "version", feedback: "updated_at" };
/** Keys of the database that are looked through at once. */
const KEYS_AT_ONCE = 2_000;
/** Rows of the database that are handed to a home at once: a digest may have megabytes. */
const LEARNED_AT_ONCE = 4;
/** Above every number of a batch: no batch of this restore is taken any more. */
const CLOSED = Number.MAX_SAFE_INTEGER;

const TOMBSTONES_NEWER = `INSERT INTO tombstones (namespace, episode_id, deleted_at)
  SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?) WHERE true
  ON CONFLICT (namespace, episode_id) DO UPDATE SET deleted_at = excluded.deleted_at
  WHERE excluded.deleted_at > tombstones.deleted_at`;

/**
 * How the database has copies that an instance holds; one row for each of them that it has, or
 * knows as deleted.
 */
const COMPARED = `SELECT k.key AS n, e.version AS version, t.deleted_at AS deleted_at,
    (SELECT count(*) FROM steps s WHERE s.namespace = e.namespace AND s.episode_id = e.id) AS steps
  FROM json_each(?) k
    LEFT JOIN episodes e ON e.namespace = json_extract(k.value, '$[0]') AND e.id = json_extract(k.value, '$[1]')
    LEFT JOIN tombstones t ON t.namespace = json_extract(k.value, '$[0]') AND t.episode_id = json_extract(k.value, '$[1]')`;

export class Held {
  readonly #context: JobContext;
  readonly #plan: HeldPlan;
  readonly #result: HeldResult = { episodes: 0, steps: 0, rows: 0, learned: 0 };
  /** The number of the last batch. */
  #number = 0;

  constructor(context: JobContext, plan: HeldPlan) {
    this.#context = context;
    this.#plan = plan;
  }

  /** Deletions that were acknowledged; before the backup's rows come in. */
  async deletions(): Promise<void> {
    const { scope, deleted, outbox } = this.#plan;
    if (deleted === "bring_back") return;
    for (const instance of await this.#instances()) {
      let after: Key = null;
      let piece = 0;
      do {
        const from: Key = after;
        after = await this.#step(
          `deletions ${instance} ${piece++}`,
          async (write): Promise<Key> => {
            const page: Holdings["rows"]["output"] = await this.#ask(instance, "rows", {
              table: "tombstones",
              namespace: scope.namespace,
              after: from,
              sent: outbox === "keep",
            });
            const mine = page.rows.filter(
              ([, id]) => scope.episode === null || id === scope.episode,
            );
            if (mine.length > 0)
              await write([{ sql: TOMBSTONES_NEWER, args: [JSON.stringify(mine)] }]);
            return page.next;
          },
        );
      } while (after !== null);
    }
  }

  /**
   * Everything else; after the backup's rows came in. Answers with the episodes that must be
   * learned afterwards.
   */
  async merge(): Promise<{ held: HeldResult; learn: [string, string][] }> {
    const homes = await this.#homes();
    const known = new Set(homes.flatMap(({ namespace, knows }) => (knows ? [namespace] : [])));
    const learn: [string, string][] = [];
    for (const instance of await this.#instances()) {
      let after: [string, string] | null = ["", ""];
      for (let piece = 0; after !== null; piece++) {
        const from: [string, string] = after;
        const done = await this.#step(`copies ${instance} ${piece}`, (write) =>
          this.#copies(instance, from, write),
        );
        this.#result.episodes += done.episodes;
        this.#result.steps += done.steps;
        learn.push(...done.ended.filter(([namespace]) => !known.has(namespace)));
        after = done.next;
      }
    }
    if (this.#plan.scope.episode === null && this.#plan.outbox === "replay") {
      for (const home of homes) {
        if (home.relates) await this.#table(home, "relationships");
        if (home.knows) for (const table of KNOWLEDGE) await this.#table(home, table);
      }
    }
    // A batch that was given up must not come late, when others write again.
    await this.#context.steps.run("held: close", () =>
      writeOnce(
        this.#context.database,
        heldWriter(this.#context.job),
        CLOSED,
        this.#context.now(),
        [],
      ),
    );
    return { held: this.#result, learn };
  }

  async #instances(): Promise<number[]> {
    const count = await this.#context.steps.run("held: instances", () =>
      this.#context.ask("instances", null),
    );
    return Array.from({ length: count }, (_, instance) => instance);
  }

  /** The namespaces in the scope whose homes know something. */
  async #homes(): Promise<Home[]> {
    const { namespace: only } = this.#plan.scope;
    const homes: Home[] = [];
    for (const instance of await this.#instances()) {
      let after: string | null = "";
      for (let piece = 0; after !== null; piece++) {
        const from: string = after;
        const page: Holdings["namespaces"]["output"] = await this.#context.steps.run(
          `held: namespaces ${instance} ${piece}`,
          () => this.#ask(instance, "namespaces", { after: from }),
        );
        const mine = page.namespaces.filter(({ namespace }) => only === null || namespace === only);
        homes.push(...mine.map((home) => ({ instance, ...home })));
        after = page.next;
      }
    }
    // Where what is unsent is set aside, what a home knows of it cannot be told from the rest.
    return this.#plan.outbox === "replay" ? homes : [];
  }

  /**
   * A page of an instance's copies: those that the database lacks, or has older or not whole, come
   * in.
   */
  async #copies(instance: number, after: [string, string], write: Write) {
    const { database } = this.#context;
    const page = await this.#ask(instance, "copies", { ...this.#plan.scope, after });
    const keys = page.copies.map(({ namespace, id }): [string, string] => [namespace, id]);
    const there = await database.all<{
      n: number;
      version: number | null;
      deleted_at: number | null;
      steps: number;
    }>(COMPARED, JSON.stringify(keys));
    const stored = new Map(there.map((row) => [row.n, row]));
    const wanted = page.copies.filter((copy, n) => this.#isWanted(copy, stored.get(n)));

    let [episodes, steps] = [0, 0];
    let from: Holdings["episodes"]["input"]["from"] | null =
      wanted.length > 0 ? { index: 0, number: BEFORE_EPISODE } : null;
    while (from !== null) {
      const part: Holdings["episodes"]["output"] = await this.#ask(instance, "episodes", {
        keys: wanted.map(({ namespace, id }): [string, string] => [namespace, id]),
        from,
      });
      const of = (name: "episodes" | "steps"): SqlValue[][] =>
        part.rows.flatMap(({ table, row }) => (table === name ? [row] : []));
      const [heads, tails] = [of("episodes"), of("steps")];
      await write([
        ...(heads.length > 0 ? [upsertChanged("episodes", heads)] : []),
        ...(tails.length > 0 ? [upsertChanged("steps", tails)] : []),
      ]);
      episodes += heads.length;
      steps += tails.length;
      from = part.next;
    }
    const ended = wanted.filter(({ status }) => status !== "in_progress");
    return {
      episodes,
      steps,
      ended: ended.map(({ namespace, id }): [string, string] => [namespace, id]),
      next: page.next,
    };
  }

  #isWanted(
    copy: HeldCopy,
    stored: { version: number | null; deleted_at: number | null; steps: number } | undefined,
  ): boolean {
    const { version = null, deleted_at = null, steps = 0 } = stored ?? {};
    if (this.#plan.deleted === "respect" && deleted_at !== null && deleted_at >= copy.updated_at)
      return false;
    return (
      version === null || version < copy.version || (version === copy.version && steps < copy.steps)
    );
  }

  /** A table of a namespace, as its home has it. */
  async #table(home: Home, table: HeldTable): Promise<void> {
    let after: Key = null;
    let piece = 0;
    do {
      const from: Key = after;
      const done: { rows: number; learned: number; next: Key } = await this.#step(
        `${table} ${home.namespace} ${piece++}`,
        (write) => this.#rows(home, table, from, write),
      );
      this.#result.rows += done.rows;
      this.#result.learned += done.learned;
      after = done.next;
    } while (after !== null);
  }

  async #rows(
    { instance, namespace }: Home,
    table: HeldTable,
    after: SqlValue[] | null,
    write: Write,
  ) {
    const { key } = TABLES[table];
    const { columns }: Table = TABLES[table];
    const newer = NEWER[table];
    const { rows, next } = await this.#ask(instance, "rows", {
      table,
      namespace,
      after,
      sent: false,
    });
    const text = (row: readonly SqlValue[]): string => JSON.stringify(row.slice(0, key));
    const own = new Map(
      rows.map((row) => [text(row), newer === undefined ? 0 : Number(row[columns.indexOf(newer)])]),
    );

    let learned = 0;
    for await (const stored of this.#stored(table, namespace, after, next)) {
      const beside = stored.filter((row) => {
        const mine = own.get(text(row));
        return mine === undefined || (newer !== undefined && Number(row[key]) > mine);
      });
      // Of a row that is newer there the home hears; its own must not take its place meanwhile.
      for (const row of beside) own.delete(text(row));
      learned += await this.#settle(
        table,
        namespace,
        beside.map((row) => row.slice(0, key)),
        write,
      );
    }
    const fresh = rows.filter((row) => own.has(text(row)));
    if (fresh.length > 0) await write([upsertChanged(table, fresh)]);
    return { rows: fresh.length, learned, next };
  }

  /** Keys of a namespace that the database has between two, and which version, in pages. */
  async *#stored(
    table: HeldTable,
    namespace: string,
    after: SqlValue[] | null,
    through: SqlValue[] | null,
  ) {
    const { columns, key } = TABLES[table];
    const keys = columns.slice(0, key);
    const newer = NEWER[table];
    const tuple = `(${keys.join(", ")})`;
    const given = `(${keys.map(() => "?").join(", ")})`;
    let from = after;
    for (;;) {
      const found = await this.#context.database.all(
        `SELECT ${[...keys, ...(newer === undefined ? [] : [newer])].join(", ")} FROM ${table} WHERE namespace = ?
          AND ${from ? `${tuple} > ${given}` : "1"} AND ${through ? `${tuple} <= ${given}` : "1"}
          ORDER BY ${keys.join(", ")} LIMIT ?`,
        namespace,
        ...(from ?? []),
        ...(through ?? []),
        KEYS_AT_ONCE,
      );
      const page = found.map((row) =>
        [...keys, ...(newer === undefined ? [] : [newer])].map((name) => row[name] ?? null),
      );
      if (page.length > 0) yield page;
      if (page.length < KEYS_AT_ONCE) return;
      from = page.at(-1)?.slice(0, key) ?? null;
    }
  }

  /**
   * What becomes of rows that the database has and the home has not: what can be learned is, the
   * rest is derived.
   */
  async #settle(
    table: HeldTable,
    namespace: string,
    keys: SqlValue[][],
    write: Write,
  ): Promise<number> {
    if (keys.length === 0 || table === "relationships" || table === "tombstones") return 0;
    if (table !== "digests" && table !== "recalls" && table !== "feedback") {
      await write([remove(table, keys)]);
      return 0;
    }
    const dead = table === "digests" ? await this.#dead(namespace, keys) : new Set<SqlValue>();
    if (dead.size > 0)
      await write([
        remove(
          table,
          keys.filter(([, id]) => dead.has(id ?? null)),
        ),
      ]);
    const living = keys.filter(([, id]) => !dead.has(id ?? null));
    for (let at = 0; at < living.length; at += LEARNED_AT_ONCE) {
      const rows = await this.#read(table, living.slice(at, at + LEARNED_AT_ONCE));
      await learnRows(this.#context, namespace, table, rows);
    }
    return living.length;
  }

  async #dead(namespace: string, keys: readonly SqlValue[][]): Promise<Set<SqlValue>> {
    const rows = await this.#context.database.all<{ episode_id: string }>(
      `SELECT episode_id FROM _restore_dead WHERE namespace = ? AND episode_id IN (SELECT value FROM json_each(?))`,
      namespace,
      JSON.stringify(keys.map(([, id]) => id)),
    );
    return new Set(rows.map(({ episode_id }) => episode_id));
  }

  async #read(
    table: "digests" | "recalls" | "feedback",
    keys: readonly SqlValue[][],
  ): Promise<SqlValue[][]> {
    const { columns, key } = TABLES[table];
    const same = columns
      .slice(0, key)
      .map((column, i) => `t.${column} = json_extract(k.value, '$[${i}]')`);
    const found = await this.#context.database.all(
      `SELECT ${columns.map((column) => `t.${column}`).join(", ")}
        FROM json_each(?) k CROSS JOIN ${table} t ON ${same.join(" AND ")}`,
      JSON.stringify(keys),
    );
    return found.map((row) => columns.map((column) => row[column] ?? null));
  }

  /** A step whose batches are numbered from where the one before ended. Its result is small. */
  async #step<T>(name: string, work: (write: Write) => Promise<T>): Promise<T> {
    const { steps, database, job, now } = this.#context;
    const first = this.#number;
    const { number, value } = await steps.run(`held: ${name}`, async () => {
      let last = first;
      const write = async (statements: readonly Statement[]): Promise<void> => {
        if (statements.length === 0) return;
        last += 1;
        await writeOnce(database, heldWriter(job), last, now(), statements);
      };
      const done = await work(write);
      return { number: last, value: done };
    });
    this.#number = number;
    const { episodes, steps: merged, rows } = this.#result;
    await this.#context.report({
      phase: "held by instances",
      rows: episodes + merged + rows,
      bytes: 0,
      done: 0,
      total: 0,
    });
    return value;
  }

  async #ask<N extends HoldingsName>(
    instance: number,
    what: N,
    input: Holdings[N]["input"],
  ): Promise<Holdings[N]["output"]> {
    return (await this.#context.ask("holdings", {
      instance,
      what,
      input,
    })) as Holdings[N]["output"];
  }
}

/** Of a row, or where a page ends; null: nowhere. */
type Key = SqlValue[] | null;
type Write = (statements: readonly Statement[]) => Promise<void>;

/**
 * Lets a namespace's home take in rows that a restore brought back; what it knows already changes
 * nothing.
 */
export async function learnRows(
  context: JobContext,
  namespace: string,
  table: "digests" | "recalls" | "feedback",
  rows: SqlValue[][],
): Promise<void> {
  const none = { namespace, digests: [], recalls: [], feedback: [] };
  if (rows.length === 0) return;
  if (table === "digests") {
    const digests = rows.map((row) => JSON.parse(String(row.at(-1))) as Digest);
    await context.ask("restore_learn", { ...none, digests });
  } else await context.ask("restore_learn", { ...none, [table]: rows });
}
