/**
 * How episodes are tied to each other. They live at the namespace's home, so that a cycle is seen
 * before it is made.
 *
 * @module
 */

import { LIMITS } from "../../../contract/limits.ts";
import type { Input } from "../../../contract/operations.ts";
import type { Relationship } from "../../../contract/ties/answers.ts";
import { ACYCLIC_RELATIONSHIPS, type RelationshipType } from "../../../contract/vocabulary.ts";
import { homeOf } from "../../../memory/rendezvous.ts";
import {
  readNamespaceSlice,
  TABLES,
  type Row,
  type Slice,
  type SqlValue,
} from "../../../storage/index.ts";
import type { Commit } from "./episodes.ts";
import type { InstanceContext } from "../context.ts";
import { Moved, Refused } from "../../shared/refusals.ts";
import { isoTime } from "../../../util/time.ts";

const COLUMNS = TABLES.relationships.columns.join(", ");
/** Rows read from the database at once. */
const SLICE = 2_000;
const KEY = TABLES.relationships.key;
/** What a relationship has beside its reason, UTF-8 bytes. */
const TIE_BYTES = 200;

export class Relationships {
  readonly #context: InstanceContext;

  constructor(context: InstanceContext) {
    this.#context = context;
  }

  async add(
    namespace: string,
    input: Input<"relationships.add">,
    commit: Commit,
  ): Promise<Relationship> {
    const { episode_id: from, to, type, reason } = input;
    if (from === to)
      throw new Refused("cycle", "An episode cannot be related to itself.", { path: "to" });
    await this.load(namespace);
    for (const [path, id] of [
      ["episode_id", from],
      ["to", to],
    ] as const) {
      const there = await this.#context.ask(homeOf(id, this.#context.place().count), "exists", {
        namespace,
        id,
      });
      if (!there)
        throw new Refused("not_found", `There is no episode ${id} in this namespace.`, { path });
    }
    return commit(() => {
      const known = this.#of(namespace, from).find(
        (other) => other.from === from && other.to === to && other.type === type,
      );
      if (known) return known;
      const relationship = {
        from,
        to,
        type,
        created_at: isoTime(this.#context.now()),
        reason,
      };
      this.#check(namespace, relationship);
      this.#put(namespace, relationship);
      return relationship;
    });
  }

  async list(namespace: string, id: string): Promise<Relationship[]> {
    const there = await this.#context.ask(homeOf(id, this.#context.place().count), "exists", {
      namespace,
      id,
    });
    if (!there) throw new Refused("not_found", `There is no episode ${id} in this namespace.`);
    await this.load(namespace);
    return this.#of(namespace, id);
  }

  async remove(
    namespace: string,
    input: Input<"relationships.remove">,
    commit: Commit,
  ): Promise<{ deleted: true }> {
    const { episode_id: from, to, type } = input;
    await this.load(namespace);
    return commit(() => {
      if (
        !this.#of(namespace, from).some(
          (known) => known.from === from && known.to === to && known.type === type,
        )
      ) {
        throw new Refused("not_found", `Episode ${from} has no ${type} relationship to ${to}.`);
      }
      this.#delete(namespace, from, type, to);
      return { deleted: true as const };
    });
  }

  /**
   * Takes in relationships of an import: their other end may come later, so only cycles are
   * refused.
   */
  async put(namespace: string, relationships: readonly Relationship[]): Promise<void> {
    await this.load(namespace);
    this.#context.transaction(() => {
      for (const relationship of relationships) {
        const { from, type, to } = relationship;
        if (
          this.#of(namespace, from).some(
            (known) => known.from === from && known.to === to && known.type === type,
          )
        )
          continue;
        this.#check(namespace, relationship);
        this.#put(namespace, relationship);
      }
    });
  }

  /** Those that start at one of these episodes, by episode. */
  async from(namespace: string, ids: readonly string[]): Promise<Map<string, Relationship[]>> {
    await this.load(namespace);
    const rows = this.#context.sql.all(
      `SELECT ${COLUMNS} FROM relationships WHERE namespace = ? AND from_id IN (SELECT value FROM json_each(?))
        ORDER BY type, to_id`,
      namespace,
      JSON.stringify(ids),
    );
    return Map.groupBy(rows.map(relationshipOf), (relationship) => relationship.from);
  }

  /** UTF-8 bytes of those that start at these episodes, by episode; none for one that has none. */
  async sizes(namespace: string, ids: readonly string[]): Promise<Map<string, number>> {
    await this.load(namespace);
    const rows = this.#context.sql.all<{ id: string; bytes: number }>(
      `SELECT from_id AS id, sum(coalesce(octet_length(reason), 0) + ${TIE_BYTES}) AS bytes FROM relationships
        WHERE namespace = ? AND from_id IN (SELECT value FROM json_each(?)) GROUP BY from_id`,
      namespace,
      JSON.stringify(ids),
    );
    return new Map(rows.map(({ id, bytes }) => [id, bytes]));
  }

  /** Removes every tie of a deleted episode; in a transaction. */
  async forget(namespace: string, id: string): Promise<void> {
    await this.load(namespace);
    this.#context.transaction(() => {
      for (const { from, type, to } of this.#of(namespace, id))
        this.#delete(namespace, from, type, to);
    });
  }

  /** Brings the namespace's relationships here, once. Throws `DatabaseError`. */
  async load(namespace: string): Promise<void> {
    const { sql, database } = this.#context;
    if (
      sql.all("SELECT 1 AS n FROM relationships_loaded WHERE namespace = ?", namespace).length > 0
    )
      return;
    let after: SqlValue[] | null = null;
    for (;;) {
      const slice: Slice<SqlValue[]> = await readNamespaceSlice(
        database,
        "relationships",
        namespace,
        after,
        {
          rows: SLICE,
        },
      );
      this.#context.transaction(() => {
        if (!this.#context.isHome(`ns:${namespace}`)) throw new Moved(namespace);
        for (const values of slice.rows) {
          // What changed here while the database answered is newer.
          if (!this.#context.isDirty("relationships", values.slice(0, KEY))) this.#insert(values);
        }
        if (!slice.more)
          sql.run("INSERT OR IGNORE INTO relationships_loaded (namespace) VALUES (?)", namespace);
      });
      after = slice.rows.at(-1)?.slice(1, KEY) ?? null;
      if (!slice.more || !after) return;
    }
  }

  #check(namespace: string, { from, to, type }: Relationship): void {
    for (const [path, id] of [
      ["episode_id", from],
      ["to", to],
    ] as const) {
      if (this.#of(namespace, id).length < LIMITS.relationships_max) continue;
      const detail = `An episode has at most ${LIMITS.relationships_max} relationships, and ${id} has as many.`;
      throw new Refused("limit_exceeded", detail, { path });
    }
    if (!ACYCLIC_RELATIONSHIPS.includes(type)) return;
    const [cycle] = this.#context.sql.all(
      `WITH RECURSIVE reached (id) AS (VALUES (?) UNION
          SELECT r.to_id FROM relationships r JOIN reached ON r.from_id = reached.id WHERE r.namespace = ? AND r.type = ?)
        SELECT 1 AS n FROM reached WHERE id = ?`,
      to,
      namespace,
      type,
      from,
    );
    if (cycle) {
      const detail = `${from} → ${to} would close a cycle of ${type} relationships, which must stay acyclic.`;
      throw new Refused("cycle", detail, { path: "to" });
    }
  }

  #of(namespace: string, id: string): Relationship[] {
    return this.#context.sql
      .all(
        `SELECT ${COLUMNS} FROM relationships WHERE namespace = ?1 AND from_id = ?2
          UNION SELECT ${COLUMNS} FROM relationships WHERE namespace = ?1 AND to_id = ?2
          ORDER BY created_at, type, from_id, to_id`,
        namespace,
        id,
      )
      .map(relationshipOf);
  }

  #put(namespace: string, { from, type, to, created_at, reason }: Relationship): void {
    this.#insert([namespace, from, type, to, Date.parse(created_at), reason]);
    this.#context.markDirty("relationships", [namespace, from, type, to]);
  }

  #insert(values: readonly SqlValue[]): void {
    this.#context.sql.run(
      `INSERT OR REPLACE INTO relationships (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`,
      ...values,
    );
  }

  #delete(namespace: string, from: string, type: string, to: string): void {
    this.#context.sql.run(
      "DELETE FROM relationships WHERE namespace = ? AND from_id = ? AND type = ? AND to_id = ?",
      namespace,
      from,
      type,
      to,
    );
    this.#context.markDirty("relationships", [namespace, from, type, to]);
  }
}

function relationshipOf(row: Row): Relationship {
  return {
    from: String(row["from_id"]),
    to: String(row["to_id"]),
    type: row["type"] as RelationshipType,
    created_at: isoTime(Number(row["created_at"])),
    reason: row["reason"] === null || row["reason"] === undefined ? null : String(row["reason"]),
  };
}
