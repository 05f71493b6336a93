import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Happened, Spooled } from "../../cli/hooks/event.ts";
import { spoolLines } from "../../cli/hooks/reader.ts";
import { sha256 } from "../../cli/hooks/sha256.ts";
import { SESSION_BYTES_MAX, Spool, spools } from "../../cli/hooks/spool.ts";

const at = (second: number): string => new Date(1_800_000_000_000 + second * 1_000).toISOString();
const event = (second: number, happened: Happened, more = {}): Spooled => ({
  session: "s",
  at: at(second),
  ...happened,
  ...more,
});
const linesOf = (events: readonly Spooled[]) =>
  spoolLines("claude-code", {
    name: "s",
    text: events.map((one) => `${JSON.stringify(one)}\n`).join(""),
  }).flatMap((line) => (line.type === "episode" ? [line] : []));

it("names files by the SHA-256 that Node has", () => {
  const isSame = (text: string): boolean =>
    sha256(text) === createHash("sha256").update(text).digest("hex");
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), isSame));
});

describe("a session's spool", () => {
  it("is the same episode each time, and the one that grew has the same id", () => {
    const events = [event(0, { type: "prompt", text: "t" }), event(9, { type: "end", reason: "" })];
    const [before] = linesOf(events.slice(0, 1));
    const [after] = linesOf(events);
    expect(linesOf(events)).toEqual([after]);
    expect(before).toMatchObject({ id: after?.id, status: "in_progress" });
    expect(before).not.toHaveProperty("ended_at");
    expect(after).toMatchObject({ status: "abandoned", ended_at: at(9) });
  });

  it("does not count twice what two installed hooks tell", () => {
    const call = { id: "1", tool: "Bash", parameters: {} };
    const result = { type: "success", output: "" } as const;
    const told: Happened[] = [
      { type: "prompt", text: "t" },
      { type: "call", ...call },
      { type: "result", ...call, result },
    ];
    const twice = told.flatMap((one, i) => [event(i, one), event(i + 0.5, one)]);
    expect(linesOf(twice)[0]?.steps).toHaveLength(1);
    // Who says the same again later means it.
    const again = [...told.slice(0, 1), ...told.slice(0, 1)].map((one, i) => event(i * 60, one));
    expect(linesOf(again)).toHaveLength(1);
  });

  it("that was resumed when nothing was left of it is an episode beside the first", () => {
    const prompt = event(1, { type: "prompt", text: "go on" });
    const resumed = [event(0, { type: "start", source: "resume", about: {} }), prompt];
    const [line] = linesOf(resumed);
    const [first] = linesOf([prompt]);
    expect(line?.id).not.toBe(first?.id);
    expect(line?.relationships).toMatchObject([{ to: first?.id, reason: "goes on from" }]);
  });

  it("holds each call with its own result, in any mix of sub-agents, gaps and torn lines", () => {
    const step = fc.record({
      subagent: fc.constantFrom(undefined, "a", "b"),
      told: fc.constantFrom("both", "before", "after"),
      isGood: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const events = [undefined, "a", "b"].map((subagent, i) =>
          event(i, { type: "prompt", text: `task ${subagent}` }, subagent ? { subagent } : {}),
        );
        steps.forEach(({ subagent, told, isGood }, i) => {
          const call = { id: `c${i}`, tool: `tool ${i}`, parameters: { i } };
          const result = isGood
            ? ({ type: "success", output: `out ${i}` } as const)
            : ({ type: "error", message: `err ${i}` } as const);
          const more = subagent === undefined ? {} : { subagent };
          if (told !== "after") events.push(event(10 + i, { type: "call", ...call }, more));
          if (told !== "before")
            events.push(event(10.5 + i, { type: "result", ...call, result }, more));
        });
        const text =
          events.map((one) => `${JSON.stringify(one)}\n`).join("") + '{"session":"s","ty';
        const lines = spoolLines("codex", { name: "s", text });
        for (const subagent of [undefined, "a", "b"]) {
          const own = steps.flatMap((one, i) => (one.subagent === subagent ? [{ ...one, i }] : []));
          const line = lines.find(
            (one) => one.type === "episode" && one.task === `task ${subagent}`,
          );
          const made = line?.type === "episode" ? (line.steps ?? []) : [];
          expect(made.map(({ tool }) => tool)).toEqual(own.map(({ i }) => `tool ${i}`));
          expect(made.map(({ result }) => result?.type ?? null)).toEqual(
            own.map(({ told, isGood }) =>
              told === "before" ? null : isGood ? "success" : "error",
            ),
          );
        }
      }),
    );
  });
});

describe("the spool", () => {
  let home: string;
  const target = { name: "t", source: "t", url: "http://127.0.0.1:1", key: "k" };
  const prompt = event(0, { type: "prompt", text: "t" });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "memory-spool-"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it("is for its owner only, and apart for each memory", () => {
    const one = Spool.of({ ...target, namespace: "one" }, { HOME: home });
    const two = Spool.of({ ...target, namespace: "two" }, { HOME: home });
    const whose = Spool.of({ ...target, key: "other" }, { HOME: home });
    expect(new Set([one.folder, two.folder, whose.folder]).size).toBe(3);
    one.append("codex", prompt);
    expect(statSync(one.folder).mode & 0o777).toBe(0o700);
    expect(statSync(one.pathOf("codex", "s")).mode & 0o777).toBe(0o600);
    expect(two.sessions()).toEqual([]);
    expect(spools({ HOME: home }).map(({ namespace }) => namespace)).toContain("one");
  });

  it("drops what a session has no room for, and counts it", () => {
    const spool = Spool.of(target, { HOME: home });
    const long = event(0, { type: "prompt", text: "x".repeat(SESSION_BYTES_MAX / 2) });
    expect([spool.append("codex", long), spool.append("codex", long)]).toEqual([true, false]);
    expect(spool.dropped()).toBe(1);
    expect(spool.append("codex", { ...prompt, session: "other" })).toBe(true);
  });

  it("counts how many of the last hundred questions were answered too late, and keeps no more", () => {
    const spool = Spool.of(target, { HOME: home });
    expect(spool.asks()).toEqual({ asked: 0, late: 0 });
    for (const isLate of [true, false, true]) spool.noteAsk(isLate);
    expect(spool.asks()).toEqual({ asked: 3, late: 2 });
    for (let i = 0; i < 99; i++) spool.noteAsk(false);
    expect(spool.asks()).toEqual({ asked: 100, late: 1 });
    spool.prune(0);
    const asks = join(spool.folder, "asks");
    expect([statSync(asks).size, statSync(asks).mode & 0o777]).toEqual([100, 0o600]);
    expect(spool.asks()).toEqual({ asked: 100, late: 1 });
  });

  it("lets go of what was sent and is old, and of nothing that was not", () => {
    const spool = Spool.of(target, { HOME: home });
    for (const session of ["sent", "unsent"]) spool.append("codex", { ...prompt, session });
    for (const file of spool.sessions()) utimesSync(file.path, 1, 1);
    const sent = spool.sessions().find(({ path }) => path === spool.pathOf("codex", "sent"));
    if (!sent) throw new Error("the session is there");
    spool.markSent(sent, sent.bytes, null);
    spool.prune(Date.now());
    expect(existsSync(spool.pathOf("codex", "sent"))).toBe(false);
    expect(existsSync(spool.pathOf("codex", "unsent"))).toBe(true);
  });
});
