import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dueOf } from "../../scripts/serve/schedule.ts";
import { variablesOf } from "../../scripts/serve/variables.ts";
import { JsonLines } from "../../scripts/start/json-lines.ts";
import { JOBS } from "../../src/observability/index.ts";

describe("the schedule on a server of one's own", () => {
  const at = (time: string): number => Date.parse(`2026-11-${time}Z`);
  const due = (since: string, until: string): string[] =>
    dueOf(
      Object.values(JOBS).map(({ cron }) => cron),
      at(since),
      at(until),
    ).map((one) => `${one.cron} ${new Date(one.at).toISOString().slice(8, 16)}`);

  it("is due at its minute, once", () => {
    expect(due("27T01:59:59.500", "27T02:00:00.500")).toEqual([
      "*/5 * * * * 27T02:00",
      "0 2 * * * 27T02:00",
    ]);
    expect(due("27T02:00:00.500", "27T02:00:01.500")).toEqual([]);
    expect(due("27T02:00:00", "27T02:04:59")).toEqual([]);
  });

  it("makes up for what was slept through, each job once, the oldest first", () => {
    expect(due("26T22:00:00", "27T08:02:00")).toEqual([
      "0 2 * * * 27T02:00",
      "30 5 * * * 27T05:30",
      "*/5 * * * * 27T08:00",
    ]);
  });

  it("makes up for a day at most", () => {
    expect(due("01T00:00:00", "27T01:00:00").filter((one) => one.includes(" 2 "))).toEqual([
      "0 2 * * * 26T02:00",
    ]);
    // The weekly full backup of Sunday the 22nd.
    expect(due("20T00:00:00", "27T01:00:00").join()).not.toContain("SUN");
  });

  it("does nothing where the clock went back", () => {
    expect(due("27T02:00:00", "27T01:00:00")).toEqual([]);
  });
});

describe("the variables of a server of one's own", () => {
  it("are those of a deployment, and nothing else of the environment", () => {
    const env = { ADMIN_TOKEN: "a".repeat(20), LOG_LEVEL: "warn", PATH: "/bin", BACKUP_KEY: "" };
    expect(variablesOf(env)).toEqual({ ADMIN_TOKEN: "a".repeat(20), LOG_LEVEL: "warn" });
  });

  it("may be in files, as secrets are handed over", () => {
    const directory = mkdtempSync(join(tmpdir(), "memory-secrets-"));
    const file = join(directory, "token");
    writeFileSync(file, "of-a-file\n");
    expect(variablesOf({ ADMIN_TOKEN_FILE: file })).toEqual({ ADMIN_TOKEN: "of-a-file" });
    expect(() => variablesOf({ ADMIN_TOKEN: "x", ADMIN_TOKEN_FILE: file })).toThrow(
      "ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set",
    );
    rmSync(directory, { recursive: true });
    expect(() => variablesOf({ ADMIN_TOKEN_FILE: file })).toThrow("ENOENT");
  });
});

describe("what a process prints", () => {
  const time = "1970-01-01T00:00:00.000Z";
  const lines = (...chunks: (string | Uint8Array)[]): unknown[] => {
    const json = new JsonLines("database", () => 0);
    const text = chunks.map((chunk) => json.take(Buffer.from(chunk as string))).join("");
    return (text + json.end())
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as unknown);
  };
  const wrapped = (message: string): object => ({
    time,
    level: "info",
    event: "process_output",
    process: "database",
    message,
  });

  it("is one JSON object a line, with its time", () => {
    expect(lines('{"event":"request","level":"info"}\nlistening\n\n{"time":"then"}\n')).toEqual([
      { time, event: "request", level: "info" },
      wrapped("listening"),
      { time: "then" },
    ]);
  });

  it("may come in pieces, within a character too, and with colours", () => {
    const text = Buffer.from("\u001b[31mnaïve\u001b[0m end");
    const [head, tail] = [text.subarray(0, 8), text.subarray(8)];
    expect(lines(head, tail)).toEqual([wrapped("naïve end")]);
  });

  it("has an end even where nobody ends it", () => {
    const json = new JsonLines("worker", () => 0);
    expect(json.take(Buffer.from("x".repeat(100_000)))).toContain("xxx");
    expect(json.end()).toBe("");
  });
});
