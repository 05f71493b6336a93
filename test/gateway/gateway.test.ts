import { beforeEach, describe, expect, it } from "vitest";
import { parseEnv, type Env } from "../../src/env.ts";
import { Gateway } from "../../src/gateway/index.ts";
import { FakeBucket } from "../support/fake-bucket.ts";

type Answer = (name: string, input: unknown) => unknown;

let asked: string[];
let bucket: FakeBucket;
/** What the Coordinator does with a command; throws what a connection throws. */
let coordinator: Answer;
let gateway: Gateway;
let now: number;

const TOPOLOGY = { version: 7, count: 3, previous: null };
const usual: Answer = (name) => {
  if (name === "topology.adopt") return TOPOLOGY;
  if (name === "r2.report") return { isAdmitted: true, epoch: 0, reason: null, retry_after_ms: 0 };
  return null;
};

beforeEach(() => {
  [asked, coordinator, bucket, now] = [[], usual, new FakeBucket(), 1_000_000];
  const env = {
    TURSO_DATABASE_URL: "http://127.0.0.1:9",
    INSTANCE_COUNT: "2",
    BACKUPS: bucket.binding,
    COORDINATOR: {
      getByName: () => ({
        command: async (name: string, input: unknown) => {
          asked.push(name);
          return { ok: true, value: coordinator(name, input) };
        },
      }),
    },
  } as unknown as Env;
  gateway = new Gateway({
    env,
    deployment: parseEnv(env),
    now: () => now,
    log: () => undefined,
  });
});

/** A connection that breaks once. */
const breaksOnce = (flags: object): Answer => {
  let broken = false;
  return (name, input) => {
    if (broken) return usual(name, input);
    broken = true;
    throw Object.assign(new Error("the connection broke"), flags);
  };
};

describe("a command", () => {
  const retryable = { retryable: true };
  it("is given again when the platform says that it helps and the command does no harm twice", async () => {
    coordinator = breaksOnce(retryable);
    expect(await gateway.command("cluster.view", null)).toEqual({ ok: true, value: null });
    expect(asked).toEqual(["cluster.view", "cluster.view"]);
  });

  it.each([
    ["it must not be carried out twice", retryable, "migrations.execute"],
    ["the object is overloaded", { retryable: true, overloaded: true }, "cluster.view"],
    ["the platform does not say that it helps", {}, "cluster.view"],
  ] as const)("is not given again when %s", async (_, flags, name) => {
    coordinator = breaksOnce(flags);
    await expect(gateway.command(name, null as never)).rejects.toThrow("the connection broke");
    expect(asked).toEqual([name]);
  });
});

describe("what a gateway remembers", () => {
  it("is how many instances there are, asked once, and that the release was reported", async () => {
    expect(await gateway.instanceCount()).toBe(3);
    expect(await gateway.instanceCount()).toBe(3);
    expect(asked).toEqual(["topology.adopt", "release.answers"]);
  });

  it("is not a report of the release that was not taken", async () => {
    coordinator = (name, input) => {
      if (name === "release.answers") throw new Error("gone");
      return usual(name, input);
    };
    expect(await gateway.instanceCount()).toBe(3);
    coordinator = usual;
    await gateway.instanceCount();
    expect(asked.filter((name) => name === "release.answers")).toHaveLength(2);
  });

  it("is its own: another one of the same isolate knows nothing of it", async () => {
    await gateway.instanceCount();
    const env = { TURSO_DATABASE_URL: "http://127.0.0.1:9", INSTANCE_COUNT: "5" } as unknown as Env;
    const other = new Gateway({
      env: { ...env, BACKUPS: bucket.binding },
      deployment: parseEnv(env),
      now: Date.now,
      log: () => undefined,
    });
    await expect(other.instanceCount()).rejects.toThrow();
  });
});

describe("the backups in the bucket", () => {
  it("are listed, and one that is not there is not found", async () => {
    expect(await gateway.backups.list(10)).toEqual({
      ok: true,
      value: { backups: [], unreadable: [] },
    });
    expect(await gateway.backups.get("20260101T000000Z-00000000")).toMatchObject({
      ok: false,
      error: { code: "not_found" },
    });
  });

  it("are not ready while R2 fails or its circuit breaker is open: that is no bug", async () => {
    bucket.fault = "errors";
    expect(await gateway.backups.list(10)).toMatchObject({
      ok: false,
      error: { code: "not_ready", retry_after_s: 10 },
    });
    const requests = bucket.requests.length;
    now += 2_000;
    coordinator = () => ({
      isAdmitted: false,
      epoch: 1,
      reason: "3 of 6 calls failed",
      retry_after_ms: 4_200,
    });
    expect(await gateway.backups.list(10)).toEqual({
      ok: false,
      error: {
        code: "not_ready",
        detail: "R2 is not asked, for its circuit breaker is open (3 of 6 calls failed).",
        retry_after_s: 5,
      },
    });
    expect(bucket.requests).toHaveLength(requests);
  });
});
