import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCron, SCHEDULE } from "../src/cron/index.ts";
import type { Result } from "../src/memory/operations.ts";

describe("the schedule", () => {
  it("is the one of wrangler.toml, letter by letter", () => {
    const toml = readFileSync(join(import.meta.dirname, "../wrangler.toml"), "utf8");
    const listed = /^crons = \[(.*)\]$/m.exec(toml)?.[1] ?? "";
    const crons = [...listed.matchAll(/"([^"]+)"/g)].map(([, cron]) => cron);
    expect(crons.toSorted((a = "", b = "") => a.localeCompare(b))).toEqual(
      SCHEDULE.map(({ cron }) => cron).toSorted((a, b) => a.localeCompare(b)),
    );
  });

  it("gives one time one key, and says so when a job cannot be started", async () => {
    const keys: string[] = [];
    const good: Result<null> = { ok: true, value: null, namespace: "", durability: "none", replayed: false };
    const start = async (_kind: string, _params: object, key: string): Promise<Result<null>> => {
      keys.push(key);
      return good;
    };
    await runCron("0 2 * * *", 5, start);
    await runCron("0 2 * * *", 5, start);
    await runCron("0 2 * * *", 6, start);
    expect([keys[0] === keys[1], keys[1] === keys[2]]).toEqual([true, false]);
    await expect(runCron("* * * * *", 5, start)).rejects.toThrow("No job is scheduled");
    const refuse = async (): Promise<Result<never>> => ({ ok: false, error: { code: "overloaded", detail: "busy" } });
    await expect(runCron("0 2 * * *", 5, refuse)).rejects.toThrow("busy");
  });
});
