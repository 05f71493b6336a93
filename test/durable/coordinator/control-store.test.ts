import { beforeEach, describe, expect, it } from "vitest";
import type { AuditEntry, AuditView } from "../../../src/contract/cluster/answers.ts";
import { SETTING_NAMES, settingsOf } from "../../../src/contract/settings.ts";
import { ControlStore } from "../../../src/durable/coordinator/control-store.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";

let sql: NodeSql;
let now = 1_000;
const open = (): ControlStore =>
  new ControlStore({
    sql,
    transaction: (work) => sql.transaction(work),
    deployment: { defaults: {}, instanceCount: 1 },
    now: () => now,
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

  it("by a Coordinator that lost its storage is news to instances that heard of many", () => {
    const lost = open();
    for (let i = 0; i < 20; i++) lost.resize((i % 2) + 1, "test");
    const { version, topology } = lost.control;
    sql = openLocal([]);
    now += 60_000;
    const { control } = open();
    expect(control.version).toBeGreaterThan(version);
    expect(control.topology.version).toBeGreaterThan(topology.version);
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

describe("a control document of release 0.1 that has settings which are no more", () => {
  const gone = { recall_verbose: false, advise_untried: false };

  it("is read, and they count for nothing", () => {
    const { control } = open();
    const stored = { ...control, settings: { batch_size: 7, ...gone } };
    sql.run("UPDATE control SET body = ?", JSON.stringify(stored));

    const controlStore = open();
    expect(controlStore.settings).toEqual(settingsOf({ batch_size: 7 }));
    expect(Object.keys(controlStore.config().settings)).toEqual(SETTING_NAMES);
    controlStore.configure({ batch_size: 8 }, "test");
    expect(open().settings.batch_size).toBe(8);
    expect(() => controlStore.configure(gone, "test")).toThrow("is not a setting");
  });
});

describe("the audit", () => {
  const granted = (key: string, id: number): unknown => ({ key, id: String(id), state: "granted" });
  const wholeOf = (controlStore: ControlStore, what?: string): AuditEntry[] => {
    const entries: AuditEntry[] = [];
    let place: { cursor?: string } | null = {};
    while (place) {
      const query = { limit: 70, ...place, ...(what === undefined ? {} : { what }) };
      const { audit, next_cursor: next }: AuditView = controlStore.listAudit(query);
      entries.push(...audit);
      place = next === null ? null : { cursor: next };
    }
    return entries;
  };

  it("shows what operators did, however many grants others make and give back", () => {
    const controlStore = open();
    controlStore.audit("root (ana)", "api_key", null, { id: "k" });
    for (let i = 0; i < 250; i++) controlStore.audit("key a", "oauth_grant", null, granted("a", i));
    expect(controlStore.config().audit).toMatchObject([{ by: "root (ana)", what: "api_key" }]);
    expect(controlStore.listAudit({ limit: 50, what: "api_key" })).toMatchObject({
      audit: [{ by: "root (ana)" }],
      next_cursor: null,
    });
  });

  it("drops a key's entries about grants for that key's alone, and the others' for theirs", () => {
    const controlStore = open();
    controlStore.audit("root", "api_key", null, { id: "k" });
    for (let i = 0; i < 3; i++) controlStore.audit("key b", "oauth_grant", null, granted("b", i));
    for (let i = 0; i < 20_000; i++)
      controlStore.audit("client", "oauth_grant", null, granted("a", i));
    const grants = wholeOf(controlStore, "oauth_grant");
    expect(grants.filter(({ by }) => by === "key b")).toHaveLength(3);
    expect(grants).toHaveLength(103);
    expect(grants[0]?.to).toMatchObject({ id: "19999" });
    expect(wholeOf(controlStore).at(-1)).toMatchObject({ what: "api_key" });
  });

  it("keeps the newest of the rest, within its bound", () => {
    const controlStore = open();
    controlStore.audit("key b", "oauth_grant", null, granted("b", 1));
    for (let i = 0; i < 10_150; i++) controlStore.audit("root", "api_key", null, { id: i });
    const entries = wholeOf(controlStore);
    expect(entries.length).toBeLessThanOrEqual(10_101);
    expect(entries.at(-1)).toMatchObject({ what: "oauth_grant" });
    expect(entries[0]?.to).toEqual({ id: 10_149 });
  });

  it("refuses a cursor that no page gave", () => {
    expect(() => open().listAudit({ limit: 1, cursor: "x" })).toThrow(/next_cursor/);
  });
});
