import { describe, expect, it } from "vitest";
import { classesOf, jsonl, readFiles, toldOf } from "./reading.ts";

type Json = Record<string, unknown>;

/** A session of Claude Code: a prompt, then a call with its result. */
const cc = (sessionId: string, content: unknown, more: Json = {}): Json => ({
  type: "user",
  sessionId,
  timestamp: "2026-03-01T10:00:00.000Z",
  uuid: "u0",
  message: { role: "user", content },
  ...more,
});
const ccCall = (sessionId: string | undefined, id: string, more: Json = {}): Json => ({
  type: "assistant",
  ...(sessionId === undefined ? {} : { sessionId }),
  timestamp: "2026-03-01T10:00:01.000Z",
  uuid: `a-${id}`,
  message: {
    role: "assistant",
    model: "claude-x",
    id: "m1",
    content: [{ type: "tool_use", id, name: "Bash", input: { command: "ls" } }],
  },
  ...more,
});
const ccResult = (
  sessionId: string | undefined,
  id: string,
  content: unknown,
  more: Json = {},
) => ({
  type: "user",
  ...(sessionId === undefined ? {} : { sessionId }),
  timestamp: "2026-03-01T10:00:02.000Z",
  uuid: `r-${id}`,
  message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content }] },
  ...more,
});
const readCc = (...lines: Json[]) => readFiles("claude-code", { "s.jsonl": jsonl(...lines) });

describe("a session of Claude Code", () => {
  it.each<[string, unknown, string]>([
    [
      "an opened file",
      [text("<ide_opened_file>The user opened a.ts</ide_opened_file>"), text("fix the bug")],
      "fix the bug",
    ],
    [
      "a reminder",
      [text("<system-reminder>CLAUDE.md</system-reminder>"), text("fix the bug")],
      "fix the bug",
    ],
    [
      "a reminder in the same text",
      "fix the bug\n<system-reminder>x</system-reminder>",
      "fix the bug",
    ],
    ["a tag that is new", "<some-new_tag>x</some-new_tag>\nfix the bug", "fix the bug"],
    ["markup of a person", "center the <div>", "center the <div>"],
  ])("is about a person's words beside %s", (_what, content, task) => {
    const { lines } = readCc(cc("s", content), ccCall("s", "t1"), ccResult("s", "t1", "a"));
    expect(lines).toMatchObject([{ task, steps: [{ tool: "Bash" }] }]);
  });

  it.each<[string, Json]>([
    ["a notification", cc("s", "<task-notification>\n<task-id>a1</task-id>\n</task-notification>")],
    ["a hook", cc("s", "Stop hook feedback:\n- lint failed")],
    ["an interruption", cc("s", "[Request interrupted by user for tool use]")],
    [
      "a summary",
      cc(
        "s",
        "This session is being continued from a previous conversation that ran out of context. Summary: …",
        { isCompactSummary: true },
      ),
    ],
    ["a caveat", cc("s", "<local-command-caveat>Caveat: x</local-command-caveat>")],
    [
      "a command of the program",
      cc("s", "<command-name>/clear</command-name>\n<command-args></command-args>"),
    ],
  ])("is not about %s", (_what, first) => {
    const { lines } = readCc(
      first,
      cc("s", "fix the bug"),
      ccCall("s", "t1"),
      ccResult("s", "t1", "a"),
    );
    expect(lines.map(({ task }) => task)).toEqual(["fix the bug"]);
  });

  it("is about a slash command that the agent went to work on", () => {
    const command =
      "<command-message>fix-issue is running…</command-message>\n<command-name>/fix-issue</command-name>\n<command-args>123</command-args>";
    const expanded = cc("s", [text("Find and fix issue 123.")], { isMeta: true });
    const { lines } = readCc(
      cc("s", command),
      expanded,
      ccCall("s", "t1"),
      ccResult("s", "t1", "a"),
    );
    expect(lines.map(({ task }) => task)).toEqual(["/fix-issue 123"]);
  });

  it("counts lines, and calls, that are there twice once", () => {
    const [call, result] = [ccCall("s", "t1"), ccResult("s", "t1", "a")];
    const twice = readCc(cc("s", "fix"), call, call, result, result);
    expect(toldOf(twice.lines[0])).toEqual([["Bash", { command: "ls" }, "a"]]);
    expect(twice.notes).toEqual(["lines that are there twice (2)"]);

    const other = readCc(cc("s", "fix"), call, { ...call, uuid: "other" }, result);
    expect(toldOf(other.lines[0])).toEqual([["Bash", { command: "ls" }, "a"]]);
    expect(other.notes).toEqual(["calls that are there twice (1)"]);
  });

  it("may say its id on the first line only", () => {
    const { lines } = readCc(
      cc("once", "fix"),
      ccCall(undefined, "t1"),
      ccResult(undefined, "t1", "ok"),
    );
    expect(lines).toHaveLength(1);
    expect(toldOf(lines[0])).toEqual([["Bash", { command: "ls" }, "ok"]]);
  });

  it("happened as the branch that was kept, and the other is told", () => {
    const { lines, notes } = readCc(
      cc("rw", "fix the bug", { uuid: "a", parentUuid: null }),
      ccCall("rw", "t1", { uuid: "b", parentUuid: "a" }),
      ccResult("rw", "t1", "bad", { uuid: "c", parentUuid: "b" }),
      {
        ...ccCall("rw", "t2", { uuid: "d", parentUuid: "a" }),
        message: {
          role: "assistant",
          id: "m3",
          content: [{ type: "tool_use", id: "t2", name: "Read", input: {} }],
        },
      },
      ccResult("rw", "t2", "good", { uuid: "e", parentUuid: "d" }),
    );
    expect(toldOf(lines[0])).toEqual([["Read", {}, "good"]]);
    expect(notes).toEqual(["messages that were rewound (2)"]);
  });

  it("keeps calls that ran side by side, which look like branches", () => {
    const { lines, notes } = readCc(
      cc("s", "fix", { uuid: "a", parentUuid: null }),
      ccCall("s", "t1", { uuid: "b", parentUuid: "a" }),
      ccCall("s", "t2", { uuid: "c", parentUuid: "b" }),
      ccResult("s", "t1", "one", { uuid: "d", parentUuid: "b" }),
      ccResult("s", "t2", "two", { uuid: "e", parentUuid: "c" }),
    );
    expect(toldOf(lines[0]).map((told) => (told as unknown[])[2])).toEqual(["one", "two"]);
    expect(notes).toEqual([]);
  });

  it("has its sub-agents as episodes of their own, tied to it", () => {
    const side = { isSidechain: true, agentId: "a1" };
    const { lines } = readFiles("claude-code", {
      "side.jsonl": jsonl(cc("side", "do it"), ccCall("side", "t0"), ccResult("side", "t0", "x")),
      "side/subagents/agent-a1.jsonl": jsonl(
        cc("side", "explore", side),
        ccCall("side", "t1", side),
        ccResult("side", "t1", "ok", side),
      ),
    });
    expect(lines).toMatchObject([
      { task: "do it", steps: [{ tool: "Bash" }] },
      {
        task: "explore",
        steps: [{ result: { output: "ok" } }],
        relationships: [{ to: lines[0]?.id, type: "related_to", reason: "sub-agent of" }],
      },
    ]);
  });

  it("of an older version holds its sub-agents in its own file, told by their beginnings", () => {
    const side = (parentUuid: string | null, uuid: string): Json => ({
      isSidechain: true,
      parentUuid,
      uuid,
    });
    const { lines } = readCc(
      cc("s", "do it", { parentUuid: null }),
      cc("s", "explore", side(null, "x1")),
      cc("s", "search", side(null, "y1")),
      ccCall("s", "t1", side("x1", "x2")),
      ccCall("s", "t2", side("y1", "y2")),
      ccResult("s", "t1", "one", side("x2", "x3")),
    );
    expect(lines.map((line) => [line.task, classesOf(line)])).toEqual([
      ["do it", []],
      ["explore", ["success"]],
      ["search", [null]],
    ]);
  });

  it("reads on after a record that is odd, and tells it", () => {
    const odd = {
      type: "user",
      sessionId: "s",
      message: { content: [{ type: "tool_result", tool_use_id: {} }] },
    };
    const { lines, notes } = readFiles("claude-code", {
      "s.jsonl": `${jsonl(cc("s", "fix"))}nonsense\n[1]\n${jsonl(odd, ccCall("s", "t1"))}`,
    });
    expect(classesOf(lines[0])).toEqual([null]);
    expect(notes).toContainEqual(expect.stringMatching(/^s\.jsonl, line 2: no JSON/));
    expect(notes).toContainEqual("s.jsonl, line 3: no JSON object");
  });
});

function text(said: string): Json {
  return { type: "text", text: said };
}

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

  it("leaves out turns that were rolled back, and tells them", () => {
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
