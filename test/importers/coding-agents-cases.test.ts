import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { cursor } from "../../cli/importers/coding/cursor.ts";
import { fileText } from "../../cli/importers/reading/key-values.ts";
import { jsonl, readFiles, toldOf } from "./reading.ts";

type Json = Record<string, unknown>;

describe("sessions of opencode", () => {
  const time = { created: 1_767_000_000_000, updated: 1_767_000_009_000 };
  const session = { id: "ses_1", directory: "/w", title: "Fix it", version: "1.0", time };
  const user = { id: "msg_1", sessionID: "ses_1", role: "user", time };
  const answer = { id: "msg_2", sessionID: "ses_1", role: "assistant", modelID: "m", time };
  const part = (id: string, messageID: string, more: Json): Json => ({
    id,
    messageID,
    sessionID: "ses_1",
    ...more,
  });
  const tool = (id: string, state: Json): Json =>
    part(id, "msg_2", {
      type: "tool",
      callID: id,
      tool: "bash",
      state: { input: { command: id }, ...state },
    });
  const parts = [
    part("prt_1", "msg_1", { type: "text", text: "fix the bug" }),
    part("prt_2", "msg_1", { type: "text", text: "put in by the program", synthetic: true }),
    part("prt_3", "msg_2", { type: "text", text: "I look." }),
    tool("prt_4", {
      status: "completed",
      output: "a",
      time: { start: 1_767_000_001_000, end: 1_767_000_001_500 },
    }),
    tool("prt_5", { status: "completed", output: "no", metadata: { exit: 1 } }),
    tool("prt_6", { status: "error", error: "File not found" }),
    tool("prt_7", { status: "running" }),
  ];
  const told = [
    ["bash", { command: "prt_4" }, "a"],
    ["bash", { command: "prt_5" }, { type: "error", message: "no" }],
    ["bash", { command: "prt_6" }, { type: "error", message: "File not found" }],
    ["bash", { command: "prt_7" }, null],
  ];
  const of = (messageID: string): Json[] => parts.filter((one) => one["messageID"] === messageID);

  it.each<[string, Record<string, string>]>([
    [
      "an export",
      {
        "export.json": JSON.stringify({
          info: session,
          messages: [
            { info: user, parts: of("msg_1") },
            { info: answer, parts: of("msg_2") },
          ],
        }),
      },
    ],
    [
      "its storage, in whatever order",
      Object.fromEntries(
        [...parts, answer, session, user].map((one, i) => [
          `storage/${i}.json`,
          JSON.stringify(one),
        ]),
      ),
    ],
  ])("are read from %s", (_what, files) => {
    const { lines } = readFiles("opencode", files);
    expect(lines).toMatchObject([
      {
        task: "fix the bug",
        metadata: { session: "ses_1", directory: "/w", model: "m" },
        started_at: "2025-12-29T09:20:00.000Z",
        steps: [{ action: "I look.", latency_ms: 500 }, {}, {}, {}],
      },
    ]);
    expect(toldOf(lines[0])).toEqual(told);
  });

  it("are read from events as they run, in which a part comes again when it changes", () => {
    const events = [
      { type: "text", sessionID: "ses_1", part: parts[0] },
      { type: "tool_use", sessionID: "ses_1", part: tool("prt_4", { status: "running" }) },
      { type: "tool_use", sessionID: "ses_1", part: parts[3] },
    ];
    const { lines } = readFiles("opencode", { "run.jsonl": jsonl(user, ...events) });
    expect(lines.map(({ task }) => task)).toEqual(["fix the bug"]);
    expect(toldOf(lines[0])).toEqual([told[0]]);
  });

  it("leave out what was reverted, and are tied to the session that began them", () => {
    const info = { ...session, parentID: "ses_0", revert: { messageID: "msg_2" } };
    const messages = [
      { info: user, parts: of("msg_1") },
      { info: answer, parts: of("msg_2") },
    ];
    const { lines, notes } = readFiles("opencode", {
      "e.json": JSON.stringify({ info, messages }),
    });
    expect(lines[0]?.steps).toEqual([]);
    expect(lines[0]?.relationships).toMatchObject([{ reason: "sub-agent of" }]);
    expect(notes).toEqual(["messages that were reverted (1)"]);
  });
});

describe("transcripts of Cursor", () => {
  it("are lines of messages, whose calls have no results", () => {
    const message = (role: string, ...content: Json[]): Json => ({ role, message: { content } });
    const { lines } = readFiles("cursor", {
      "agent-transcripts/c1/c1.jsonl": jsonl(
        message("user", { type: "text", text: "<user_query>\nfix the bug\n</user_query>" }),
        message(
          "assistant",
          { type: "text", text: "I read." },
          { type: "tool_use", name: "Read", input: { path: "a.ts" } },
        ),
      ),
    });
    expect(lines).toMatchObject([{ task: "fix the bug", steps: [{ action: "I read." }] }]);
    expect(toldOf(lines[0])).toEqual([["Read", { path: "a.ts" }, null]]);
  });

  it("are texts", () => {
    const { lines } = readFiles("cursor", {
      "c2.txt": [
        "user:",
        "<user_query>",
        "fix the bug",
        "</user_query>",
        "",
        "assistant:",
        "[Thinking] hm",
        "[Tool call] Shell",
        "  command: npm test",
        "  description: Run",
        "tests",
        "",
        "[Tool result] Shell",
        "Exit code: 1",
        "not ok",
        "[Tool call] Read",
        "  path: a.ts",
        "",
        "[Tool result] Read",
        "",
        "assistant:",
        "Done.",
      ].join("\n"),
    });
    expect(lines.map(({ task }) => task)).toEqual(["fix the bug"]);
    expect(toldOf(lines[0])).toEqual([
      [
        "Shell",
        { command: "npm test", description: "Run\ntests" },
        { type: "error", message: "Exit code: 1\nnot ok" },
      ],
      ["Read", { path: "a.ts" }, null],
    ]);
  });

  it("are streams of its command-line agent", () => {
    const call = (subtype: string, call_id: string, tool_call: Json): Json => ({
      type: "tool_call",
      subtype,
      call_id,
      tool_call,
    });
    const shell = (result?: Json): Json => ({
      shellToolCall: { args: { command: "npm test" }, ...(result ? { result } : {}) },
    });
    const mcp = {
      args: { providerIdentifier: "gh", toolName: "issue", args: { n: 1 } },
      result: { error: { message: "rejected" } },
    };
    const { lines } = readFiles("cursor", {
      "stream.ndjson": jsonl(
        { type: "system", subtype: "init", session_id: "s", model: "m", cwd: "/w" },
        { type: "user", message: { role: "user", content: [{ type: "text", text: "test it" }] } },
        call("started", "1", shell()),
        call("completed", "1", shell({ success: { exitCode: 1, stdout: "bad", stderr: "" } })),
        call("completed", "2", { mcpToolCall: mcp }),
        call("started", "3", { readToolCall: { args: { path: "a" } } }),
        { type: "result", subtype: "success", is_error: false },
      ),
    });
    expect(lines).toMatchObject([{ task: "test it", metadata: { session: "s", model: "m" } }]);
    expect(toldOf(lines[0])).toEqual([
      ["shell", { command: "npm test" }, { type: "error", message: "bad" }],
      ["mcp__gh__issue", { n: 1 }, { type: "error", message: "rejected" }],
      ["read", { path: "a" }, null],
    ]);
  });
});

describe("Cursor's own storage", () => {
  const folder = mkdtempSync(join(tmpdir(), "cursor-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("has conversations whose bubbles are messages, and calls with their results", () => {
    const path = join(folder, "state.vscdb");
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE cursorDiskKV (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)");
    const put = (key: string, value: Json): void => {
      const text = "INSERT INTO cursorDiskKV VALUES (?, ?)";
      database.prepare(text).run(key, Buffer.from(JSON.stringify(value)));
    };
    const call = (name: string, more: Json): Json => ({
      type: 2,
      toolFormerData: { name, rawArgs: '{"target_file":"a.ts"}', ...more },
    });
    const bubbles: Record<string, Json> = {
      b1: { type: 1, text: "fix the bug", createdAt: "2026-03-01T10:00:00.000Z" },
      b2: call("read_file", { status: "completed", result: '{"contents":"x"}' }),
      b3: call("run_terminal_cmd", { status: "completed", result: '{"output":"no","exitCode":1}' }),
      b4: call("edit_file", { status: "error", error: '{"modelVisibleErrorMessage":"not found"}' }),
      b5: call("grep", { status: "loading" }),
    };
    const headers = [...Object.keys(bubbles), "gone"].map((bubbleId) => ({ bubbleId }));
    put("composerData:c1", { createdAt: 1_772_359_200_000, fullConversationHeadersOnly: headers });
    put("composerData:empty", { fullConversationHeadersOnly: [] });
    put("other:c1", { text: "no session" });
    for (const [id, bubble] of Object.entries(bubbles)) put(`bubbleId:c1:${id}`, bubble);
    database.close();

    const text = fileText(path, cursor.stored);
    const { lines, notes } = readFiles("cursor", { "state.vscdb": text });
    expect(lines).toMatchObject([{ task: "fix the bug", started_at: "2026-03-01T10:00:00.000Z" }]);
    expect(toldOf(lines[0])).toEqual([
      ["read_file", { target_file: "a.ts" }, '{"contents":"x"}'],
      [
        "run_terminal_cmd",
        { target_file: "a.ts" },
        { type: "error", message: '{"output":"no","exitCode":1}' },
      ],
      ["edit_file", { target_file: "a.ts" }, { type: "error", message: "not found" }],
      ["grep", { target_file: "a.ts" }, null],
    ]);
    expect(notes).toEqual(["messages that the storage names and does not have (1)"]);
    expect(() => fileText(path, undefined)).toThrow("SQLite");
  });
});

describe("a database that a stranger made", () => {
  const directory = mkdtempSync(join(tmpdir(), "stranger-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";

  function made(name: string, ...statements: string[]): string {
    const path = join(directory, `${name}.vscdb`);
    const database = new DatabaseSync(path);
    for (const statement of statements) database.exec(statement);
    database.close();
    return path;
  }

  it.each<[string, string[]]>([
    [
      "a view that never ends",
      [
        `CREATE VIEW cursorDiskKV(key, value) AS ${endless}
          SELECT 'composerData:' || i, '{}' FROM n WHERE i < 0`,
      ],
    ],
    ["a table that SQLite makes up", ["CREATE VIRTUAL TABLE cursorDiskKV USING fts5(key, value)"]],
    [
      "a column that SQLite computes",
      [
        "CREATE TABLE cursorDiskKV (key TEXT, value TEXT AS (hex(zeroblob(4000))))",
        "INSERT INTO cursorDiskKV (key) VALUES ('composerData:c')",
      ],
    ],
    ["no table of sessions", ["CREATE TABLE other (key TEXT, value TEXT)"]],
  ])("is refused, and read no further: %s", (name, statements) => {
    const path = made(name.replaceAll(" ", "-"), ...statements);
    expect(() => fileText(path, cursor.stored)).toThrow(
      "an SQLite database that cannot be read: it has no plain table cursorDiskKV",
    );
  });

  it("is read for as long as its deadline allows, whatever its bytes make SQLite do", () => {
    const path = made("slow", "CREATE TABLE cursorDiskKV (key TEXT, value BLOB)");
    // No process has begun so soon.
    expect(() => fileText(path, cursor.stored, 1)).toThrow("was not read within 1 ms");
    expect(fileText(path, cursor.stored)).toBe("");
  });

  it("whose values are no text that anybody said has the others read", () => {
    const path = made(
      "large",
      "CREATE TABLE cursorDiskKV (key TEXT, value BLOB)",
      "INSERT INTO cursorDiskKV VALUES ('composerData:a', zeroblob(70000000))",
      "INSERT INTO cursorDiskKV VALUES ('composerData:b', '{}')",
      "INSERT INTO cursorDiskKV VALUES ('composerData:c', NULL)",
    );
    expect(fileText(path, cursor.stored)).toBe('{"key":"composerData:b","value":"{}"}\n');
  });

  it("is named by why it cannot be read, and by nothing of the reader", () => {
    const path = made("cut", "CREATE TABLE cursorDiskKV (key TEXT, value BLOB)");
    truncateSync(path, 1_000);
    expect(() => fileText(path, cursor.stored)).toThrow(
      /^an SQLite database that cannot be read: [\w ]+$/,
    );
  });
});

describe("what runs print", () => {
  const tool = (id: string, state: Json): Json => ({
    type: "tool_use",
    sessionID: "s",
    part: { id, messageID: "m", type: "tool", tool: "bash", state },
  });
  const done = { status: "completed", input: { command: "ls" }, output: "a" };

  it("of opencode has its steps, though nobody is heard to ask", () => {
    const { lines } = readFiles("opencode", { "run.jsonl": jsonl(tool("p1", done)) });
    expect(lines.map(({ task }) => task)).toEqual(["a run of opencode"]);
    expect(toldOf(lines[0])).toEqual([["bash", { command: "ls" }, "a"]]);
    const text = { type: "text", sessionID: "s", part: { id: "p", messageID: "m", type: "text" } };
    expect(readFiles("opencode", { "run.jsonl": jsonl(text) }).lines).toEqual([]);
  });

  it("of opencode's server holds what its events are about", () => {
    const event = (type: string, properties: Json): Json => ({ type, properties });
    const part = { id: "p1", messageID: "m1", sessionID: "s", type: "text", text: "list files" };
    const { lines, notes } = readFiles("opencode", {
      "events.jsonl": jsonl(
        event("session.created", { info: { id: "s", directory: "/w" } }),
        event("message.updated", { info: { id: "m1", sessionID: "s", role: "user" } }),
        event("message.part.updated", { part, delta: "" }),
        event("message.part.updated", {
          part: { ...(tool("p2", done)["part"] as Json), sessionID: "s" },
        }),
        event("session.idle", { sessionID: "s" }),
      ),
    });
    expect(lines).toMatchObject([{ task: "list files", metadata: { directory: "/w" } }]);
    expect(toldOf(lines[0])).toEqual([["bash", { command: "ls" }, "a"]]);
    expect(notes).toEqual(["events of the type session.idle (1)"]);
  });

  it("of an export may have a line before it, and messages without ids, in their order", () => {
    const said = (role: string, ...parts: Json[]): Json => ({ info: { role }, parts });
    const text = (words: string): Json => ({ type: "text", text: words });
    const call = { type: "tool", tool: "write", state: { input: { path: "a" }, output: "ok" } };
    const messages = [
      said("user", text("add it")),
      said("assistant", text("sure"), call),
      said("user", text("thanks")),
    ];
    const exported = JSON.stringify({ info: { id: "s", title: "t" }, messages }, null, 2);
    const { lines, notes } = readFiles("opencode", { "s.json": `Exporting: s\n${exported}` });
    expect(lines.map(({ task }) => task)).toEqual(["add it"]);
    expect(toldOf(lines[0])).toEqual([["write", { path: "a" }, "ok"]]);
    expect(notes).toContain("s.json, line 1: no JSON, but what a program said");
  });

  it("of Cursor may be without a prompt, and has the answers of servers as they are", () => {
    const call = (subtype: string, tool_call: Json): Json => ({
      type: "tool_call",
      subtype,
      call_id: "1",
      tool_call,
    });
    const args = { toolName: "mcp__gh__list", providerIdentifier: "gh", args: { path: "." } };
    const { lines } = readFiles("cursor", {
      "run.jsonl": jsonl(
        call("started", { mcpToolCall: { args } }),
        call("completed", { mcpToolCall: { args, result: { content: [{ text: "two files" }] } } }),
        call("completed", { shellToolCall: { result: { success: { output: "passed" } } } }),
      ),
    });
    expect(lines.map(({ task }) => task)).toEqual(["a run of cursor-agent"]);
    expect(toldOf(lines[0])).toEqual([
      ["mcp__gh__list", { path: "." }, "two files"],
      ["shell", {}, "passed"],
    ]);
  });
});
