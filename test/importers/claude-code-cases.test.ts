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

  it("happened as the branch that was kept, and the other is reported", () => {
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
