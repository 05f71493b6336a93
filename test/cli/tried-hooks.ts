/**
 * Each command about the hooks of agents, tried on the running service.
 *
 * @module
 */

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { ClaudeSession, type Payload } from "../hooks/played.ts";
import type { CliBench, Tried } from "./bench.ts";

/** Has hooks record a session, as agents call them. */
async function record(
  bench: CliBench,
  payloads: readonly Payload[],
  env: Record<string, string> = {},
): Promise<void> {
  for (const payload of payloads) {
    const args = ["hook", payload.hook_event_name, "--agent", "claude-code"];
    const ended = await bench.cli.run(args, { stdin: JSON.stringify(payload), env });
    expect([ended.exit, ended.err]).toEqual([0, ""]);
  }
}

/** What of a step is compared. */
interface Told {
  result: { type: string } | null;
}

async function triedWatch(bench: CliBench): Promise<void> {
  const folder = join(bench.cli.home, "sessions");
  mkdirSync(folder);
  const file = join(folder, "watched.jsonl");
  const line = (type: string, content: unknown, second: number): string =>
    `${JSON.stringify({
      type,
      sessionId: "watched",
      timestamp: new Date(1_700_000_000_000 + second * 1_000).toISOString(),
      message: { role: type, content },
    })}\n`;
  const call = (id: string, command: string) => [
    { type: "tool_use", id, name: "Bash", input: { command } },
  ];
  const result = (id: string) => [{ type: "tool_result", tool_use_id: id, content: "done" }];
  const once = async (): Promise<string> =>
    (await bench.cli.run(["watch", folder, "--from", "claude-code", "--once"])).out;

  writeFileSync(file, line("user", "watch the wombat", 0) + line("assistant", call("a", "ls"), 1));
  expect(await once()).toContain("1 new, 0 updated");
  appendFileSync(file, line("user", result("a"), 2) + line("assistant", call("b", "pwd"), 3));
  // What is being written is there at the next look.
  appendFileSync(file, '{"type":"user","sessionId":"wat');
  expect(await once()).toContain("0 new, 1 updated");
  const { episodes } = (await bench.ok("episode", "list", "--text", "watch the wombat")).json;
  expect(episodes).toHaveLength(1);
  const { steps } = (await bench.ok("episode", "view", episodes[0].id)).json;
  expect(steps.map((step: Told) => step.result?.type ?? null)).toEqual(["success", null]);
}

export const HOOKS_TRIED: Tried = {
  "hooks install": async (bench) => {
    const settings = join(bench.cli.home, ".claude/settings.json");
    mkdirSync(join(bench.cli.home, ".claude"), { recursive: true });
    writeFileSync(settings, JSON.stringify({ model: "opus", hooks: { Stop: [{ hooks: [] }] } }));
    for (let i = 0; i < 2; i++) await bench.ok("hooks", "install", "claude-code");
    const { model, hooks } = JSON.parse(readFileSync(settings, "utf8"));
    expect([model, hooks.Stop.length, hooks.PreToolUse.length]).toEqual(["opus", 2, 1]);
    expect((await bench.cli.run(["hooks", "install", "emacs"])).exit).toBe(2);
  },

  "hooks status": async (bench) => {
    await bench.ok("hooks", "install", "cursor");
    const { agents } = (await bench.ok("hooks", "status")).json;
    expect(agents.find(({ agent }: { agent: string }) => agent === "cursor")).toMatchObject({
      missing: [],
      hasMcp: true,
    });
    expect((await bench.cli.run(["hooks", "status"])).out).toContain("6 hooks");

    await record(bench, [new ClaudeSession("tried-late").prompt("comb the quoll")], {
      MEMORY_HOOK_BUDGET_MS: "1",
    });
    const { spool } = (await bench.ok("hooks", "status")).json;
    expect(spool).toContainEqual(
      expect.objectContaining({ asks: { asked: expect.any(Number), late: expect.any(Number) } }),
    );
    const { out } = await bench.cli.run(["hooks", "status"]);
    expect(out).toMatch(/too late: [1-9]\d* of the last \d+ questions? to the memory/);
    expect(out).toContain("MEMORY_HOOK_BUDGET_MS=300 where the agent runs");
  },

  "hooks uninstall": async (bench) => {
    const settings = join(bench.cli.home, ".claude/settings.json");
    const installed = await bench.cli.run(["hooks", "install", "claude-code"]);
    for (const file of [settings, join(bench.cli.home, ".claude.json")])
      expect(installed.out).toContain(`Installed: ${file} (`);
    const hooked = readFileSync(settings, "utf8");
    await bench.ok("hooks", "uninstall", "claude-code");
    expect(hooked).toContain("hook Stop --agent claude-code");
    const left = existsSync(settings) ? readFileSync(settings, "utf8") : "";
    expect(left).not.toContain("--agent claude-code");
    expect(existsSync(join(bench.cli.home, ".claude/commands"))).toBe(false);
    await bench.ok("hooks", "install", "opencode");
    await bench.ok("hooks", "uninstall", "opencode");
    expect(existsSync(join(bench.cli.home, ".config/opencode/plugins/memory.js"))).toBe(false);
  },

  hook: async (bench) => {
    const session = new ClaudeSession("tried-hook");
    await record(bench, [session.start(), session.prompt("feed the quoll")]);
    const broken = await bench.cli.run(["hook", "Stop", "--agent", "codex"], { stdin: "{" });
    expect([broken.exit, broken.out, broken.err]).toEqual([0, "", ""]);
    await bench.ok("hooks", "send");
    expect((await bench.ok("episode", "list", "--text", "feed the quoll")).json).toMatchObject({
      episodes: [{ status: "in_progress" }],
    });
  },

  "hooks send": async (bench) => {
    const session = new ClaudeSession("tried-send");
    await record(bench, [session.prompt("wash the quoll"), ...session.bash("ls", "soap")]);
    await bench.ok("hooks", "send");
    await record(bench, [session.prompt("/memory:bad it is wet"), session.end()]);
    await bench.ok("hooks", "send");
    expect((await bench.ok("episode", "list", "--text", "wash the quoll")).json).toMatchObject({
      episodes: [{ status: "completed", outcome: { type: "failure", reason: "it is wet" } }],
    });
    expect((await bench.ok("hooks", "send")).json).toMatchObject({ created: 0, updated: 0 });
  },

  watch: triedWatch,
};
