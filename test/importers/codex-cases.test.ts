import { describe, expect, it } from "vitest";
import { classesOf, jsonl, readFiles, toldOf } from "./reading.ts";

type Json = Record<string, unknown>;

const cx = (type: string, payload: Json, second = 0): Json => ({
  timestamp: `2026-03-01T10:00:${String(second).padStart(2, "0")}.000Z`,
  type,
  payload,
});
const meta = (id: string, more: Json = {}): Json =>
  cx("session_meta", { id, cwd: `/w/${id}`, ...more });
const said = (asked: string): Json =>
  cx("response_item", {
    type: "message",
    role: "user",
    content: [{ type: "input_text", text: asked }],
  });
const cxCall = (name: string, call_id: string, args: Json): Json =>
  cx("response_item", { type: "function_call", name, call_id, arguments: JSON.stringify(args) });
const cxOut = (call_id: string, output: unknown): Json =>
  cx("response_item", { type: "function_call_output", call_id, output });
const readCodex = (...lines: Json[]) => readFiles("codex", { "rollout-x.jsonl": jsonl(...lines) });

describe("a rollout of Codex", () => {
  it.each<[string, unknown, string]>([
    [
      "a patch",
      "apply_patch verification failed: Failed to find expected lines in /w/a.js",
      "error",
    ],
    ["a sandbox", "failed in sandbox: Landlock denied", "error"],
    ["the system", "execution error: Io(Os { code: 2 })", "error"],
    ["a call that there is not", "unsupported call: do_magic", "error"],
    ["arguments", "failed to parse function arguments: missing field `command`", "error"],
    [
      "a rejection",
      'exec_command failed for `/bin/zsh -lc ls`: Rejected("rejected by user")',
      "error",
    ],
    ["an abort", "aborted by user after 3.4s", "error"],
    ["a rejected command", "exec command rejected by user", "error"],
    ["a rejected patch", "patch rejected by user", "error"],
    ["time", "command timed out after 120000 milliseconds", "timeout"],
    ["a script", "Script failed\nWall time 0.2 seconds\nOutput:\n\nError: boom", "error"],
    [
      "a script in blocks",
      [
        { type: "input_text", text: "Script failed\nWall time 0.2 seconds" },
        { type: "input_text", text: "Error: boom" },
      ],
      "error",
    ],
    ["a mark", { content: "no such file", success: false }, "error"],
    [
      "a code in JSON",
      '{"output":"boom","metadata":{"exit_code":2,"duration_seconds":0.1}}',
      "error",
    ],
    ["a code in the head", "Exit code: 127\nWall time: 0 seconds\nOutput:\nnot found", "error"],
    [
      "a code below",
      "Chunk ID: ab12\nWall time: 0.0 seconds\nProcess exited with code 1\nOutput:\nx",
      "error",
    ],
    ["MCP's mark", '{"content":[{"type":"text","text":"bad id"}],"isError":true}', "error"],
    [
      "an error in the head",
      "Wall time: 0.1 seconds\nError: tool call error: tool call failed",
      "error",
    ],
    [
      "nothing, though its output has a code",
      "Exit code: 0\nWall time: 0 seconds\nOutput:\nlog says\nExit code: 3\n",
      "success",
    ],
    ["nothing, though a page has a code", "page text\nExit code: 3 means X\n", "success"],
  ])("tells a call that failed by %s", (_what, output, type) => {
    const { lines } = readCodex(meta("s"), said("x"), cxCall("t", "c", {}), cxOut("c", output));
    expect(classesOf(lines[0])).toEqual([type]);
  });

  it("takes the word of the program's events over that of a text", () => {
    const { lines } = readCodex(
      meta("s"),
      said("x"),
      cxCall("exec_command", "c", {}),
      cx("event_msg", { type: "exec_command_end", call_id: "c", exit_code: 1 }),
      cxOut("c", "fine"),
      cxCall("apply_patch", "d", {}),
      cx("event_msg", { type: "patch_apply_end", call_id: "d", success: true }),
      cxOut("d", "execution error in a comment"),
    );
    expect(classesOf(lines[0])).toEqual(["error", "success"]);
  });

  it("that is a fork is a session of its own, without what it carries of its parent", () => {
    const parent = [meta("p"), said("parent prompt"), cxCall("ls", "c1", {}), cxOut("c1", "a")];
    const { lines, notes } = readFiles("codex", {
      "rollout-1.jsonl": jsonl(...parent),
      "rollout-2.jsonl": jsonl(
        meta("f", { forked_from_id: "p" }),
        ...parent,
        said("child prompt"),
        cxCall("pwd", "c2", {}),
        cxOut("c2", "b"),
      ),
    });
    expect(lines).toMatchObject([
      { task: "parent prompt", metadata: { session: "p", cwd: "/w/p" }, steps: [{ tool: "ls" }] },
      {
        task: "child prompt",
        metadata: { session: "f", cwd: "/w/f" },
        steps: [{ tool: "pwd", result: { output: "b" } }],
        relationships: [{ to: lines[0]?.id, reason: "fork of" }],
      },
    ]);
    expect(lines[0]?.steps).toHaveLength(1);
    expect(lines[1]?.steps).toHaveLength(1);
    expect(notes).toEqual(["items that a fork carries of its parent (3)"]);
  });

  it("whose ids recur loses no call", () => {
    const { lines } = readCodex(
      meta("s"),
      said("reuse"),
      ...[1, 2].flatMap((n) => [cxCall("a", "call_0", { n }), cxOut("call_0", `r${n}`)]),
      cxCall("b", "x", {}),
      cxCall("c", "x", {}),
      cxOut("x", "rb"),
      cxOut("x", "rc"),
    );
    expect(toldOf(lines[0])).toEqual([
      ["a", { n: 1 }, "r1"],
      ["a", { n: 2 }, "r2"],
      ["b", {}, "rb"],
      ["c", {}, "rc"],
    ]);
  });

  it.each([
    [
      "the editor's context",
      "# Context from my IDE setup:\n\n## Open tabs:\n- a.ts\n\n## My request for Codex:\nrename the helper",
    ],
    ["instructions", "# AGENTS.md instructions for /w\n\n<INSTRUCTIONS>\nx\n</INSTRUCTIONS>"],
    ["its environment", "<environment_context>\n  <cwd>/w</cwd>\n</environment_context>"],
    ["permissions", "<permissions instructions>\nx\n</permissions instructions>"],
  ])("is about a person's words beside %s", (_what, before) => {
    const { lines } = readCodex(meta("s"), said(before), said("rename the helper"));
    expect(lines.map(({ task }) => task)).toEqual(["rename the helper"]);
  });

  it("may tell its prompts as events only, or twice", () => {
    const event = cx("event_msg", { type: "user_message", message: "fix it" });
    const alone = readCodex(meta("s"), event, cxCall("a", "1", {}));
    expect(alone.lines.map(({ task }) => task)).toEqual(["fix it"]);
    const twice = readCodex(meta("s"), event, said("fix it"), cxCall("a", "1", {}), said("fix it"));
    expect(twice.notes).toEqual(["later prompts of a person (1)"]);
  });

  it("leaves out turns that were rolled back, and reports them", () => {
    const { lines, notes } = readCodex(
      meta("s"),
      said("one"),
      cxCall("a", "1", {}),
      said("two"),
      cxCall("b", "2", {}),
      cx("event_msg", { type: "thread_rolled_back", num_turns: 1 }),
      said("three"),
      cxCall("c", "3", {}),
    );
    expect(lines[0]?.steps?.map(({ tool }) => tool)).toEqual(["a", "c"]);
    expect(notes).toContainEqual("turns that were rolled back (1)");
  });

  it("of 2025 is read too, and tools of MCP servers stand below their names", () => {
    const { lines } = readFiles("codex", {
      "rollout-2025.jsonl": jsonl(
        { id: "old", timestamp: "2025-06-01T10:00:00.000Z", instructions: null },
        { record_type: "state" },
        { type: "message", role: "user", content: [{ type: "input_text", text: "list" }] },
        { type: "local_shell_call", call_id: "c", action: { type: "exec", command: ["ls"] } },
        {
          type: "function_call_output",
          call_id: "c",
          output: '{"output":"a","metadata":{"exit_code":0}}',
        },
        {
          type: "function_call",
          call_id: "d",
          name: "issue",
          namespace: "mcp__gh",
          arguments: "{}",
        },
      ),
    });
    expect(lines).toMatchObject([{ task: "list", metadata: { session: "old" } }]);
    expect(toldOf(lines[0])).toEqual([
      ["exec", { type: "exec", command: ["ls"] }, "a"],
      ["mcp__gh__issue", {}, null],
    ]);
  });
});
