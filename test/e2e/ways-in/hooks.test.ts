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

/** Of a step, what is looked at. */
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
    for (let i = 0; i < 25; i++) {
      const error = i === 3 ? "Exit code 1\nECONNREFUSED" : undefined;
      first.push(...one.bash(`cat src/${i}.ts`, `file ${i}`, error));
      second.push(...two.bash(`ls src/${i}`, `folder ${i}`));
    }
    first.push(...one.bash("npm test", "12 passed"), one.stop(), one.end());
    second.push(...two.bash("npm run build", "", "Exit code 2\nTS2322"), two.stop(), two.end());

    const third = Math.floor(first.length / 3);
    const played = await Promise.all([
      home.all(first.slice(0, third)),
      home.all(second.slice(0, third)),
    ]);
    await service.kill();
    played.push(
      ...(await Promise.all([home.all(first.slice(third)), home.all(second.slice(third))])),
    );
    await service.start();

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
      ...Array.from({ length: 25 }, (_, i) => `cat src/${i}.ts`),
      "npm test",
    ]);
    expect(made.steps.map(({ result }: Told) => result?.type ?? null)).toEqual(
      Array.from({ length: 26 }, (_, i) => (i === 3 ? "error" : "success")),
    );
    expect(made.outcome).toMatchObject({ type: "success" });
    expect(made.metadata).toMatchObject({ outcome_rule: "check_passed", session: "one" });
    expect([released.task, released.steps.length]).toEqual(["release the shop", 26]);
    expect(released.outcome).toMatchObject({ type: "failure" });
    home.remove();
  });
});
