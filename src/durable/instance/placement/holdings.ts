/**
 * Reads what an instance holds, page by page, for a restore: whatever was acknowledged and a
 * restored database lacks must come into it before the copies here are dropped. Reads only. A page
 * is bounded in rows and in bytes, so that it stays far below what an RPC may carry and what one
 * turn may take, however much is here.
 *
 * @module
 */

import {
  bytesOfValues,
  keyColumns,
  TABLES,
  takeSlice,
  valuesOf,
  type SqlValue,
} from "../../../storage/index.ts";
import { rowIsSent } from "../../outbox/unsent.ts";
import {
  BEFORE_EPISODE,
  type EpisodesCursor,
  type Holdings,
  type HoldingsName,
} from "../../shared/instance/holdings.ts";
import { homeTextOfNamespace } from "../../shared/instance/placement.ts";
import type { InstanceContext } from "../context.ts";
import type { Relationships } from "../episodes/relationships.ts";
import type { EpisodeRows } from "../episodes/store/episode-rows.ts";
import type { CuratedRows } from "../knowledge/curated/curated-rows.ts";
import { heldCopies } from "../episodes/store/restore-copies.ts";

const PAGE_ROWS = 500;

type HoldingsInput<N extends HoldingsName> = Holdings[N]["input"];
type HoldingsOutput<N extends HoldingsName> = Holdings[N]["output"];

export interface HoldingsDeps {
  context: Pick<InstanceContext, "sql" | "isHome">;
  episodes: EpisodeRows;
  relationships: Pick<Relationships, "loadedNamespaces">;
  knowledge: {
    /** Namespaces of which something was learned here, in order: the first behind this one. */
    namespaces: (after: string, limit: number) => { namespace: string; isReady: boolean }[];
    curated: { rows: Pick<CuratedRows, "loadedNamespaces"> };
  };
}

const STEP_NUMBER = TABLES.steps.columns.indexOf("number");

/** A page of what was asked for by name. */
export function holdings<N extends HoldingsName>(
  deps: HoldingsDeps,
  name: N,
  input: HoldingsInput<N>,
): HoldingsOutput<N> {
  return PAGES[name](deps, input);
}

const PAGES: {
  readonly [N in HoldingsName]: (deps: HoldingsDeps, input: HoldingsInput<N>) => HoldingsOutput<N>;
} = {
  namespaces({ context, relationships, knowledge }, { after }) {
    const learned = knowledge.namespaces(after, PAGE_ROWS);
    const ready = new Set(
      learned.flatMap(({ namespace, isReady }) => (isReady ? [namespace] : [])),
    );
    const related = new Set(relationships.loadedNamespaces(after, PAGE_ROWS));
    const curated = new Set(knowledge.curated.rows.loadedNamespaces(after, PAGE_ROWS));
    const names = new Set([...learned.map(({ namespace }) => namespace), ...related, ...curated]);
    const page = [...names].sort((a, b) => (a < b ? -1 : 1)).slice(0, PAGE_ROWS);
    return {
      namespaces: page
        .filter((namespace) => context.isHome(homeTextOfNamespace(namespace)))
        .map((namespace) => ({
          namespace,
          isLearned: ready.has(namespace),
          hasRelationships: related.has(namespace),
          hasCurated: curated.has(namespace),
        })),
      next: page.length === PAGE_ROWS ? (page.at(-1) ?? null) : null,
    };
  },

  copies({ context }, { namespace, episode, after }) {
    const page = heldCopies(context.sql, { namespace, episode }, after, PAGE_ROWS);
    return { copies: page.copies.filter(({ id }) => context.isHome(id)), next: page.next };
  },

  episodes(deps, { keys, from }) {
    const all = rowsOfEpisodes(deps.episodes, keys, from);
    const slice = takeSlice(all, { rows: PAGE_ROWS }, ({ row }) => bytesOfValues(row));
    return {
      rows: slice.rows.map(({ table, row }) => ({ table, row })),
      next: slice.more ? (slice.rows.at(-1)?.at ?? null) : null,
    };
  },

  rows({ context }, { table, namespace, after, onlySent }) {
    const keys = keyColumns(table);
    const conditions = [
      after === null ? "1" : `(${keys.join(", ")}) > (${keys.map(() => "?").join(", ")})`,
      namespace === null ? "1" : "namespace = ?",
      onlySent ? rowIsSent(table) : "1",
    ];
    const all = context.sql.each(
      `SELECT ${TABLES[table].columns.join(", ")} FROM ${table}
        WHERE ${conditions.join(" AND ")} ORDER BY ${keys.join(", ")}`,
      ...(after ?? []),
      ...(namespace === null ? [] : [namespace]),
    );
    const slice = takeSlice(all, { rows: PAGE_ROWS });
    const page = slice.rows.map((row) => valuesOf(table, row));
    return { rows: page, next: slice.more ? (page.at(-1)?.slice(0, keys.length) ?? null) : null };
  },
};

function* rowsOfEpisodes(
  episodeRows: EpisodeRows,
  keys: readonly (readonly [string, string])[],
  from: EpisodesCursor,
): Generator<{ table: "episodes" | "steps"; row: SqlValue[]; at: EpisodesCursor }> {
  for (let index = from.index; index < keys.length; index++) {
    const key = keys[index];
    if (!key) continue;
    const behind = index === from.index ? from.number : BEFORE_EPISODE;
    if (behind === BEFORE_EPISODE) {
      const row = episodeRows.episodeValues(...key);
      if (!row) continue;
      yield { table: "episodes", row, at: { index, number: 0 } };
    }
    for (const row of episodeRows.stepValues(...key, Math.max(0, behind)))
      yield { table: "steps", row, at: { index, number: Number(row[STEP_NUMBER]) } };
  }
}
