import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveTarget } from "../../cli/profile.ts";
import { budgetOf } from "../../cli/hooks/budget.ts";
import { hook } from "../../cli/hooks/hook.ts";
import { Spool } from "../../cli/hooks/spool.ts";
import { ClaudeSession, type Payload } from "./played.ts";

/** No machine is so slow that a question has no time left in it. */
const BUDGET_MS = "600000";

let home: string;
let url: string;
let service: Server;
/** What the service answers to everything. */
let answer: { status: number; body: string };
let session: ClaudeSession;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "memory-silence-"));
  answer = { status: 200, body: "{}" };
  service = createServer((_, response) => {
    response.writeHead(answer.status).end(answer.body);
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  session = new ClaudeSession("silent");
});
afterEach(() => {
  service.close();
  rmSync(home, { recursive: true, force: true });
});

/** What a person reads who wonders why the agent was told nothing. */
async function told(payload: Payload | string, more: Record<string, string> = {}): Promise<string> {
  const { MEMORY_HOOK_AGENT: agent = "claude-code", ...changed } = more;
  const env = {
    MEMORY_URL: url,
    MEMORY_KEY: "mk_1",
    MEMORY_HOOK_DEBUG: "1",
    MEMORY_HOOK_BUDGET_MS: BUDGET_MS,
    XDG_CONFIG_HOME: home,
    XDG_STATE_HOME: home,
    ...changed,
  };
  // Nothing is sent: no process outlives the test.
  Spool.of(resolveTarget({}, env), env).stamp("sending", Date.now());
  const stderr = new PassThrough({ encoding: "utf8" });
  const input = typeof payload === "string" ? payload : JSON.stringify(payload);
  const said = await hook(["--agent", agent], { env, stderr }, () => Promise.resolve(input));
  expect(said).toBeNull();
  return String(stderr.read() ?? "");
}
const recorded = (why: string): string => `memory-cli hook: recorded; ${why}\n`;

describe("the budget of a hook", () => {
  it.each([
    [undefined, 150],
    ["", 150],
    ["soon", 150],
    ["0", 150],
    ["-5", 150],
    ["400", 400],
    ["1e9", 600_000],
    ["Infinity", 600_000],
  ])("of %s is %i ms", (value, ms) => {
    expect(budgetOf({ MEMORY_HOOK_BUDGET_MS: value })).toBe(ms);
  });
});

describe("a hook that says nothing says why where it is asked to", () => {
  const [call, failure] = new ClaudeSession("silent").bash("npm test", "", "npm error") as [
    Payload,
    Payload,
  ];

  it("and only there", async () => {
    expect(await told(call, { MEMORY_HOOK_DEBUG: "" })).toBe("");
  });

  it("when the session has no task, or has had its recall", async () => {
    expect(await told(call)).toBe(recorded("the session has no prompt, so no task"));
    answer.body = "Nothing is known of such a task.\n";
    const first = await told(session.prompt("Fix the tests"));
    expect(first).toBe(recorded("Nothing is known of such a task."));
    expect(await told(session.prompt("Go on"))).toBe(
      recorded("a recall is made at the first prompt of a session only"),
    );
  });

  it("when the service has nothing to say, or refuses", async () => {
    await told(session.prompt("Fix the tests"));
    answer.body = "{}";
    const nothing = recorded("the memory knows nothing about it that stands out");
    expect(await told(call)).toBe(nothing);
    expect(await told(failure)).toBe(nothing);
    answer.status = 401;
    expect(await told(failure)).toBe(recorded("the service answered 401"));
    expect(await told({ ...failure, is_interrupt: true })).toBe(recorded("nothing failed"));
  });

  it("when nothing was asked: no key, no time, an agent that does not listen", async () => {
    await told(session.prompt("Fix the tests"));
    expect(await told(call, { MEMORY_KEY: "" })).toBe(recorded(`there is no key for ${url}`));
    expect(await told(call, { MEMORY_HOOK_BUDGET_MS: "1" })).toBe(
      recorded("too little is left of 1 ms to ask in (MEMORY_HOOK_BUDGET_MS)"),
    );
    const stop = session.stop();
    expect(await told(stop)).toBe(recorded("claude-code hears nothing at this moment"));
  });

  it("when the answer is too late, which is counted with the questions that were in time", async () => {
    const spool = Spool.of(resolveTarget({}, { MEMORY_URL: url, MEMORY_KEY: "mk_1" }), {
      XDG_STATE_HOME: home,
    });
    await told(session.prompt("Fix the tests"));
    await told({ ...failure, is_interrupt: true });
    expect(spool.asks()).toEqual({ asked: 2, late: 0 });
    await told(call, { MEMORY_HOOK_BUDGET_MS: "1" });
    expect(spool.asks()).toEqual({ asked: 3, late: 1 });
    service.removeAllListeners("request");
    const budget = Math.ceil(performance.now()) + 200;
    expect(await told(call, { MEMORY_HOOK_BUDGET_MS: String(budget) })).toMatch(
      /the service did not answer within \d+ ms|too little is left/,
    );
    expect(spool.asks()).toEqual({ asked: 4, late: 2 });
    // Nothing that is left alone is asked, and nothing to say at this moment is no question.
    await told(session.stop());
    spool.stamp("away", Date.now());
    await told(call);
    expect(spool.asks()).toEqual({ asked: 4, late: 2 });
  });

  it("when the service is away, and while it is left alone", async () => {
    service.close();
    const [first, second] = [await told(session.prompt("Fix the tests")), await told(failure)];
    expect(first).toContain(`recorded; ${url} cannot be reached: Error: connect ECONNREFUSED`);
    expect(second).toBe(recorded(`${url} could not be reached, and is left alone for 30 s`));
  });

  it("when there was no room for it, and leaves the service alone for no such reason", async () => {
    const env = { MEMORY_URL: url, MEMORY_KEY: "mk_1", XDG_STATE_HOME: home };
    const spool = Spool.of(resolveTarget({}, env), env);
    writeFileSync(join(spool.folder, "full"), "");
    const why = await told(session.prompt("Fix the tests"));
    expect(why).toContain(`not recorded, ${spool.folder} has no room for it; `);
    expect(why).toContain("the session so far cannot be read: Error: ENOENT");
    expect(spool.stampedAt("away")).toBe(0);
    expect(spool.dropped()).toBeGreaterThan(0);
  });

  it("when what it is handed is none of an agent's", async () => {
    expect(await told("no JSON")).toMatch(/^memory-cli hook: SyntaxError/);
    expect(await told("{}")).toBe("memory-cli hook: nothing of it is recorded\n");
    expect(await told(call, { MEMORY_HOOK_AGENT: "emacs" })).toBe(
      "memory-cli hook: --agent must be one of claude-code, codex, cursor, opencode\n",
    );
  });
});
