import { beforeEach, describe, expect, it } from "vitest";
import type { Call, Reply } from "../../../../src/contract/call.ts";
import type { OperationName } from "../../../../src/contract/operations.ts";
import type { KeyRecord } from "../../../../src/durable/shared/control.ts";
import { DatabaseError } from "../../../../src/storage/index.ts";
import { NodeInstances } from "../../../support/instances.ts";

const KEY: KeyRecord = {
  id: "k",
  hash: "a".repeat(64),
  name: "test",
  scopes: ["read", "write"],
  namespaces: ["n", "m"],
  default_namespace: "n",
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: null,
  revoked_at: null,
};
const BY_KEY: Partial<Call> = { root: false, key_hash: KEY.hash };
const repeatable = (key: string, fingerprint = "request"): Partial<Call> => ({
  idempotency: { key, fingerprint },
});
const outage = (): never => {
  throw new DatabaseError("unreachable", "ECONNREFUSED", null);
};
const codeOf = ({ result }: Reply<unknown>): string => (result.ok ? "ok" : result.error.code);

let cluster: NodeInstances;

beforeEach(() => {
  cluster = new NodeInstances(1);
  cluster.keys = [KEY];
});

/** Holds every request to the database until it is let go. */
function holdDatabase(): () => void {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  cluster.beforeDatabase = () => held;
  return letGo;
}

describe("a call is admitted", () => {
  it("while few are worked on; what is beyond is refused at once, and counted", async () => {
    cluster = new NodeInstances(1, { instance_in_flight_max: 2 });
    const letGo = holdDatabase();
    const slow = [1, 2].map(() => cluster.call("stats", {}));
    const refused = await cluster.call("stats", {});
    expect(refused.result).toMatchObject({
      ok: false,
      error: { code: "overloaded", retry_after_s: 1 },
    });
    letGo();
    expect((await Promise.all(slow)).map(codeOf)).toEqual(["ok", "ok"]);
    expect(codeOf(await cluster.call("stats", {}))).toBe("ok");
    expect(await cluster.counted(0, "memory_refused_total", { code: "overloaded" })).toBe(1);
  });

  it("only when the instance knows what is in force; otherwise it is refused, and no bug", async () => {
    cluster.beforeCoordinator = () => {
      throw new Error("out of reach");
    };
    const newer = { index: 0, count: 1, version: 99 };
    const call = { ...BY_KEY, namespace: "n" } as Call;
    const reply = await cluster.instance(0).execute(newer, "stats", {}, call);
    expect(reply.result).toMatchObject({ ok: false, error: { code: "not_ready" } });
  });

  it("to begin something new outside of maintenance; what runs goes on", async () => {
    const id = await cluster.start();
    await cluster.change({ maintenance: { message: "Moving.", since: "", by: "root" } });
    await expect(cluster.start()).rejects.toThrow("maintenance: Moving. Running episodes go on");
    expect((await cluster.step(id, "a")).accepted).toBe(1);
    await cluster.change({ maintenance: null });
    await cluster.start();
  });

  it("to begin something new when the time of a maintenance is over, whoever has heard of it", async () => {
    const until = new Date(cluster.now + 30_000).toISOString();
    await cluster.change({ maintenance: { message: "Moving.", since: "", by: "root", until } });
    await expect(cluster.start()).rejects.toThrow("maintenance: Moving.");
    cluster.now += 30_000;
    await cluster.start();

    await cluster.change({ degraded: { message: "", since: "", by: "root", until } });
    expect((await cluster.do("episodes.list", LIST)).degraded).toBe(false);
    cluster.now -= 1;
    expect((await cluster.do("episodes.list", LIST)).degraded).toBe(true);
  });

  it("to begin something new while the outbox has room; what runs goes on", async () => {
    cluster = new NodeInstances(1, { outbox_max_rows: 3 });
    cluster.beforeDatabase = outage;
    const id = await cluster.start();
    for (const tool of ["a", "b"]) await cluster.step(id, tool);
    await expect(cluster.start()).rejects.toThrow("outbox_full: 3 rows");
    expect((await cluster.complete(id)).status).toBe("completed");
    await cluster.heal();
    await cluster.start();
  });

  it("to write to a namespace that is not being erased; reads go on", async () => {
    const id = await cluster.start();
    await cluster.ask(0, "erase_begin", { namespace: "n" });
    await expect(cluster.step(id, "a")).rejects.toThrow("not_ready: The namespace is being erased");
    expect(codeOf(await cluster.call("episodes.list", LIST))).toBe("ok");
    await cluster.start("elsewhere", { namespace: "m" });
    await cluster.ask(0, "erase_end", { namespace: "n" });
    await cluster.start();
  });
});

const LIST = { filter: {}, limit: 10, cursor: null };

describe("a call is authorised", () => {
  it.each<[string, Partial<KeyRecord>, Partial<Call>, string]>([
    ["by a key that is known", {}, {}, "ok"],
    ["in another of the key's namespaces", {}, { namespace: "m" }, "ok"],
    ["with a key for every namespace", { namespaces: ["*"] }, { namespace: "other" }, "ok"],
    ["not in a namespace that is not the key's", {}, { namespace: "other" }, "forbidden"],
    ["not beyond the key's scopes", { scopes: ["metrics"] }, {}, "forbidden"],
    ["not by an unknown key", { hash: "b".repeat(64) }, {}, "unauthenticated"],
    ["not by a revoked key", { revoked_at: "2026-01-01T00:00:00.000Z" }, {}, "unauthenticated"],
    ["not by an expired key", { expires_at: "2026-01-01T00:00:00.000Z" }, {}, "unauthenticated"],
    ["not without a key", {}, { key_hash: null }, "unauthenticated"],
    ["not in a namespace that is none", {}, { namespace: "../n" }, "validation_failed"],
  ])("%s", async (_how, record, call, expected) => {
    cluster.keys = [{ ...KEY, ...record }];
    const sent = { ...BY_KEY, namespace: null, ...call };
    expect(codeOf(await cluster.call("episodes.list", LIST, sent))).toBe(expected);
  });

  it("in the key's own namespace when it names none", async () => {
    const { result } = await cluster.call("episodes.list", LIST, { ...BY_KEY, namespace: null });
    expect(result).toMatchObject({ ok: true, namespace: "n" });
  });

  it("within the key's rate, and told what is left of it; whoever asked first was counted", async () => {
    cluster = new NodeInstances(1, { rate_limit_per_second: 1, rate_limit_burst: 2 });
    cluster.keys = [KEY];
    const first = await cluster.call("episodes.list", LIST, BY_KEY);
    expect(first.rate).toMatchObject({ burst: 2, per_second: 1, remaining: 1 });
    expect(codeOf(await cluster.call("episodes.list", LIST, BY_KEY))).toBe("ok");
    const refused = await cluster.call("episodes.list", LIST, BY_KEY);
    expect([codeOf(refused), refused.rate?.remaining]).toEqual(["rate_limited", 0]);
    const passed = await cluster.call("episodes.list", LIST, { ...BY_KEY, forwarded: true });
    expect([codeOf(passed), passed.rate]).toEqual(["ok", null]);
  });
});

describe("a call is routed", () => {
  it("to the home of what it is about, with the caller's namespace, and counted where it came in", async () => {
    cluster = new NodeInstances(3);
    cluster.keys = [KEY];
    const id = await cluster.start();
    const home = cluster.homeOf(id);
    const elsewhere = (home + 1) % 3;
    const forwarded: [number, string][] = [];
    cluster.beforeCall = (to, name) => void forwarded.push([to, name]);
    const call = { ...BY_KEY, namespace: "n", request_id: "r" } as Call;
    const place = { index: elsewhere, count: 3, version: 1 };
    const reply = await cluster.instance(elsewhere).execute(place, "episode.get", { id }, call);
    expect(reply.result).toMatchObject({ ok: true, namespace: "n" });
    expect(reply.rate).not.toBeNull();
    expect(forwarded).toContainEqual([home, "episode.get"]);
  });

  it("on to the new home when the number of instances changes while it is worked on", async () => {
    const id = await cluster.start();
    await cluster.complete(id);
    await cluster.flush();
    // The copy here is read anew, and while the database answers the episode gets another home.
    cluster.local(0).run("UPDATE cached SET loaded_at = 0");
    const letGo = holdDatabase();
    const reading = cluster.do("episode.get", { id });
    let count = 2;
    while (cluster.homeOf(id, count) === 0) count += 1;
    const resizing = cluster.resize(count);
    cluster.beforeDatabase = () => undefined;
    letGo();
    expect(JSON.parse((await reading).json)).toMatchObject({ id });
    await resizing;
  });
});

describe("a write with an Idempotency-Key", () => {
  it("is carried out once, and answers the same again, also by another life of the object", async () => {
    const id = await cluster.start("a task", repeatable("one"));
    expect(await cluster.start("a task", repeatable("one"))).toBe(id);
    cluster.restart(0);
    const reply = await startAgain("one");
    expect(reply.result).toMatchObject({ ok: true, replayed: true, value: { id } });
    expect(cluster.local(0).all("SELECT count(*) AS n FROM episodes")).toEqual([{ n: 1 }]);
  });

  it("is refused when the key was used for another request", async () => {
    await cluster.start("a task", repeatable("one"));
    expect(codeOf(await startAgain("one", "another"))).toBe("idempotency_conflict");
  });

  it("is another request in another namespace, and of another key", async () => {
    const id = await cluster.start("a task", repeatable("one"));
    expect(await cluster.start("a task", { ...repeatable("one"), namespace: "m" })).not.toBe(id);
    expect(await cluster.start("a task", { ...repeatable("one"), ...BY_KEY })).not.toBe(id);
  });

  it("is refused while the first is still worked on", async () => {
    const id = await cluster.start();
    await cluster.complete(id);
    await cluster.flush();
    cluster.local(0).run("DELETE FROM episodes");
    cluster.local(0).run("DELETE FROM steps");
    const letGo = holdDatabase();
    const tag = () => cluster.call("episode.tags.add", { id, tags: ["x"] }, repeatable("one"));
    const first = tag();
    expect(codeOf(await tag())).toBe("idempotency_in_flight");
    letGo();
    expect(codeOf(await first)).toBe("ok");
    expect((await tag()).result).toMatchObject({ ok: true, replayed: true });
  });

  it("leaves no answer when it was refused: the next try counts", async () => {
    const missing = { id: "01a2199d-526f-7e58-8bf9-30bad2bdf11c", tags: ["x"] };
    const add = () => cluster.call("episode.tags.add", missing, repeatable("one"));
    expect(codeOf(await add())).toBe("not_found");
    expect(codeOf(await add())).toBe("not_found");
    expect(cluster.local(0).all("SELECT * FROM idempotency")).toEqual([]);
  });

  it("is kept at the home that the key hashes to, where a repetition looks for it", async () => {
    cluster = new NodeInstances(4);
    const id = await cluster.start("a task", repeatable("one"));
    for (let index = 0; index < 4; index++) {
      const place = { index, count: 4, version: 1 };
      const call = { ...ROOT_CALL, ...repeatable("one") };
      const reply = await cluster.instance(index).execute(place, "episode.start", START, call);
      expect(reply.result).toMatchObject({ ok: true, replayed: true, value: { id } });
    }
  });

  it("that only reads leaves nothing", async () => {
    await cluster.call("episodes.list", LIST, repeatable("one"));
    expect(cluster.local(0).all("SELECT * FROM idempotency")).toEqual([]);
  });
});

const START = {
  id: "01a2199d-526f-7e58-8bf9-30bad2bdf11c",
  task: "a task",
  task_type: "other" as const,
  context: {
    domain: "d",
    language: null,
    framework: null,
    complexity: "simple" as const,
    tags: [],
  },
  metadata: {},
  tags: [],
};
const ROOT_CALL: Call = {
  key_hash: null,
  root: true,
  namespace: "n",
  request_id: "r",
  traceparent: null,
  idempotency: null,
  wait_stored: false,
  timeout_ms: null,
  forwarded: false,
};
const startAgain = (key: string, fingerprint?: string) =>
  cluster.call("episode.start", START, repeatable(key, fingerprint));

describe("an answer", () => {
  it("says how durable what was written is, and waits for the database where that is asked", async () => {
    const durability = async (call: Partial<Call>, name: OperationName = "episode.start") => {
      const input = name === "episode.start" ? START : LIST;
      const { result } = await cluster.call(name, input as never, call);
      return result.ok ? result.durability : result.error.code;
    };
    expect(await durability({})).toBe("queued");
    expect(await durability({ wait_stored: true })).toBe("stored");
    expect(cluster.stored.all("SELECT id FROM episodes")).toHaveLength(1);
    expect(await durability({ wait_stored: true }, "episodes.list")).toBe("none");
    cluster.beforeDatabase = outage;
    cluster.local(0).run("DELETE FROM episodes");
    expect(await durability({ wait_stored: true })).toBe("queued");
  });

  it("says that the caller's time was over, where the database was given too little of it", async () => {
    cluster.beforeDatabase = () => {
      cluster.now += 200;
      throw new DatabaseError("timeout", "TimeoutError", null);
    };
    const id = "01a2199d-526f-7e58-8bf9-30bad2bdf11c";
    expect(codeOf(await cluster.call("episode.get", { id }, { timeout_ms: 100 }))).toBe(
      "deadline_exceeded",
    );
    expect(codeOf(await cluster.call("episode.get", { id }))).toBe("database_unavailable");
  });

  it("says where what it read came from", async () => {
    const id = await cluster.start();
    expect((await cluster.call("episode.get", { id })).cache).toBe("hit");
    await cluster.complete(id);
    await cluster.flush();
    cluster.local(0).run("UPDATE cached SET loaded_at = 0");
    cluster.beforeDatabase = outage;
    expect((await cluster.call("episode.get", { id })).cache).toBe("stale");
    cluster.beforeDatabase = () => undefined;
    expect((await cluster.call("episode.get", { id })).cache).toBe("miss");
  });

  it("is no value when a bug was met", async () => {
    const id = await cluster.start();
    cluster.local(0).run("DROP TABLE steps");
    await expect(cluster.call("episode.get", { id })).rejects.toThrow("no such table: steps");
  });
});
