/**
 * Builds the context that the parts of an instance are given.
 *
 * @module
 */

import { uuidv7 } from "../../../memory/id.ts";
import type { InstanceContext } from "../context.ts";
import type { Peers } from "../peers.ts";
import type { InstancePlatform } from "../platform.ts";
import type { Foundation } from "./foundation.ts";
import type { StorageParts } from "./storage.ts";

/** Random bytes of an id. */
const ID_RANDOM_BYTES = 10;

export function contextOf(
  { now }: InstancePlatform,
  { sql, transaction, control, meter, log, alarm }: Foundation,
  { database, position, outbox, dirtyRows }: StorageParts,
  peers: Peers,
): InstanceContext {
  return {
    sql,
    transaction,
    database,
    settings: () => control.settings,
    control: () => control.value,
    now,
    uuid: (at) => uuidv7(at, crypto.getRandomValues(new Uint8Array(ID_RANDOM_BYTES))),
    place: () => position.place(),
    instanceCount: () => position.instanceCount(),
    homeOf: (text) => position.homeOf(text),
    isHome: (home) => position.isHome(home),
    markDirty: (table, key, bytes) => dirtyRows.markDirty(table, key, bytes),
    isDirty: (table, key) => outbox.isDirty(table, key),
    ask: peers.ask,
    askHome: peers.work,
    wake: (at) => alarm.wake(at),
    meter,
    log,
  };
}
