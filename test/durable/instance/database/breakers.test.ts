import { beforeEach, describe, expect, it } from "vitest";
import type { BreakerOrder } from "../../../../src/durable/shared/control.ts";
import { DatabaseError } from "../../../../src/storage/index.ts";
import { NodeInstances } from "../../../support/instances.ts";

const outage = (): never => {
  throw new DatabaseError("unreachable", "ECONNREFUSED", null);
};
let cluster: NodeInstances;
let asked: number;

beforeEach(() => {
  cluster = new NodeInstances(1, { database_attempts: 1, breaker_minimum_calls: 5 });
  asked = 0;
});

const stateOf = async (index = 0): Promise<string> =>
  (await cluster.ask(index, "view", null)).breakers.turso.state;
const missing = (n: number): string =>
  `01a2199d-526f-7e58-8bf9-30bad2bdf1${String(n).padStart(2, "0")}`;
/** Reads what only the database could have. */
const read = (n: number) => cluster.call("episode.get", { id: missing(n) });
/** Lets the database fail until the breaker opens. */
async function fail(): Promise<void> {
  cluster.beforeDatabase = () => {
    asked += 1;
    outage();
  };
  for (let n = 0; n < 12; n++) await read(n);
}
const order = (more: Partial<BreakerOrder>): BreakerOrder => ({
  id: 1,
  backend: "turso",
  action: "open",
  until: null,
  reason: "by hand",
  instance: null,
  ...more,
});

describe("the circuit breaker before the database", () => {
  it("opens when calls fail, and then the database is not asked: reads fail at once, writes queue", async () => {
    await fail();
    expect(await stateOf()).toBe("open");
    const before = asked;
    const { result } = await read(50);
    expect(result).toMatchObject({ ok: false, error: { code: "database_unavailable" } });
    const id = await cluster.start();
    expect((await cluster.step(id, "a")).accepted).toBe(1);
    expect(JSON.parse((await cluster.do("episode.get", { id })).json)).toMatchObject({ id });
    expect(asked).toBe(before);
    expect(
      await cluster.counted(0, "memory_storage_not_asked_total", { reason: "breaker" }),
    ).toBeGreaterThan(0);
  });

  it("is tried by the alarm with a small write, never by a call, and closes when that is taken", async () => {
    await fail();
    const id = await cluster.start();
    cluster.now += 60_000;
    const before = asked;
    await read(60);
    expect(asked).toBe(before);
    cluster.beforeDatabase = () => undefined;
    await cluster.instance(0).alarm();
    expect(await stateOf()).toBe("closed");
    // What waited for it is sent in the same alarm.
    expect(cluster.stored.all("SELECT id FROM episodes")).toEqual([{ id }]);
  });

  it("sets the alarm for its next trial, and waits longer after each that failed", async () => {
    await fail();
    const trials: number[] = [];
    cluster.beforeDatabase = () => {
      trials.push(cluster.now);
      outage();
    };
    for (let fired = 0; trials.length < 5 && fired < 50; fired++) {
      cluster.now = Math.max(cluster.now, cluster.alarmAt(0) ?? 0);
      await cluster.instance(0).alarm();
    }
    const waits = trials.slice(1).map((at, n) => at - (trials[n] ?? 0));
    expect(waits).toHaveLength(4);
    expect(waits).toEqual(waits.toSorted((x, y) => x - y));
    expect(waits[3]).toBeGreaterThan(waits[0] ?? 0);
    expect(await stateOf()).toBe("open");
  });

  it("is as it was after the object was evicted", async () => {
    await fail();
    cluster.restart(0);
    expect(await stateOf()).toBe("open");
  });

  it("tells the Coordinator of each change at once", async () => {
    await read(0);
    cluster.reports.length = 0;
    await fail();
    // No alarm has to fire for it.
    await expect
      .poll(() => cluster.reports.at(-1))
      .toMatchObject({ instance: 0, breakers: { turso: "open" } });
  });

  it("stays closed for what is no fault of the database", async () => {
    cluster.beforeDatabase = () => {
      asked += 1;
      throw new DatabaseError("constraint", "SQLITE_CONSTRAINT", null);
    };
    for (let n = 0; n < 10; n++) await read(n);
    // What the namespace is set to is asked as well, once.
    expect([await stateOf(), asked]).toEqual(["closed", 11]);
  });

  it("carries each order out once, also in another life of the object, and only its own", async () => {
    cluster = new NodeInstances(2);
    await cluster.change({
      orders: [order({ id: 1, instance: 0 }), order({ id: 2, backend: "r2" })],
    });
    expect([await stateOf(0), await stateOf(1)]).toEqual(["forced_open", "closed"]);
    await cluster.change({
      orders: [order({ id: 1, instance: 0 }), order({ id: 3, action: "reset" })],
    });
    expect(await stateOf(0)).toBe("closed");
    cluster.restart(0);
    expect(await stateOf(0)).toBe("closed");
  });

  it("that an operator opened for a time closes by itself", async () => {
    await cluster.start();
    await cluster.change({ orders: [order({ until: cluster.now + 5_000 })] });
    expect(await stateOf()).toBe("forced_open");
    cluster.now += 6_000;
    await cluster.instance(0).alarm();
    expect(await stateOf()).toBe("closed");
    // An order that comes after its time does nothing.
    await cluster.change({ orders: [order({ id: 2, until: cluster.now - 1 })] });
    expect(await stateOf()).toBe("closed");
  });

  it("opens when most instances found the database down", async () => {
    await cluster.start();
    await cluster.change({ cluster: { turso: cluster.now + 5_000 } });
    expect(await stateOf()).toBe("open");
  });
});

describe("the database in degraded mode", () => {
  it("is not asked at all; what the instance has is served, and writes queue", async () => {
    const id = await cluster.start();
    await cluster.flush();
    await cluster.change({ degraded: { message: "", since: "", by: "root" } });
    cluster.beforeDatabase = () => void (asked += 1);
    const later = await cluster.start();
    await cluster.flush();
    expect((await read(0)).result).toMatchObject({
      ok: false,
      error: { code: "database_unavailable" },
    });
    expect(JSON.parse((await cluster.do("episode.get", { id })).json)).toMatchObject({ id });
    expect(asked).toBe(0);
    await cluster.change({ degraded: null });
    await cluster.flush();
    expect(cluster.stored.all("SELECT id FROM episodes WHERE id = ?", later)).toHaveLength(1);
  });
});
