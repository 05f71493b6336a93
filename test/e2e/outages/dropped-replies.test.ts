/**
 * The outbox on a real database whose answers get lost after the commit, five hundred times.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Outbox, OUTBOX_SCHEMA } from "../../../src/durable/outbox/outbox.ts";
import { migrated, openDatabase, SCHEMA } from "../../../src/storage/index.ts";
import { rowsOf } from "../../support/service/database.ts";
import { FaultProxy } from "../../support/processes/fault-proxy.ts";
import { openLocal } from "../../support/node-sql.ts";
import { Sqld } from "../../support/processes/sqld.ts";

const DROPPED = 500;
let database: Sqld;
let proxy: FaultProxy;
beforeAll(async () => {
  database = await Sqld.start();
  proxy = await FaultProxy.start(database.port);
});
afterAll(async () => {
  await proxy.remove();
  await database.remove();
});

it(`has every row once after ${DROPPED} replies that were lost after the commit`, async () => {
  const local = openLocal([...SCHEMA, ...OUTBOX_SCHEMA]);
  const far = migrated(
    openDatabase({ url: proxy.url, authToken: null, timeoutMs: () => 4_000 }),
    Date.now,
  );
  await far.version();
  let now = Date.now();
  const outbox = new Outbox({
    sql: local,
    transaction: (work) => local.transaction(work),
    onRollback: (undo) => local.onRollback(undo),
    database: far,
    writer: () => "instance-0",
    batch: () => ({ together: true, rows: 500 }),
    now: () => now,
    random: Math.random,
    writeLease: { run: (work) => work(), release: async () => undefined },
    onBatchTaken: () => undefined,
    wait: async () => undefined,
    log: () => undefined,
  });
  const body = (number: number): string => JSON.stringify({ number });
  for (let number = 1; number <= DROPPED; number++) {
    local.transaction(() => {
      local.run(
        "INSERT INTO steps (namespace, episode_id, number, body) VALUES ('n', 'e', ?, ?)",
        number,
        body(number),
      );
      outbox.markDirty("steps", ["n", "e", number]);
    });
    const before = proxy.faults;
    proxy.fault = "drop_reply";
    await outbox.flush();
    // Committed, and yet nobody knows.
    expect([outbox.state().rows, proxy.faults > before]).toEqual([1, true]);
    proxy.fault = "pass";
    now = outbox.nextAt() ?? now;
    await outbox.flush();
    expect(outbox.state().rows).toBe(0);
  }
  const stored = await rowsOf(database.url, "SELECT number, body FROM steps ORDER BY number");
  expect(stored).toEqual(
    Array.from({ length: DROPPED }, (_, i) => ({ number: i + 1, body: body(i + 1) })),
  );
});
