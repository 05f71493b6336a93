import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  guardedBucket,
  R2Access,
  R2Fault,
  type R2Guard,
  R2NotAsked,
  type R2Report,
  requestR2,
} from "../../../src/durable/shared/r2.ts";
import { FakeBucket } from "../../support/fake-bucket.ts";

const ROOT = join(import.meta.dirname, "../../..");

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a request to R2", () => {
  it.each([
    ["R2's own failure", new Error("put: internal error (10001)"), true],
    ["a bucket that is not there", new Error("get: no such bucket (10006)"), true],
    ["an error without a code", new Error("Network connection lost."), true],
    ["a checksum that does not match", new Error("put: no match (10037)"), false],
    ["a lock of the bucket", new Error("delete: locked by a policy (10069)"), false],
    ["a mistake of ours", new TypeError("not a function"), false],
  ])("that meets %s: whether R2 is at fault", async (_, error, isFault) => {
    const request = requestR2("write", () => Promise.reject(error), 1_000);
    await expect(request).rejects.toSatisfy((thrown) => thrown instanceof R2Fault === isFault);
  });

  it("that is not answered in time is R2's fault, and says which and how long", async () => {
    const request = requestR2("list", () => new Promise(() => undefined), 1_000);
    const failed = expect(request).rejects.toThrow("R2 list: no answer within 1000 ms");
    await vi.advanceTimersByTimeAsync(1_000);
    await failed;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a guarded bucket", () => {
  it("lets each request and each reading of a body pass the guard, and nothing beside it", async () => {
    const passed: string[] = [];
    const guard: R2Guard = (operation, request) => {
      passed.push(operation);
      return request();
    };
    const bucket = guardedBucket(new FakeBucket().binding, guard);
    await bucket.put("a", "text");
    const object = await bucket.get("a");
    expect(object?.size).toBe(4);
    expect(await object?.text()).toBe("text");
    expect((await bucket.list()).objects.map(({ key }) => key)).toEqual(["a"]);
    await bucket.delete("a");
    expect(await bucket.get("a")).toBeNull();
    expect(passed).toEqual(["write", "read", "read", "list", "delete", "read"]);
    expect(Reflect.get(bucket, "createMultipartUpload")).toBeUndefined();
  });
});

describe("the binding of the bucket", () => {
  it("is handed to nobody but the guard and the breaker's own trials", () => {
    const uses = globSync("src/**/*.ts", { cwd: ROOT }).flatMap((file) =>
      [...readFileSync(join(ROOT, file), "utf8").matchAll(/.*\benv\.BACKUPS\b.*/g)].map(
        ([line]) => `${file}: ${line.trim()}`,
      ),
    );
    expect(uses.sort()).toEqual([
      "src/durable/coordinator/parts.ts: const bucket = guardedBucket(env.BACKUPS, r2.guard);",
      "src/durable/coordinator/parts.ts: this.r2 = new R2Breaker({ ...context, bucket: env.BACKUPS, controlStore, moved });",
      "src/gateway/gateway.ts: const guarded = guardedBucket(env.BACKUPS, r2.guard);",
      "src/workflows/job-context.ts: const guarded = guardedBucket(env.BACKUPS, r2.guard);",
    ]);
  });
});

describe("the way to R2 of those that do not have its breaker", () => {
  const open = (answer: (report: R2Report) => Promise<Partial<Admission>>) => {
    const reports: R2Report[] = [];
    const events: unknown[] = [];
    const access = new R2Access({
      report: async (report) => {
        reports.push(report);
        const usual = {
          isAdmitted: true,
          epoch: 1,
          reason: null,
          retry_after_ms: 0,
          timeout_ms: 10_000,
        };
        return { ...usual, ...(await answer(report)) };
      },
      now: Date.now,
      log: ({ event }) => events.push(event),
    });
    return { access, reports, events };
  };
  type Admission = Awaited<ReturnType<ConstructorParameters<typeof R2Access>[0]["report"]>>;
  const ok = () => Promise.resolve("value");
  const fails = () => Promise.reject(new Error("internal error (10001)"));

  it("asks once for many requests, and tells what they came to with the next question", async () => {
    const { access, reports } = open(async () => ({}));
    for (let i = 0; i < 50; i++) expect(await access.guard("read", ok)).toBe("value");
    expect(reports).toEqual([{ epoch: null, calls: [], fault: null }]);
    await vi.advanceTimersByTimeAsync(2_000);
    await access.guard("read", ok);
    expect(reports).toHaveLength(2);
    expect(reports[1]).toMatchObject({ epoch: 1, fault: null });
    expect(reports[1]?.calls.every(({ failed }) => !failed)).toBe(true);
  });

  it("reports a failure at once, after what came before it", async () => {
    const { access, reports } = open(async () => ({}));
    await access.guard("read", ok);
    await expect(access.guard("write", fails)).rejects.toBeInstanceOf(R2Fault);
    expect(reports[1]?.calls.map(({ failed }) => failed)).toEqual([false, true]);
    expect(reports[1]?.fault).toBe("R2 write: internal error (10001)");
  });

  it("does not ask R2 when it may not, and asks again each time whether it may", async () => {
    const { access, reports } = open(async () => ({ isAdmitted: false, reason: "a drill" }));
    let asked = 0;
    const request = () => Promise.resolve((asked += 1));
    for (let i = 0; i < 2; i++) {
      const refused = access.guard("read", request);
      await expect(refused).rejects.toThrow(
        "R2 is not asked, for its circuit breaker is open (a drill)",
      );
      await expect(refused).rejects.toBeInstanceOf(R2NotAsked);
    }
    expect([asked, reports.length]).toEqual([0, 2]);
  });

  it("says nothing of requests that were made before the breaker moved", async () => {
    let epoch = 1;
    const { access, reports } = open(async () => ({ epoch }));
    let end: (value: string) => void = () => undefined;
    const slow = access.guard("read", () => new Promise<string>((resolve) => (end = resolve)));
    await vi.advanceTimersByTimeAsync(2_000);
    epoch = 3;
    await access.guard("read", ok);
    end("late");
    expect(await slow).toBe("late");
    await vi.advanceTimersByTimeAsync(2_000);
    await access.guard("read", ok);
    expect(reports.at(-1)).toMatchObject({ epoch: 3, calls: [{ failed: false }] });
    expect(reports.at(-1)?.calls).toHaveLength(1);
  });

  it("asks R2 all the same when the Coordinator is out of reach, and logs it", async () => {
    const { access, events } = open(() => Promise.reject(new Error("gone")));
    expect(await access.guard("read", ok)).toBe("value");
    expect(events).toEqual(["bucket_breaker_unavailable"]);
  });
});
