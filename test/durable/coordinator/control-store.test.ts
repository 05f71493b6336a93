import { beforeEach, describe, expect, it } from "vitest";
import { ControlStore } from "../../../src/durable/coordinator/control/control-store.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";

let sql: NodeSql;
const open = (): ControlStore =>
  new ControlStore({
    sql,
    transaction: (work) => sql.transaction(work),
    defaults: {},
    envCount: 1,
    now: () => 1_000,
    changed: () => undefined,
  });
beforeEach(() => {
  sql = openLocal([]);
});

describe("a change of the number of instances", () => {
  it("is done when every instance that takes part has handed over, and not before", () => {
    const controlStore = open();
    const { version } = controlStore.resize(2, "test");
    expect(controlStore.topologySettled(0, version)).toBe(false);
    expect(controlStore.control.topology).toMatchObject({ count: 2, previous: 1 });
    expect(controlStore.topologySettled(1, version)).toBe(true);
    expect(controlStore.control.topology).toMatchObject({ count: 2, previous: null });
  });

  it("is not done because of an instance that was in use long ago", () => {
    const controlStore = open();
    const { version } = controlStore.resize(2, "test");
    expect(controlStore.topologySettled(3, version)).toBe(false);
    expect(controlStore.topologySettled(0, version)).toBe(false);
    expect(controlStore.topologySettled(0, version)).toBe(false);
    expect(controlStore.control.topology.previous).toBe(1);
  });

  it("waits for the running one, and survives the end of the object", () => {
    const controlStore = open();
    const { version } = controlStore.resize(4, "test");
    controlStore.resize(2, "test");
    expect(controlStore.control.topology.count).toBe(4);
    controlStore.topologySettled(0, version);
    controlStore.topologySettled(1, version);
    const again = open();
    again.topologySettled(2, version);
    again.topologySettled(3, version);
    expect(again.control.topology).toEqual({ version: version + 1, count: 2, previous: 4 });
  });

  it("leaves known how many instances there ever were: they hold copies of keys", () => {
    const controlStore = open();
    for (const count of [4, 2]) {
      const { version } = controlStore.resize(count, "test");
      for (let index = 0; index < 4; index++) controlStore.topologySettled(index, version);
    }
    expect([controlStore.instanceCount, controlStore.maxInstanceCount]).toEqual([2, 4]);
    expect(open().maxInstanceCount).toBe(4);
  });
});
