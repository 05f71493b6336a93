import { beforeEach, describe, expect, it } from "vitest";
import { FairTurns, type Tenant } from "../../../../src/durable/instance/requests/fair-turns.ts";
import type { KeyRecord } from "../../../../src/durable/shared/control.ts";
import { NodeInstances } from "../../../support/instances.ts";

let now: number;
let turns: FairTurns;
let begun: string[];

beforeEach(() => {
  [now, begun] = [1_000, []];
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  turns = new FairTurns({ now: () => now, pause });
});

/** Its namespace stands behind a slash. */
function tenantOf(name: string): Tenant {
  const [key = "", namespace = ""] = name.split("/");
  return { key, namespace };
}

async function call(tenant: string): Promise<void> {
  await turns.take(tenantOf(tenant));
  begun.push(tenant);
}

describe("calls of several tenants", () => {
  it("begin in turns, however many of one came first", async () => {
    await call("quiet");
    begun = [];
    const calls = ["loud", "loud", "loud", "loud", "loud", "quiet", "other", "quiet"].map(call);
    await Promise.all(calls);
    expect(begun).toEqual(["loud", "other", "quiet", "loud", "quiet", "loud", "loud", "loud"]);
  });

  it("that come meanwhile have their turn before another one of who calls often", async () => {
    await call("quiet");
    begun = [];
    const loud = Array.from({ length: 50 }, () => call("loud"));
    await new Promise((resolve) => setImmediate(resolve));
    const before = begun.length;
    await call("quiet");
    expect(begun.length - before).toBeLessThanOrEqual(2);
    await Promise.all(loud);
  });

  it("of one tenant in a row are begun apart, so that another's is heard between them", async () => {
    await call("quiet");
    const pauses: number[] = [];
    turns = new FairTurns({ now: () => now, pause: async (ms) => void pauses.push(ms) });
    begun = [];
    await Promise.all(["quiet", "loud", "loud", "other", "loud"].map(call));
    expect(begun).toEqual(["quiet", "loud", "other", "loud", "loud"]);
    expect(pauses).toEqual([0, 0, 0, 2]);
  });

  it("of a key for many namespaces have one turn among those of other keys, and their own within it", async () => {
    await call("quiet/n");
    begun = [];
    const loud = Array.from({ length: 60 }, (_, i) => `loud/${i % 20}`);
    await Promise.all([...loud, "quiet/n", "other/n"].map(call));
    expect(begun.slice(0, 4)).toEqual(["loud/0", "other/n", "quiet/n", "loud/1"]);
    const rounds = begun.filter((tenant) => tenant.startsWith("loud"));
    for (const round of [rounds.slice(0, 20), rounds.slice(20, 40), rounds.slice(40)])
      expect(new Set(round).size).toBe(20);
  });

  it("of one key in a row are begun apart, for whatever namespaces, where other keys call", async () => {
    const pauses: number[] = [];
    turns = new FairTurns({ now: () => now, pause: async (ms) => void pauses.push(ms) });
    await Promise.all(["loud/a", "loud/b", "loud/a", "loud/b"].map(call));
    expect(pauses.filter((ms) => ms > 0)).toEqual([]);
    pauses.length = 0;
    await Promise.all(["quiet/n", "loud/a", "loud/b", "loud/c"].map(call));
    expect(pauses.filter((ms) => ms > 0)).toEqual([2, 2]);
  });

  it("begin at once where one is alone", () => {
    expect(
      Array.from({ length: 9 }, () => turns.take(tenantOf("loud"))).every((t) => t === null),
    ).toBe(true);
    expect(turns.take(tenantOf("quiet"))).toBeNull();
    // Somebody else's turn is not over yet.
    expect(turns.take(tenantOf("loud"))).toBeInstanceOf(Promise);
  });

  it("begin at once again when the others are long gone", async () => {
    await call("quiet");
    await call("loud");
    await new Promise((resolve) => setTimeout(resolve, 5));
    now += 1_000;
    expect(
      Array.from({ length: 9 }, () => turns.take(tenantOf("loud"))).every((t) => t === null),
    ).toBe(true);
  });
});

describe("an instance that works on as many calls as it may", () => {
  const key = (id: string): KeyRecord => ({
    id,
    hash: id.padEnd(64, "0"),
    name: id,
    scopes: ["read", "write"],
    namespaces: [id],
    default_namespace: id,
    created_at: "2026-01-01T00:00:00.000Z",
    expires_at: null,
    revoked_at: null,
  });

  it("gives a key for many namespaces no more than an even share", async () => {
    const cluster = new NodeInstances(1, { instance_in_flight_max: 4 });
    cluster.keys = [{ ...key("loud"), namespaces: ["*"] }, key("quiet")];
    const ask = (id: string, namespace: string) =>
      cluster.call("stats", {}, { root: false, key_hash: key(id).hash, namespace });
    await Promise.all([ask("loud", "a"), ask("quiet", "quiet")]);
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    cluster.beforeDatabase = () => held;
    const loud = ["b", "c", "d", "e"].map((namespace) => ask("loud", namespace));
    const quiet = [ask("quiet", "quiet"), ask("quiet", "quiet")];
    const beyond = await ask("loud", "f");
    expect(beyond.result).toMatchObject({ ok: false, error: { code: "overloaded" } });
    letGo();
    const replies = await Promise.all([...loud, ...quiet]);
    expect(replies.map(({ result }) => result.ok)).toEqual(replies.map(() => true));
  });

  it("takes in a tenant with less than an even share, and refuses who has more", async () => {
    const cluster = new NodeInstances(1, { instance_in_flight_max: 4 });
    cluster.keys = [key("loud"), key("quiet")];
    const ask = (id: string) =>
      cluster.call("stats", {}, { root: false, key_hash: key(id).hash, namespace: id });
    await Promise.all([ask("loud"), ask("quiet")]);
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    cluster.beforeDatabase = () => held;
    const loud = Array.from({ length: 4 }, () => ask("loud"));
    const refused = await ask("loud");
    expect(refused.result).toMatchObject({ ok: false, error: { code: "overloaded" } });
    const quiet = [ask("quiet"), ask("quiet")];
    const beyond = await ask("quiet");
    expect(beyond.result).toMatchObject({ ok: false, error: { code: "overloaded" } });
    letGo();
    const replies = await Promise.all([...loud, ...quiet]);
    expect(replies.map(({ result }) => result.ok)).toEqual(replies.map(() => true));
  });
});
