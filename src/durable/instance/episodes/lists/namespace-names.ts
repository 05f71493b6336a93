/**
 * Lists the namespaces that a caller may see: those that its key names, or all in which something is
 * stored. Which those are the database knows, and the instances of what it does not have yet. While
 * the database is out of reach they are those of which instances hold something, and the answer is
 * marked as degraded.
 *
 * @module
 */

import type { NamespaceView } from "../../../../contract/namespaces/answers.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { Input } from "../../../../contract/operations.ts";
import {
  DATABASE_ERRORS,
  DatabaseError,
  type LocalSql,
  type SqlValue,
} from "../../../../storage/index.ts";
import { decodeListCursor, encodeListCursor } from "../../../../util/list-cursor.ts";
import type { InternalInput } from "../../../shared/instance/protocol.ts";
import { cursorRefused } from "../../../shared/refusals.ts";
import type { InstanceContext } from "../../context.ts";

type Asked = InternalInput<"namespaces">;
type NamesContext = Pick<InstanceContext, "askAll" | "database">;

/** What makes a namespace one that is there; each is the beginning of a primary key. */
const TABLES = ["episodes", "lessons", "namespace_settings"] as const;

/** From one namespace's first row to the next one's: as many rows are read as there are names. */
const steppingOver = (table: string): string => `SELECT namespace FROM (
  WITH RECURSIVE named (namespace) AS (
    SELECT min(namespace) FROM ${table} WHERE namespace > ?1
    UNION ALL
    SELECT (SELECT min(namespace) FROM ${table} WHERE namespace > named.namespace)
      FROM named WHERE named.namespace IS NOT NULL)
  SELECT namespace FROM named WHERE namespace IS NOT NULL LIMIT ?2)`;
const ALL_NAMES = `${TABLES.map(steppingOver).join(" UNION ")} ORDER BY 1 LIMIT ?2`;

const isIn = (table: string): string =>
  `EXISTS (SELECT 1 FROM ${table} WHERE namespace = named.value)`;
const THESE_NAMES = `SELECT named.value AS namespace FROM json_each(?3) AS named
  WHERE named.value > ?1 AND (${TABLES.map(isIn).join(" OR ")}) ORDER BY 1 LIMIT ?2`;

/**
 * One page, by name. Throws `Refused` for a cursor that is none.
 *
 * @param visible the namespaces that the caller may see; null: all
 */
export async function listNamespaces(
  context: NamesContext,
  { limit, cursor }: Input<"namespaces.list">,
  visible: readonly string[] | null,
): Promise<Page<NamespaceView>> {
  const after = cursor === null ? "" : positionIn(cursor);
  const names = visible === null ? null : visible.filter((name) => name > after).sort();
  const asked: Asked = { after, limit: limit + 1, names };
  const { found, degraded } = await stored(context, asked);

  const shown = names ?? [...found].sort();
  const items = shown.slice(0, limit).map((name) => ({ name, empty: !found.has(name) }));
  const last = items.at(-1);
  const next_cursor =
    last && shown.length > limit ? encodeListCursor({ order: 0, id: last.name }) : null;
  return { items, next_cursor, degraded };
}

/** This instance's share: those of which something is held here. */
export function namespacesHere(sql: LocalSql, asked: Asked): string[] {
  const { text, args } = queryOf(asked);
  return sql.all<{ namespace: string }>(text, ...args).map(({ namespace }) => namespace);
}

async function stored(
  { askAll, database }: NamesContext,
  asked: Asked,
): Promise<{ found: Set<string>; degraded: boolean }> {
  // What is held is asked for first, so that what is sent in between is seen twice, not never.
  const held = (await askAll("namespaces", asked)).flat();
  const { text, args } = queryOf(asked);
  try {
    const rows = await database.all<{ namespace: string }>(text, ...args);
    return { found: new Set([...held, ...rows.map((row) => row.namespace)]), degraded: false };
  } catch (error) {
    const isOutage =
      error instanceof DatabaseError && DATABASE_ERRORS[error.kind].at_fault === "database";
    if (!isOutage) throw error;
    return { found: new Set(held), degraded: true };
  }
}

function queryOf({ after, limit, names }: Asked): { text: string; args: SqlValue[] } {
  return names === null
    ? { text: ALL_NAMES, args: [after, limit] }
    : { text: THESE_NAMES, args: [after, limit, JSON.stringify(names)] };
}

function positionIn(cursor: string): string {
  const position = decodeListCursor(cursor);
  if (!position) throw cursorRefused();
  return position.id;
}
