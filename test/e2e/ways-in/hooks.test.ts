import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentEnv, ClaudeSession, installedCommand, play } from "../../hooks/played.ts";
import type { Payload, Played } from "../../hooks/played.ts";
import { Cli } from "../../support/processes/cli.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";
import { Service } from "../../support/service/service.ts";

let database: Sqld;
let service: Service;
beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

/** Calls of each session: with what begins and ends it, two sessions have over 250 events. */
const CALLS = 60;

/** What of a step is compared. */
interface Told {
  parameters: { command: string };
  result: { type: string } | null;
}

/** A fresh home with an agent in it, whose hooks go to a namespace of its own. */
class Home {
  readonly folder = mkdtempSync(join(tmpdir(), "memory-hooks-"));
  readonly namespace: string;
  readonly key: string;
  readonly cli: Cli;
  readonly env: Record<string, string>;

  private constructor(namespace: string, key: string) {
    this.namespace = namespace;
    this.key = key;
    const reach = { MEMORY_URL: service.url, MEMORY_KEY: key };
    this.env = agentEnv(this.folder, reach);
    this.cli = new Cli({ ...reach, HOME: this.folder });
  }

  static async of(namespace: string): Promise<Home> {
    return new Home(namespace, await service.key(namespace));
  }

  get settings(): string {
    return join(this.folder, ".claude/settings.json");
  }

  play(payload: Payload): Promise<Played> {
    return play(installedCommand(this.settings, payload.hook_event_name), payload, this.env);
  }

  async all(payloads: readonly Payload[]): Promise<Played[]> {
    const played: Played[] = [];
    for (const payload of payloads) played.push(await this.play(payload));
    return played;
  }

  // oxlint-disable-next-line typescript/no-explicit-any
  async episodes(): Promise<any[]> {
    const { body } = await service.call("GET", "/v1/episodes?limit=50", { key: this.key });
    return Promise.all(
      (body.episodes as { id: string }[]).map(
        async ({ id }) => (await service.call("GET", `/v1/episodes/${id}`, { key: this.key })).body,
      ),
    );
  }

  remove(): void {
    this.cli.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe("hooks of Claude Code", () => {
  it("record two sessions at once while the service is killed and comes back", async () => {
    const home = await Home.of("hooks-two");
    expect((await home.cli.run(["hooks", "install", "claude-code"])).exit).toBe(0);
    const [one, two] = [new ClaudeSession("one"), new ClaudeSession("two")];
    const first = [one.start(), one.prompt("make the tests pass")];
    const second = [two.start(), two.prompt("release the shop")];
    for (let i = 0; i < CALLS; i++) {
      const error = i === 3 ? "Exit code 1\nECONNREFUSED" : undefined;
      first.push(...one.bash(`cat src/${i}.ts`, `file ${i}`, error));
      second.push(...two.bash(`ls src/${i}`, `folder ${i}`));
    }
    first.push(...one.bash("npm test", "12 passed"), one.stop(), one.end());
    second.push(...two.bash("npm run build", "", "Exit code 2\nTS2322"), two.stop(), two.end());

    const third = Math.floor(first.length / 3);
    const played: Played[][] = [];
    const both = async (from: number, to?: number): Promise<void> => {
      const [ones, twos] = [first.slice(from, to), second.slice(from, to)];
      played.push(...(await Promise.all([home.all(ones), home.all(twos)])));
    };
    await both(0, third);
    await service.kill();
    await both(third, 2 * third);
    await service.start();
    await both(2 * third);
    expect(played.flat()).toHaveLength(first.length + second.length);

    for (const { exit, out } of played.flat()) expect([exit, out]).toEqual([0, ""]);
    await until(
      "both sessions are there",
      async () => {
        const episodes = await home.episodes();
        return episodes.length === 2 && episodes.every(({ outcome }) => outcome !== null);
      },
      60_000,
    );
    const [made, released] = (await home.episodes()).sort((a, b) => a.task.localeCompare(b.task));
    expect(made.task).toBe("make the tests pass");
    expect(made.steps.map(({ parameters }: Told) => parameters.command)).toEqual([
      ...Array.from({ length: CALLS }, (_, i) => `cat src/${i}.ts`),
      "npm test",
    ]);
    expect(made.steps.map(({ result }: Told) => result?.type ?? null)).toEqual(
      Array.from({ length: CALLS + 1 }, (_, i) => (i === 3 ? "error" : "success")),
    );
    expect(made.outcome).toMatchObject({ type: "success" });
    expect(made.metadata).toMatchObject({ outcome_rule: "check_passed", session: "one" });
    expect([released.task, released.steps.length]).toEqual(["release the shop", CALLS + 1]);
    expect(released.outcome).toMatchObject({ type: "failure" });
    await until("all is sent", async () => {
      const { spool } = (await home.cli.ok("hooks", "status")).json;
      expect(spool).toMatchObject([{ sessions: 2, refused: [], dropped: 0 }]);
      return spool[0].unsent === 0;
    });
    expect(await home.episodes()).toHaveLength(2);
    home.remove();
  });

  it("take a sub-agent for an episode of its own, and a person's word before all else", async () => {
    const home = await Home.of("hooks-agents");
    await home.cli.run(["hooks", "install", "claude-code"]);
    const session = new ClaudeSession("parent");
    const delegation = {
      tool_name: "Agent",
      tool_use_id: "toolu_errand",
      tool_input: { description: "Look", prompt: "find the slow query", subagent_type: "Explore" },
    };
    const agent = { agent_id: "a1", agent_type: "Explore" };
    await home.all([
      session.prompt("make the page fast"),
      session.event("PreToolUse", delegation),
      session.event("SubagentStart", agent),
      ...session.bash("grep -r SELECT src", "found", undefined, agent).map((payload) => ({
        ...payload,
        ...agent,
      })),
      session.event("SubagentStop", { ...agent, stop_hook_active: false }),
      session.event("PostToolUse", { ...delegation, tool_response: { content: "orders is slow" } }),
      ...session.bash("npm test", "", "Exit code 1"),
      session.stop(),
      session.prompt("/memory:good the test is flaky"),
    ]);
    await until("the verdict is there", async () => {
      const episodes = await home.episodes();
      return episodes.some(({ outcome }) => outcome?.type === "success");
    });
    const [found, made] = (await home.episodes()).sort((a, b) => a.task.localeCompare(b.task));
    expect([found.task, found.steps.length]).toEqual(["find the slow query", 1]);
    expect([made.task, made.steps.length]).toEqual(["make the page fast", 2]);
    expect(made.outcome).toMatchObject({ verdict: "the test is flaky" });
    expect(made.metadata).toMatchObject({ outcome_rule: "said", outcome_confidence: "1" });
    home.remove();
  });

  it("say the way out of an error that is known, and nothing of another", async () => {
    const home = await Home.of("hooks-advice");
    await home.cli.run(["hooks", "install", "claude-code"]);
    const failed = { type: "error", message: "ECONNREFUSED 127.0.0.1:5432" };
    const lines = Array.from({ length: 6 }, (_, i) => ({
      type: "episode",
      id: `advice-${i}`,
      task: `run the tests of part ${i}`,
      outcome: { type: "success" },
      steps: [
        { tool: "Bash", parameters: { command: "npm test" }, result: failed },
        { tool: "StartDatabase", parameters: {}, result: { type: "success", output: "up" } },
        { tool: "Bash", parameters: { command: "npm test" }, result: { type: "success" } },
      ],
    }));
    await service.import(home.key, lines);
    // Whether it is in time is another test's question.
    const patient = { ...home.env, MEMORY_HOOK_BUDGET_MS: "20000" };
    const say = async (payload: Payload): Promise<string> =>
      (await play(installedCommand(home.settings, payload.hook_event_name), payload, patient)).out;
    const session = new ClaudeSession("advised");
    const recalled = JSON.parse(await say(session.prompt("run the tests of part 99")));
    expect(recalled.hookSpecificOutput).toEqual({
      hookEventName: "UserPromptSubmit",
      additionalContext: expect.stringContaining("StartDatabase"),
    });
    const [before, after] = session.bash("npm test", "", "ECONNREFUSED 127.0.0.1:5432");
    if (!before || !after) throw new Error("a call has two events");
    expect(await say(before)).toBe("");
    const advised = JSON.parse(await say(after));
    expect(advised.hookSpecificOutput).toEqual({
      hookEventName: "PostToolUseFailure",
      additionalContext: expect.stringContaining("After this error `StartDatabase"),
    });
    const [, other] = session.bash("npm run lint", "", "Unexpected any in cart.ts");
    if (!other) throw new Error("a call has two events");
    expect(await say(other)).toBe("");
    home.remove();
  });
});

describe("hooks of Codex", () => {
  it("record a session, each call with what came of it", async () => {
    const home = await Home.of("hooks-codex");
    await home.cli.run(["hooks", "install", "codex"]);
    const file = join(home.folder, ".codex/hooks.json");
    const event = (hook_event_name: string, more: object = {}): Payload => ({
      session_id: "0199c3f2-7a10-7e12-9d1c-3f1b2a4c5d6e",
      turn_id: "turn-1",
      transcript_path: null,
      cwd: "/home/dev/shop",
      model: "gpt-5-codex",
      permission_mode: "default",
      hook_event_name,
      ...more,
    });
    const bash = (id: string, command: string, tool_response: unknown): Payload[] => {
      const call = { tool_name: "Bash", tool_use_id: id, tool_input: { command } };
      return [event("PreToolUse", call), event("PostToolUse", { ...call, tool_response })];
    };
    const payloads = [
      event("SessionStart", { source: "startup" }),
      event("UserPromptSubmit", { prompt: "mend the cart" }),
      ...bash("call_1", "cargo test", "Exit code: 101\nWall time: 2 seconds\nOutput:\nFAILED"),
      ...bash("call_2", "cargo test", "Exit code: 0\nWall time: 2 seconds\nOutput:\nok"),
      event("Stop", { stop_hook_active: false, last_assistant_message: "Mended." }),
    ];
    for (const payload of payloads) {
      const command = installedCommand(file, payload.hook_event_name);
      expect(await play(command, payload, home.env)).toMatchObject({ exit: 0, out: "" });
    }
    await until("the session is there", async () =>
      (await home.episodes()).some(({ outcome }) => outcome !== null),
    );
    const [episode, ...others] = await home.episodes();
    expect(others).toEqual([]);
    expect([episode.task, episode.outcome.type]).toEqual(["mend the cart", "success"]);
    expect(episode.steps.map(({ result }: Told) => result?.type)).toEqual(["error", "success"]);
    home.remove();
  });
});
