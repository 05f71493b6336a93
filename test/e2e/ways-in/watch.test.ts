import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";
import { Service } from "../../support/service/service.ts";

const BIN = join(import.meta.dirname, "../../../cli/bin.js");

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

interface Seen {
  id: string;
  task: string;
  steps: { parameters: { command: string }; result: { type: string } | null }[];
}

/** A process that watches a folder, into a namespace of its own. */
class Watching {
  readonly folder = mkdtempSync(join(tmpdir(), "memory-watch-"));
  readonly key: string;
  readonly #child: ChildProcess;
  out = "";
  err = "";

  private constructor(key: string, from: string) {
    this.key = key;
    const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
    const env = {
      PATH,
      NODE_COMPILE_CACHE,
      HOME: this.folder,
      MEMORY_URL: service.url,
      MEMORY_KEY: key,
    };
    const args = [BIN, "watch", this.folder, "--from", from, "--every", "1"];
    this.#child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout?.on("data", (part: Buffer) => (this.out += part.toString()));
    this.#child.stderr?.on("data", (part: Buffer) => (this.err += part.toString()));
  }

  static async of(namespace: string, from: string): Promise<Watching> {
    return new Watching(await service.key(namespace), from);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  append(name: string, text: string): void {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, text);
  }

  async episodes(): Promise<Seen[]> {
    const list = await service.call("GET", "/v1/episodes?limit=50", { key: this.key });
    const found = (list.body.episodes as Seen[]).map(async ({ id }) => {
      const { body } = await service.call("GET", `/v1/episodes/${id}`, { key: this.key });
      return body as Seen;
    });
    return (await Promise.all(found)).sort((a, b) => a.task.localeCompare(b.task));
  }

  /** Waits until each session has so many steps with a result. */
  has(...steps: number[]): Promise<void> {
    const answered = ({ steps: made }: Seen): number =>
      made.filter(({ result }) => result !== null && result.type !== "unknown").length;
    return until(
      `sessions have ${String(steps)} steps; ${this.out}${this.err}`,
      async () => JSON.stringify((await this.episodes()).map(answered)) === JSON.stringify(steps),
      60_000,
    );
  }

  async end(): Promise<void> {
    const closed = once(this.#child, "close");
    this.#child.kill("SIGINT");
    await closed;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const at = (second: number): string => new Date(1_767_225_600_000 + second * 1_000).toISOString();

/** A line of a session of Claude Code. */
const claude = (sessionId: string, type: string, content: unknown, second: number): string =>
  `${JSON.stringify({ type, sessionId, timestamp: at(second), message: { role: type, content } })}\n`;
const claudeCall = (session: string, place: number): string =>
  claude(
    session,
    "assistant",
    [{ type: "tool_use", id: `t${place}`, name: "Bash", input: { command: `ls ${place}` } }],
    place,
  ) +
  claude(
    session,
    "user",
    [{ type: "tool_result", tool_use_id: `t${place}`, content: `done ${place}` }],
    place,
  );

/** A line of a session of Codex. */
const codex = (type: string, payload: object, second: number): string =>
  `${JSON.stringify({ timestamp: at(second), type, payload })}\n`;
const codexCall = (place: number): string =>
  codex(
    "response_item",
    {
      type: "function_call",
      name: "shell",
      call_id: `c${place}`,
      arguments: JSON.stringify({ command: `ls ${place}` }),
    },
    place,
  ) +
  codex(
    "response_item",
    {
      type: "function_call_output",
      call_id: `c${place}`,
      output: JSON.stringify({ output: "done", metadata: { exit_code: 0 } }),
    },
    place,
  );

describe("memory-cli watch", () => {
  it("takes in two sessions while their files grow and the service is killed and comes back", async () => {
    const watching = await Watching.of("watch-two", "claude-code");
    const [one, two] = ["-shop/one.jsonl", "-shop/two.jsonl"];
    watching.append(one, claude("one", "user", "a: make the tests pass", 0));
    watching.append(two, claude("two", "user", "b: release the shop", 0));
    const grow = (from: number, to: number): void => {
      for (let place = from; place < to; place++) {
        watching.append(one, claudeCall("one", place));
        watching.append(two, claudeCall("two", place));
      }
    };
    grow(1, 21);
    await watching.has(20, 20);
    // Half a line: it is read when the rest is there.
    const line = claudeCall("one", 21);
    watching.append(one, line.slice(0, 60));
    grow(21, 21);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    watching.append(one, line.slice(60));
    watching.append(two, claudeCall("two", 21));
    await watching.has(21, 21);

    await service.kill();
    grow(22, 41);
    await until("the watch has met the outage", () => /network|reach/i.test(watching.err));
    expect(watching.isRunning).toBe(true);
    grow(41, 61);
    await service.start();
    await watching.has(60, 60);
    for (const { steps } of await watching.episodes())
      expect(steps.map(({ parameters }) => parameters.command)).toEqual(
        Array.from({ length: 60 }, (_, i) => `ls ${i + 1}`),
      );
    await watching.end();
    expect(watching.isRunning).toBe(false);
  });

  it("takes in a session of Codex likewise", async () => {
    const watching = await Watching.of("watch-codex", "codex");
    const file =
      "2026/01/01/rollout-2026-01-01T00-00-00-0199c3f2-7a10-7e12-9d1c-3f1b2a4c5d6e.jsonl";
    const id = "0199c3f2-7a10-7e12-9d1c-3f1b2a4c5d6e";
    watching.append(file, codex("session_meta", { id, cwd: "/shop" }, 0));
    const asked = { type: "user_message", message: "mend the cart" };
    watching.append(file, codex("event_msg", asked, 0) + codexCall(1));
    await watching.has(1);
    for (let place = 2; place < 6; place++) watching.append(file, codexCall(place));
    await watching.has(5);
    const [episode, ...others] = await watching.episodes();
    expect(others).toEqual([]);
    expect(episode?.task).toBe("mend the cart");
    await watching.end();
  });

  it("reads a session of opencode, which is spread over files, as one", async () => {
    const watching = await Watching.of("watch-opencode", "opencode");
    const put = (name: string, value: object): void =>
      watching.append(`storage/${name}.json`, JSON.stringify(value));
    put("session/p/ses_1", { id: "ses_1", title: "Cart", time: { created: 1_767_225_600_000 } });
    const base = { sessionID: "ses_1", messageID: "msg_1" };
    put("message/ses_1/msg_1", {
      id: "msg_1",
      sessionID: "ses_1",
      role: "user",
      time: { created: 1 },
    });
    put("part/msg_1/prt_1", { id: "prt_1", ...base, type: "text", text: "mend the cart" });
    const answer = { sessionID: "ses_1", messageID: "msg_2" };
    put("message/ses_1/msg_2", {
      id: "msg_2",
      sessionID: "ses_1",
      role: "assistant",
      time: { created: 2 },
    });
    for (let place = 2; place < 5; place++) {
      put(`part/msg_2/prt_${place}`, {
        id: `prt_${place}`,
        ...answer,
        type: "tool",
        tool: "bash",
        callID: `c${place}`,
        state: { status: "completed", input: { command: `ls ${place}` }, output: "done" },
      });
      await watching.has(place - 1);
    }
    const [episode] = await watching.episodes();
    expect(episode?.task).toBe("mend the cart");
    await watching.end();
  });
});
