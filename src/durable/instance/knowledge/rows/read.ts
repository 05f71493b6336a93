/**
 * Reads the rows of learning with statements that run on both engines, the instance's own and the
 * database. Every read is bounded in rows or by the ids that are asked for. Throws `DatabaseError`
 * where the database is read.
 *
 * @module
 */

import { LIMITS } from "../../../../contract/limits.ts";
import type { PatternKind } from "../../../../contract/patterns.ts";
import { recoveriesOfTool } from "../../../../memory/learning/index.ts";
import type {
  Digest,
  DomainRow,
  EpisodeDigest,
  PatternRow,
} from "../../../../memory/learning/types.ts";
import { readByKeys, readOrdered, type Row, type SqlReader } from "../../../../storage/index.ts";

/** The value in a row's body. */
export function bodyOf<T>(row: Row): T {
  return JSON.parse(String(row["body"])) as T;
}

/**
 * Where what a digest contributes begins: all before it is what `EpisodeDigest` has. No text can
 * hold this, because its quotes would be escaped. Cutting takes a fraction of what `json_remove`
 * does, which reads all of it.
 */
const CONTRIBUTIONS = ',"contributions":[';
/** SQL for it; it has no quote that would end a literal. */
const CONTRIBUTIONS_SQL = `'${CONTRIBUTIONS}'`;
/** Digests of this object's own that are read at once, so that the characters' bound is kept. */
const LOCAL_DIGESTS_AT_ONCE = 25;

/**
 * What recall and advice read of the digests of these episodes, in any order. Of digests that are
 * too large to be read all, those of the first ids.
 *
 * @param maxCharacters of digests of this object's own, after which no more are read
 */
export async function digestsByIds(
  reader: SqlReader,
  namespace: string,
  ids: readonly string[],
  maxCharacters: number,
): Promise<EpisodeDigest[]> {
  // This object's own SQLite hands over a text faster than it looks through it.
  const head = reader.isLocal
    ? "t.body AS body"
    : `iif(instr(t.body, ${CONTRIBUTIONS_SQL}) > 0,
        substr(t.body, 1, instr(t.body, ${CONTRIBUTIONS_SQL}) - 1) || '}', t.body) AS body`;
  const read = {
    name: "digests",
    namespace,
    column: "episode_id",
    select: head,
    counted: ["body"],
  } as const;
  const atOnce = reader.isLocal ? LOCAL_DIGESTS_AT_ONCE : Math.max(1, ids.length);

  const digests: EpisodeDigest[] = [];
  let characters = 0;
  for (let from = 0; from < ids.length && characters < maxCharacters; from += atOnce) {
    const rows = await readByKeys<{ body: string }>(reader, {
      ...read,
      ids: ids.slice(from, from + atOnce),
    });
    for (const { body } of rows) {
      characters += body.length;
      const end = reader.isLocal ? body.indexOf(CONTRIBUTIONS) : -1;
      digests.push(JSON.parse(end < 0 ? body : `${body.slice(0, end)}}`) as EpisodeDigest);
    }
  }
  return digests;
}

/** What episodes contributed to patterns. */
export async function contributionsByIds(
  reader: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<Pick<Digest, "episode_id" | "contributions">[]> {
  const tail = reader.isLocal ? "t.body" : `substr(t.body, instr(t.body, ${CONTRIBUTIONS_SQL}))`;
  const rows = await readByKeys<{ episode_id: string; body: string }>(reader, {
    name: "digests",
    namespace,
    column: "episode_id",
    ids,
    select: `t.episode_id AS episode_id, ${tail} AS body`,
    counted: ["body"],
  });
  return rows.map(({ episode_id, body }) => {
    const rest = body.slice(body.indexOf(CONTRIBUTIONS) + 1);
    const { contributions } = JSON.parse(`{${rest}`) as Pick<Digest, "contributions">;
    return { episode_id, contributions };
  });
}

export async function patternsByIds(
  reader: SqlReader,
  namespace: string,
  ids: readonly string[],
): Promise<PatternRow[]> {
  const rows = await readByKeys(reader, {
    name: "patterns",
    namespace,
    column: "id",
    ids,
    select: "t.body AS body",
    counted: ["body"],
  });
  return rows.map((row) => bodyOf<PatternRow>(row));
}

/** Patterns that one lookup by what comes before gives at most. */
const LOOKUP_ROWS_MAX = 200;

/**
 * Patterns of a kind by what comes before: the runs that continue, the choices after a result, the
 * ways out of an error; those of most support. Found by that and sorted afterwards (hence the +):
 * in the order of their support all patterns of the kind would be read.
 */
export async function patternsByPrefix(
  reader: SqlReader,
  namespace: string,
  kind: PatternKind,
  prefixes: readonly string[],
): Promise<PatternRow[]> {
  if (prefixes.length === 0) return [];
  const { rows } = await readOrdered(reader, {
    from: "patterns WHERE namespace = ? AND kind = ? AND prefix IN (SELECT value FROM json_each(?))",
    order: "+episodes DESC, id",
    args: [namespace, kind, JSON.stringify(prefixes)],
    bounds: { rows: LOOKUP_ROWS_MAX },
  });
  return rows.map((row) => bodyOf<PatternRow>(row));
}

/** The ways out of any error of a tool, those of most support. */
export async function recoveriesByTool(
  reader: SqlReader,
  namespace: string,
  tool: string,
): Promise<PatternRow[]> {
  const { from, to } = recoveriesOfTool(tool);
  const { rows } = await readOrdered(reader, {
    from: "patterns WHERE namespace = ? AND kind = 'error_recovery' AND prefix >= ? AND prefix < ?",
    order: "episodes DESC, id",
    args: [namespace, from, to],
    bounds: { rows: LOOKUP_ROWS_MAX },
  });
  return rows.map((row) => bodyOf<PatternRow>(row));
}

/** Domains of a namespace whose base rates count, the first ones by name. */
export const DOMAIN_BOUNDS = { rows: 1_000, bytes: LIMITS.page_bytes };

export async function domainsOf(reader: SqlReader, namespace: string): Promise<DomainRow[]> {
  const { rows } = await readOrdered(reader, {
    from: "domains WHERE namespace = ?",
    order: "domain",
    args: [namespace],
    bounds: DOMAIN_BOUNDS,
  });
  return rows.map((row) => bodyOf<DomainRow>(row));
}
