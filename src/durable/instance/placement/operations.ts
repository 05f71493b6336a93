/**
 * The internal operations of hand-overs, restores and snapshots.
 *
 * @module
 */

import { INSTANCE_STAGES, snapshotPage } from "../../shared/tables/snapshots.ts";
import type { InternalHandlers } from "../handlers.ts";
import type { Position } from "../position.ts";
import type { QuotaKeeper } from "../quotas/quota-keeper.ts";
import type { AfterRestore } from "./after-restore.ts";
import { holdings, type HoldingsDeps } from "./holdings.ts";
import type { Rebalance } from "./rebalance.ts";
import type { ShardRows } from "./shard-rows.ts";

interface PlacementParts extends HoldingsDeps {
  position: Position;
  shardRows: ShardRows;
  rebalance: Rebalance;
  afterRestore: AfterRestore;
  keeper: Pick<QuotaKeeper, "forget">;
}

export function placementInternals(parts: PlacementParts) {
  const { context, position, shardRows, rebalance, afterRestore, keeper } = parts;
  return {
    shard_ensure: async ({ shard }) => {
      await rebalance.ensureHere(shard);
      return null;
    },
    shard_read: ({ shard, after }) => shardRows.read(shard, after),
    shard_drop: ({ shard }) => rebalance.drop(shard),
    restore_hold: (control) => {
      position.accept(control);
      return afterRestore.hold();
    },
    restore_done: (input) => {
      keeper.forget(input.namespace);
      return afterRestore.done(input);
    },
    restore_holdings: ({ what, input }) => holdings(parts, what, input),
    restore_local: ({ table, rows }) => afterRestore.put(table, rows),
    snapshot: ({ cursor }) => snapshotPage(context.sql, cursor, INSTANCE_STAGES),
  } satisfies Partial<InternalHandlers>;
}
