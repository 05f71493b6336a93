import { expect, it } from "vitest";
import { trueCredentials } from "../support/credentials.ts";
import { logger, LogRing, RING_BYTES } from "../../src/observability/index.ts";

it("the last lines are kept for an hour, within a bound, the newest first to stay", () => {
  let now = 0;
  const ring = new LogRing(() => now);
  ring.add("old");
  now = 3_600_001;
  ring.add("young");
  expect(ring.since(0, RING_BYTES)).toEqual([{ at: now, line: "young" }]);

  const line = "é".repeat(500);
  for (let i = 0; i < 5_000; i++) {
    now += 1;
    ring.add(line);
  }
  const all = ring.since(0, Infinity);
  expect(all.length).toBe(Math.floor(RING_BYTES / 1_000));
  expect(all.at(-1)?.at).toBe(now);
  expect(ring.since(now - 4, Infinity)).toHaveLength(5);
  expect(ring.since(0, 2_500)).toHaveLength(2);
  ring.add("x".repeat(RING_BYTES + 1));
  expect(ring.since(0, Infinity).at(-1)?.line).toBe(line);
});

it("what is kept is what is written: without secrets, and nothing below the level", () => {
  const ring = new LogRing(() => 1);
  const log = logger(
    () => "warn",
    () => ({ instance: 3 }),
    (line) => ring.add(line),
  );
  log({ event: "knowledge_loaded", namespace: "n", duration_ms: 1 });
  const [{ text, secret } = { text: "", secret: "" }] = trueCredentials(1, 1);
  const reason = `Error: ${text}`;
  log({ event: "control_pull_failed", level: "warn", reason });
  const [one, ...others] = ring.since(0, Infinity);
  expect(others).toEqual([]);
  expect(JSON.parse(one?.line ?? "")).toMatchObject({ event: "control_pull_failed", instance: 3 });
  expect(one?.line).not.toContain(secret);
});

it("a line keeps the time at which another logged it", () => {
  const ring = new LogRing(() => 5_000_000);
  ring.add("of an hour ago", 1_000_000);
  ring.add("of a moment ago", 4_999_000);
  expect(ring.since(0, Infinity)).toEqual([{ at: 4_999_000, line: "of a moment ago" }]);
});
