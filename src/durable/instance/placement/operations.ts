/**
 * The internal operations of hand-overs, restores and snapshots.
 *
 * @module
 */

import { INSTANCE_STAGES, snapshotPage } from "../../shared/tables/snapshots.ts";
import type { Control } from "../../shared/control.ts";
import type { InternalHandlers } from "../handlers.ts";
import type { AfterRestore } from "./after-restore.ts";
import { holdings, type HoldingsDeps } from "./holdings.ts";
import type { Rebalance } from "./rebalance.ts";

export interface PlacementParts {
  rebalance: Rebalance;
  afterRestore: AfterRestore;
  holdings: HoldingsDeps;
  /** Takes a control document over, if it is newer. */
  accept: (control: Control) => void;
}

export function placementInternals(parts: PlacementParts) {
  const { rebalance, afterRestore, accept } = parts;
  return {
    shard_ensure: async ({ shard }) => {
      await rebalance.ensureHere(shard);
      return null;
    },
    shard_read: ({ shard, after }) => rebalance.read(shard, after),
    shard_drop: ({ shard }) => rebalance.drop(shard),
    restore_hold: (control) => {
      accept(control);
      return afterRestore.hold();
    },
    restore_done: (input) => afterRestore.done(input),
    restore_holdings: ({ what, input }) => holdings(parts.holdings, what, input),
    restore_local: ({ table, rows }) => afterRestore.put(table, rows),
    snapshot: ({ cursor }) => snapshotPage(parts.holdings.sql, cursor, INSTANCE_STAGES),
  } satisfies Partial<InternalHandlers>;
}
