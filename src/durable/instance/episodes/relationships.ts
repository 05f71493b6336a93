/**
 * The relationships between episodes: the owner of the tables `relationships` and
 * `relationships_loaded`. They are kept at the namespace's home, so that a cycle is refused before
 * it is made; they are loaded from the database there before the first use.
 *
 * @module
 */

import { LIMITS } from "../../../contract/limits.ts";
import type { Relationship } from "../../../contract/ties/answers.ts";
import { ACYCLIC_RELATIONSHIPS, type RelationshipType } from "../../../contract/vocabulary.ts";
import type { Input } from "../../../contract/operations.ts";
import {
  readNamespaceSlice,
  TABLES,
  type LocalSql,
  type Row,
  type Slice,
  type SqlReader,
  type SqlValue,
} from "../../../storage/index.ts";
import { homeTextOfNamespace } from "../../shared/instance/placement.ts";
import type { Part } from "../../shared/context.ts";
import { Moved, Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { OperationScope } from "../handlers.ts";
import { isoTime } from "../../../util/time.ts";

const RELATIONSHIPS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS relationships_loaded (namespace TEXT PRIMARY KEY) STRICT`,
];

const COLUMNS = TABLES.relationships.columns.join(", ");
const KEY_COLUMNS = TABLES.relationships.key;
/** Rows that are read from the database at once. */
const LOAD_ROWS = 2_000;
/** What a relationship has beside its reason, UTF-8 bytes. */
const RELATIONSHIP_BYTES = 200;
/**
 * Episodes that a walk visits: few at first, in either direction, because most graphs end soon in
 * one of them; then as many as may be. Each is more than an import's line ties at once.
 */
const WALKS = [256, LIMITS.relationships_walked_max] as const;
/** By which its end is found. SQLite would take an index that has all columns first. */
const BY_END = "INDEXED BY relationships_to";
/** From which column of a relationship to which a walk goes. */
const DIRECTIONS = {
  onward: { from: "from_id", to: "to_id", index: "" },
  back: { from: "to_id", to: "from_id", index: BY_END },
} as const;

type RelationshipKey = Pick<Relationship, "from" | "to" | "type">;

/** New relationships of one type that begin at one episode. */
interface NewTies {
  namespace: string;
  from: string;
  type: RelationshipType;
  to: readonly string[];
}

interface Walk {
  /** Episodes that it came to, those included that it began at. */
  visited: number;
  /** One of those that were looked for; null: it came to none. */
  met: string | null;
}

type RelationshipsContext = Pick<
  InstanceContext,
  "sql" | "transaction" | "now" | "askHome" | "isHome" | "isDirty" | "markDirty"
> & { database: SqlReader };

export class Relationships implements Part {
  readonly schema = RELATIONSHIPS_SCHEMA;
  readonly #context: RelationshipsContext;
  readonly #sql: LocalSql;

  constructor(context: RelationshipsContext) {
    this.#context = context;
    this.#sql = context.sql;
  }

  /** The same one again changes nothing. Throws `Refused` for a cycle and for too many. */
  async add(
    { episode_id: from, to, type, reason }: Input<"relationships.add">,
    { namespace, commit }: OperationScope,
  ): Promise<Relationship> {
    if (from === to)
      throw new Refused("cycle", "An episode cannot be related to itself.", { path: "to" });
    await this.load(namespace);
    await this.#requireEpisode(namespace, from, "episode_id");
    await this.#requireEpisode(namespace, to, "to");

    return commit(() => {
      const created_at = isoTime(this.#context.now());
      const relationship = { from, to, type, created_at, reason };
      this.#requireAcyclic(namespace, [relationship]);
      return this.#putOnce(namespace, relationship);
    });
  }

  /** Those that begin or end at an episode. Throws `Refused` when there is none. */
  async list(namespace: string, id: string): Promise<Relationship[]> {
    await this.#requireEpisode(namespace, id);
    await this.load(namespace);
    return this.#of(namespace, id);
  }

  /** Throws `Refused` when there is none such. */
  async remove(
    { episode_id: from, to, type }: Input<"relationships.remove">,
    { namespace, commit }: OperationScope,
  ): Promise<{ deleted: true }> {
    await this.load(namespace);
    return commit(() => {
      if (!this.#find(namespace, { from, to, type }))
        throw new Refused("not_found", `Episode ${from} has no ${type} relationship to ${to}.`);
      this.#delete(namespace, { from, to, type });
      return { deleted: true as const };
    });
  }

  /**
   * Takes in relationships of an import: their other end may come later, so only cycles and too
   * many are refused. Walks once for all of a type that begin at an episode.
   */
  async putAll(namespace: string, relationships: readonly Relationship[]): Promise<void> {
    await this.load(namespace);
    this.#context.transaction(() => {
      const together = Map.groupBy(relationships, ({ from, type }) => `${type} ${from}`);
      for (const ties of together.values()) {
        this.#requireAcyclic(namespace, ties);
        for (const relationship of ties) this.#putOnce(namespace, relationship);
      }
    });
  }

  /** Those that begin at one of these episodes, by episode. */
  async from(namespace: string, ids: readonly string[]): Promise<Map<string, Relationship[]>> {
    await this.load(namespace);
    const rows = this.#sql.all(
      `SELECT ${COLUMNS} FROM relationships
        WHERE namespace = ? AND from_id IN (SELECT value FROM json_each(?))
        ORDER BY type, to_id`,
      namespace,
      JSON.stringify(ids),
    );
    return Map.groupBy(rows.map(relationshipOf), (relationship) => relationship.from);
  }

  /** UTF-8 bytes of those that begin at these episodes, by episode; none for one that has none. */
  async sizes(namespace: string, ids: readonly string[]): Promise<Map<string, number>> {
    await this.load(namespace);
    const rows = this.#sql.all<{ id: string; bytes: number }>(
      `SELECT from_id AS id, sum(coalesce(octet_length(reason), 0) + ${RELATIONSHIP_BYTES}) AS bytes
        FROM relationships
        WHERE namespace = ? AND from_id IN (SELECT value FROM json_each(?)) GROUP BY from_id`,
      namespace,
      JSON.stringify(ids),
    );
    return new Map(rows.map(({ id, bytes }) => [id, bytes]));
  }

  /** Removes every relationship of a deleted episode. */
  async removeEpisode(namespace: string, id: string): Promise<void> {
    await this.load(namespace);
    this.#context.transaction(() => {
      for (const relationship of this.#of(namespace, id)) this.#delete(namespace, relationship);
    });
  }

  /** Whether all relationships of the namespace are here. */
  #isLoaded(namespace: string): boolean {
    const text = "SELECT 1 AS n FROM relationships_loaded WHERE namespace = ?";
    return this.#sql.all(text, namespace).length > 0;
  }

  /** Namespaces of which all are here, in order: behind this one, at most this many. */
  loadedNamespaces(after: string, limit: number): string[] {
    const text =
      "SELECT namespace FROM relationships_loaded WHERE namespace > ? ORDER BY namespace LIMIT ?";
    const rows = this.#sql.all<{ namespace: string }>(text, after, limit);
    return rows.map(({ namespace }) => namespace);
  }

  /** Those of the namespace, or of all for null, are read anew before their next use. */
  reload(namespace: string | null): void {
    if (namespace === null) this.#sql.run("DELETE FROM relationships_loaded");
    else this.#sql.run("DELETE FROM relationships_loaded WHERE namespace = ?", namespace);
  }

  /** Brings the namespace's relationships here, once. Throws `DatabaseError`, `Moved`. */
  async load(namespace: string): Promise<void> {
    if (this.#isLoaded(namespace)) return;
    for (let after: SqlValue[] | null = null; ;) {
      const slice: Slice<SqlValue[]> = await readNamespaceSlice(
        this.#context.database,
        "relationships",
        namespace,
        after,
        { rows: LOAD_ROWS },
      );
      this.#context.transaction(() => this.#store(namespace, slice));
      after = slice.rows.at(-1)?.slice(1, KEY_COLUMNS) ?? null;
      if (!slice.more || !after) return;
    }
  }

  #store(namespace: string, { rows, more }: Slice<SqlValue[]>): void {
    if (!this.#context.isHome(homeTextOfNamespace(namespace))) throw new Moved(namespace);
    for (const values of rows) {
      // What changed here while the database answered is newer.
      if (!this.#context.isDirty("relationships", values.slice(0, KEY_COLUMNS)))
        this.#insert(values);
    }
    if (more) return;
    const text = "INSERT OR IGNORE INTO relationships_loaded (namespace) VALUES (?)";
    this.#sql.run(text, namespace);
  }

  async #requireEpisode(namespace: string, id: string, path?: string): Promise<void> {
    if (await this.#context.askHome("exists", { namespace, id })) return;
    const detail = `There is no episode ${id} in this namespace.`;
    throw new Refused("not_found", detail, path === undefined ? {} : { path });
  }

  /** Throws `Refused` where an end of the relationship has as many as it may have. */
  #requireRoom(namespace: string, { from, to }: Relationship): void {
    const ends = { episode_id: from, to };
    for (const [path, id] of Object.entries(ends)) {
      const [counted] = this.#sql.all<{ n: number }>(
        `SELECT (SELECT count(*) FROM relationships WHERE namespace = ?1 AND from_id = ?2)
          + (SELECT count(*) FROM relationships ${BY_END}
            WHERE namespace = ?1 AND to_id = ?2 AND from_id <> ?2) AS n`,
        namespace,
        id,
      );
      if ((counted?.n ?? 0) < LIMITS.relationships_max) continue;
      const detail = `An episode has at most ${LIMITS.relationships_max} relationships, and ${id} has as many.`;
      throw new Refused("limit_exceeded", detail, { path });
    }
  }

  /**
   * Throws `Refused` where one of these, all of one type and from one episode, would close a cycle
   * that must not be, and where too many episodes are tied to tell.
   */
  #requireAcyclic(namespace: string, relationships: readonly Relationship[]): void {
    const [first] = relationships;
    if (!first || !ACYCLIC_RELATIONSHIPS.includes(first.type)) return;
    const fresh = relationships.filter((relationship) => !this.#find(namespace, relationship));
    if (fresh.length === 0) return;

    const { from, type } = first;
    const ties = { namespace, from, type, to: fresh.map(({ to }) => to) };
    const closing = this.#closing(ties);
    if (closing === null) return;
    const detail = `${from} → ${closing} would close a cycle of ${type} relationships, which must stay acyclic.`;
    throw new Refused("cycle", detail, { path: "to" });
  }

  /**
   * The end of one of these that leads to where they begin; null: none does. Either direction tells
   * it, as soon as it was walked to its end. Throws `Refused` when neither ends within the bound.
   */
  #closing(ties: NewTies): string | null {
    for (const bound of WALKS) {
      const back = this.#walk(ties, "back", bound);
      if (back.met !== null || back.visited <= bound) return back.met;
      const onward = this.#walk(ties, "onward", bound);
      if (onward.met !== null) return this.#guilty(ties, bound);
      if (onward.visited <= bound) return null;
    }
    const [to = ""] = ties.to;
    const bound = `relationships_walked_max = ${LIMITS.relationships_walked_max}`;
    const detail = `Whether ${ties.from} → ${to} closes a cycle of ${ties.type} relationships cannot be checked: more than ${bound} episodes lead to the first, and more follow the second. Tie it where fewer do, or by a type that may have cycles.`;
    throw new Refused("limit_exceeded", detail, { path: "to" });
  }

  /** Of these, some of which lead back within the bound, one that does: by halves. */
  #guilty(ties: NewTies, bound: number): string {
    let { to } = ties;
    while (to.length > 1) {
      const half = to.slice(0, to.length / 2);
      const { met } = this.#walk({ ...ties, to: half }, "onward", bound);
      to = met === null ? to.slice(half.length) : half;
    }
    return to[0] ?? ties.from;
  }

  /**
   * Goes breadth first along relationships that are stored: on from the ends of the new ones to
   * where they begin, or back from there to their ends. Reads the relationships of the episodes
   * that it visits, at most one more than the bound, and no others: SQLite keeps the order of a
   * CROSS JOIN, and would else go through the namespace for each of them.
   */
  #walk({ namespace, from, type, to }: NewTies, way: keyof typeof DIRECTIONS, bound: number): Walk {
    const column = DIRECTIONS[way];
    const [starts, sought] = way === "onward" ? [to, [from]] : [[from], to];
    const [walk] = this.#sql.all<{ visited: number; met: string | null }>(
      `WITH RECURSIVE reached (id) AS (SELECT value FROM json_each(?1) UNION
          SELECT r.${column.to} FROM reached CROSS JOIN relationships r ${column.index}
            WHERE r.namespace = ?2 AND r.${column.from} = reached.id AND r.type = ?3 LIMIT ?4)
        SELECT count(*) AS visited,
          max(CASE WHEN id IN (SELECT value FROM json_each(?5)) THEN id END) AS met
          FROM reached`,
      JSON.stringify(starts),
      namespace,
      type,
      bound + 1,
      JSON.stringify(sought),
    );
    return walk ?? { visited: 0, met: null };
  }

  #find(namespace: string, { from, to, type }: RelationshipKey): Relationship | undefined {
    const [row] = this.#sql.all(
      `SELECT ${COLUMNS} FROM relationships
        WHERE namespace = ? AND from_id = ? AND type = ? AND to_id = ?`,
      namespace,
      from,
      type,
      to,
    );
    return row && relationshipOf(row);
  }

  #of(namespace: string, id: string): Relationship[] {
    return this.#sql
      .all(
        `SELECT ${COLUMNS} FROM relationships WHERE namespace = ?1 AND from_id = ?2
          UNION SELECT ${COLUMNS} FROM relationships WHERE namespace = ?1 AND to_id = ?2
          ORDER BY created_at, type, from_id, to_id`,
        namespace,
        id,
      )
      .map(relationshipOf);
  }

  /**
   * Returns the one that is there, or else this one, stored. Throws `Refused` for too many; in a
   * transaction, behind `#requireAcyclic`.
   */
  #putOnce(namespace: string, relationship: Relationship): Relationship {
    const present = this.#find(namespace, relationship);
    if (present) return present;
    this.#requireRoom(namespace, relationship);
    const { from, type, to, created_at, reason } = relationship;
    const key = [namespace, from, type, to];
    this.#insert([...key, Date.parse(created_at), reason]);
    this.#context.markDirty("relationships", key);
    return relationship;
  }

  #insert(values: readonly SqlValue[]): void {
    const text = `INSERT OR REPLACE INTO relationships (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`;
    this.#sql.run(text, ...values);
  }

  #delete(namespace: string, { from, type, to }: RelationshipKey): void {
    const key = [namespace, from, type, to];
    const text =
      "DELETE FROM relationships WHERE namespace = ? AND from_id = ? AND type = ? AND to_id = ?";
    this.#sql.run(text, ...key);
    this.#context.markDirty("relationships", key);
  }
}

function relationshipOf(row: Row): Relationship {
  return {
    from: String(row["from_id"]),
    to: String(row["to_id"]),
    type: row["type"] as RelationshipType,
    created_at: isoTime(Number(row["created_at"])),
    reason: row["reason"] === null ? null : String(row["reason"]),
  };
}
