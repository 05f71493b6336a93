/**
 * The pages that a restore asks of an instance: all that was acknowledged and that a restored
 * database may lack. Plain data: it crosses the wire.
 *
 * @module
 */

import type { SqlValue, TableName, TABLES } from "../../../storage/index.ts";

/** Tables whose rows a restore asks for by themselves: a namespace's, or all. */
export type HeldTable = {
  [N in TableName]: (typeof TABLES)[N]["restore"] extends "rows" | "knowledge" ? N : never;
}[TableName];

/** An episode that is here and of which nothing is unsent. */
export interface HeldCopy {
  namespace: string;
  id: string;
  version: number;
  /** ms since the epoch. */
  updated_at: number;
  status: string;
  steps: number;
}

/** Where the rows of an episode begin with itself; 0: behind it, with its first step. */
export const BEFORE_EPISODE = -1;

/**
 * Where the rows of some episodes go on: at which of them, behind which of its steps; or
 * BEFORE_EPISODE.
 */
export interface EpisodesCursor {
  index: number;
  number: number;
}

/**
 * What may be asked, by name: input and output. `next`: where the next page begins; null: this is
 * the last.
 */
export interface Holdings {
  /**
   * Namespaces whose home this is. isLearned: all that was learned of it is here; hasRelationships:
   * all its relationships are; hasCurated: all its lessons, and what people decided.
   */
  namespaces: {
    input: { after: string };
    output: {
      namespaces: {
        namespace: string;
        isLearned: boolean;
        hasRelationships: boolean;
        hasCurated: boolean;
      }[];
      next: string | null;
    };
  };
  /** @param namespace null: all of them */
  copies: {
    input: { namespace: string | null; episode: string | null; after: readonly [string, string] };
    output: { copies: HeldCopy[]; next: [string, string] | null };
  };
  /** Rows of whole episodes, in the order of the keys; one that is gone has none. */
  episodes: {
    input: { keys: readonly (readonly [string, string])[]; from: EpisodesCursor };
    output: {
      rows: { table: "episodes" | "steps"; row: SqlValue[] }[];
      next: EpisodesCursor | null;
    };
  };
  /** Rows in key order; `onlySent`: only those of which nothing is unsent. */
  rows: {
    input: {
      table: HeldTable;
      namespace: string | null;
      after: readonly SqlValue[] | null;
      onlySent: boolean;
    };
    output: { rows: SqlValue[][]; next: SqlValue[] | null };
  };
}
export type HoldingsName = keyof Holdings;
