import { beforeEach, describe, expect, it } from "vitest";
import { Governor } from "../../../src/durable/coordinator/control-store.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";

let sql: NodeSql;
const open = (): Governor =>
  new Governor(
    sql,
    (work) => sql.transaction(work),
    {},
    1,
    () => 1_000,
  );
beforeEach(() => {
  sql = openLocal([]);
});

describe("a change of the number of instances", () => {
  it("is done when every instance that takes part has handed over, and not before", () => {
    const governor = open();
    const { version } = governor.resize(2, "test");
    expect(governor.settle(0, version)).toBe(false);
    expect(governor.control.topology).toMatchObject({ count: 2, previous: 1 });
    expect(governor.settle(1, version)).toBe(true);
    expect(governor.control.topology).toMatchObject({ count: 2, previous: null });
  });

  it("is not done because of an instance that was in use long ago", () => {
    const governor = open();
    const { version } = governor.resize(2, "test");
    expect(governor.settle(3, version)).toBe(false);
    expect(governor.settle(0, version)).toBe(false);
    expect(governor.settle(0, version)).toBe(false);
    expect(governor.control.topology.previous).toBe(1);
  });

  it("waits for the running one, and survives the end of the object", () => {
    const governor = open();
    const { version } = governor.resize(4, "test");
    governor.resize(2, "test");
    expect(governor.control.topology.count).toBe(4);
    governor.settle(0, version);
    governor.settle(1, version);
    const again = open();
    again.settle(2, version);
    again.settle(3, version);
    expect(again.control.topology).toEqual({ version: version + 1, count: 2, previous: 4 });
  });

  it("leaves known how many instances there ever were: they hold copies of keys", () => {
    const governor = open();
    for (const count of [4, 2]) {
      const { version } = governor.resize(count, "test");
      for (let index = 0; index < 4; index++) governor.settle(index, version);
    }
    expect([governor.reach, governor.widest]).toEqual([2, 4]);
    expect(open().widest).toBe(4);
  });
});
