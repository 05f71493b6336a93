import { describe, expect, it } from "vitest";
import { storable } from "../../cli/hooks/bounded.ts";
import { eventsOf } from "../../cli/hooks/payloads.ts";
import { spokenTo } from "../../cli/hooks/speaking.ts";
import { verdictOf } from "../../cli/hooks/verdict.ts";
import { leastRatio } from "../support/pace.ts";
import { ClaudeSession } from "./played.ts";

const session = new ClaudeSession("s");
const claude = (name: string, more: Record<string, unknown> = {}) =>
  eventsOf("claude-code", session.event(name, more), "");

describe("what hooks are handed", () => {
  it("is read in the form of Claude Code", () => {
    const call = { tool_name: "Bash", tool_use_id: "t", tool_input: { command: "ls" } };
    expect(claude("PreToolUse", call)).toEqual([
      { session: "s", type: "call", id: "t", tool: "Bash", parameters: { command: "ls" } },
    ]);
    const [done] = claude("PostToolUse", { ...call, tool_response: { stdout: "a", stderr: "b" } });
    expect(done).toMatchObject({ result: { type: "success", output: "a\nb" } });
    const error = { error: "Exit code 1", is_interrupt: true };
    expect(claude("PostToolUseFailure", { ...call, ...error })).toMatchObject([
      { result: { type: "error", message: "Exit code 1" }, isInterrupted: true },
    ]);
    expect(claude("SubagentStart", { agent_id: "a", agent_type: "Explore" })).toEqual([
      { session: "s", subagent: "a", type: "subagent", kind: "Explore" },
    ]);
    expect(
      claude("UserPromptExpansion", { command_name: "memory:bad", command_args: "no" }),
    ).toEqual([{ session: "s", type: "verdict", isGood: false, reason: "no" }]);
    expect(claude("Notification", { message: "m" })).toEqual([]);
  });

  it("is read in the form of Cursor", () => {
    const base = { conversation_id: "c", generation_id: "g", workspace_roots: ["/p"] };
    const cursor = (hook_event_name: string, more: object) =>
      eventsOf("cursor", { ...base, hook_event_name, ...more }, "");
    expect(cursor("beforeSubmitPrompt", { prompt: "mend it", attachments: [] })).toMatchObject([
      { session: "c", type: "start" },
      { type: "prompt", text: "mend it" },
    ]);
    const call = { tool_name: "Shell", tool_use_id: "t", tool_input: '{"command":"npm test"}' };
    const output = JSON.stringify({ exitCode: 1, stdout: "", stderr: "1 failed" });
    expect(cursor("postToolUse", { ...call, tool_output: output })).toMatchObject([
      { parameters: { command: "npm test" }, result: { type: "error", message: "1 failed" } },
    ]);
    const failure = { error_message: "took too long", failure_type: "timeout" };
    expect(cursor("postToolUseFailure", { ...call, ...failure })).toMatchObject([
      { result: { type: "timeout" } },
    ]);
    expect(cursor("stop", { status: "aborted" })).toMatchObject([{ type: "stop", how: "aborted" }]);
  });

  it("is nothing where it is of no session, or of no form", () => {
    expect(eventsOf("codex", {}, "Stop")).toEqual([]);
    expect(eventsOf("codex", { session_id: 7 as unknown as string }, "Stop")).toHaveLength(1);
    for (const odd of [null, 3, [], { a: 1 }])
      expect(() => claude("PreToolUse", { tool_name: odd, tool_input: odd })).not.toThrow();
  });

  it("is kept without its secrets, and bounded", () => {
    const secret = `ghp_${"aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1cE3"}`;
    const text = `${"x".repeat(5_000)} ${secret} ${"y".repeat(50_000)}`;
    const kept = JSON.stringify(storable({ session: "s", type: "prompt", text }));
    expect(kept).not.toContain(secret.slice(4, 20));
    expect(kept.length).toBeLessThan(9_000);
    let deep: unknown = "end";
    for (let i = 0; i < 2_000; i++) deep = [deep];
    const call = { session: "s", type: "call", id: "t", tool: "T", parameters: deep } as const;
    expect(JSON.stringify(storable(call)).length).toBeLessThan(1_000);
  });
});

describe("a large event", () => {
  const kept = (text: string, more: object = {}): string =>
    JSON.stringify(storable({ session: "s", type: "prompt", text, ...more }));
  const line = "src/app/file.ts: const token = getToken(place); ";

  it("is bounded in a time that does not grow with it", async () => {
    const [some, large] = [line.repeat(20_000), line.repeat(400_000)];
    expect(kept(large).length).toBeLessThan(9_000);
    expect(
      await leastRatio(
        () => kept(large),
        () => kept(some),
        5,
      ),
    ).toBeLessThanOrEqual(5);

    const callOf = (rows: number) => {
      const many = Array.from({ length: rows }, () => Array.from({ length: 400 }, () => line));
      return { session: "s", type: "call", id: "t", tool: "T", parameters: { many } } as const;
    };
    const [fewer, call] = [callOf(100), callOf(2_000)];
    expect(storable(call)).toMatchObject({ type: "call", id: "t", tool: "T" });
    const ratio = await leastRatio(
      () => storable(call),
      () => storable(fewer),
      5,
    );
    expect(ratio).toBeLessThanOrEqual(5);
    expect(JSON.stringify(storable(call)).length).toBeLessThan(1_500_000);
  });

  it("says how much is missing, and keeps its beginning and its end", () => {
    const text = `begin ${"x y ".repeat(50_000)}end`;
    const { text: short } = storable({ session: "s", type: "prompt", text }) as { text: string };
    const [, missing] = /\[… (\d+) characters left out …\]/.exec(short) ?? [];
    expect(short.startsWith("begin ")).toBe(true);
    expect(short.endsWith("end")).toBe(true);
    const marks = `\n[… ${missing} characters left out …]\n`.length;
    expect(short.length - marks + Number(missing)).toBe(text.length);
  });

  it.each([0, 9_000, 15_990, 16_010, 100_000, 184_000, 199_000])(
    "holds no secret, wherever it is cut (%i)",
    (place) => {
      const secret = `ghp_${"aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1cE3"}`;
      const text = `${"x y ".repeat(place / 4)} ${secret} ${"x y ".repeat((200_000 - place) / 4)}`;
      expect(kept(text)).not.toContain(secret.slice(4, 16));
    },
  );

  it("holds nothing private whose beginning or end is left out", () => {
    const inside = `hush ${"x y ".repeat(30_000)} hush`;
    const text = `${"a b ".repeat(2_000)}<private>${inside}</private>${"c d ".repeat(2_000)}`;
    expect(kept(text)).not.toContain("hush");
    const key = `-----BEGIN PRIVATE KEY-----\n${"MIIEabcd\n".repeat(9_000)}-----END PRIVATE KEY-----`;
    expect(kept(`${"a b ".repeat(3_000)}${key} end`)).not.toContain("MIIE");
  });
});

describe("a person's verdict", () => {
  it.each([
    ["/memory good", true, ""],
    ["/memory:bad the tests were skipped", false, "the tests were skipped"],
    ["/memory bad it lied\nand more", false, "it lied"],
    ["text before\n\nVerdict for the memory: good nice", true, "nice"],
  ])("is read in %j", (text, isGood, reason) => {
    expect(verdictOf(text)).toEqual({ isGood, reason });
  });

  it.each(["/memory", "/memorygood", "is /memory good?", "good", "/memory goodness"])(
    "is none in %j",
    (text) => expect(verdictOf(text)).toBeNull(),
  );
});

describe("what is said to an agent", () => {
  it("has the form that it documents, where it listens", () => {
    const call = { session: "s", type: "call", id: "t", tool: "T", parameters: {} } as const;
    const failed = {
      ...call,
      type: "result",
      result: { type: "error", message: "m" },
    } as const;
    expect(spokenTo("claude-code", failed)?.("w")).toEqual({
      hookSpecificOutput: { hookEventName: "PostToolUseFailure", additionalContext: "w" },
    });
    expect(spokenTo("codex", failed)?.("w")).toEqual({
      hookSpecificOutput: { hookEventName: "PostToolUse", additionalContext: "w" },
    });
    expect(spokenTo("cursor", failed)?.("w")).toEqual({ additional_context: "w" });
    expect([spokenTo("cursor", call), spokenTo("opencode", call)]).toEqual([null, null]);
    expect(spokenTo("codex", { session: "s", type: "stop", how: "completed" })).toBeNull();
  });
});
