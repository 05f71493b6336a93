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
  namespacesAmong,
  namespacesBehind,
  type LocalSql,
  type Statement,
} from "../../../../storage/index.ts";
import { decodeListCursor, encodeListCursor } from "../../../../util/list-cursor.ts";
import type { InternalInput } from "../../../shared/instance/protocol.ts";
import { cursorRefused } from "../../../shared/refusals.ts";
import type { InstanceContext } from "../../context.ts";

type Asked = InternalInput<"namespaces">;
type NamesContext = Pick<InstanceContext, "askAll" | "database">;

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
  const { sql: text, args } = queryOf(asked);
  return sql.all<{ name: string }>(text, ...args).map(({ name }) => name);
}

async function stored(
  { askAll, database }: NamesContext,
  asked: Asked,
): Promise<{ found: Set<string>; degraded: boolean }> {
  // What is held is asked for first, so that what is sent in between is seen twice, not never.
  const held = (await askAll("namespaces", asked)).flat();
  const { sql: text, args } = queryOf(asked);
  try {
    const rows = await database.all<{ name: string }>(text, ...args);
    return { found: new Set([...held, ...rows.map(({ name }) => name)]), degraded: false };
  } catch (error) {
    const isOutage =
      error instanceof DatabaseError && DATABASE_ERRORS[error.kind].at_fault === "database";
    if (!isOutage) throw error;
    return { found: new Set(held), degraded: true };
  }
}

function queryOf({ after, limit, names }: Asked): Statement {
  return names === null ? namespacesBehind(after, limit) : namespacesAmong(names, after, limit);
}

function positionIn(cursor: string): string {
  const position = decodeListCursor(cursor);
  if (!position) throw cursorRefused();
  return position.id;
}
