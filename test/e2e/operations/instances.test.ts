import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storedSteps } from "../../support/service/database.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, { INSTANCE_COUNT: "1" });
  key = await service.key("grow");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, { key: ADMIN_TOKEN, ...(body === undefined ? {} : { body }) });
const topology = async (): Promise<{ count: number; previous: number | null }> =>
  (await admin("GET", "/admin/instances")).body.topology;
async function resize(count: number): Promise<void> {
  expect((await admin("PUT", "/admin/instances", { count })).status).toBe(200);
  await settled(count);
}
const settled = (count: number): Promise<void> =>
  until(`${count} instances have what is theirs`, async () => {
    const now = await topology();
    return now.count === count && now.previous === null;
  });

/** Writes to episodes of its own and checks after each write that it reads what it wrote. */
class Load {
  readonly steps = new Map<string, number>();
  readonly problems: string[] = [];
  readonly #running: Promise<void>[];
  readonly #name = crypto.randomUUID();
  #stop = false;

  constructor(writers: number) {
    this.#running = Array.from({ length: writers }, (_, writer) => this.#run(writer));
  }

  async end(): Promise<void> {
    this.#stop = true;
    await Promise.all(this.#running);
  }

  async #run(writer: number): Promise<void> {
    for (let round = 0; !this.#stop; round++) {
      const task = `move number ${writer} ${round} of ${this.#name}`;
      const started = await service.call("POST", "/v1/episodes", {
        key,
        body: { task },
        headers: { "Idempotency-Key": `${this.#name}-${writer}-${round}` },
      });
      if (!this.#is(started, 201, "start")) return;
      const id = String(started.body.id);
      const again = await service.call("POST", "/v1/episodes", {
        key,
        body: { task },
        headers: { "Idempotency-Key": `${this.#name}-${writer}-${round}` },
      });
      if (again.body?.id !== id)
        this.problems.push(`a repeated start made ${again.text} beside ${id}`);
      for (let n = 1; n <= 5; n++) {
        const body = { number: n, tool: `tool_${n}`, result: { type: "success" } };
        if (
          !this.#is(
            await service.call("POST", `/v1/episodes/${id}/steps`, { key, body }),
            201,
            "step",
          )
        )
          return;
        this.steps.set(id, n);
        const seen = await service.call("GET", `/v1/episodes/${id}`, { key });
        if (!this.#is(seen, 200, "get")) return;
        if (seen.body.steps.length !== n)
          this.problems.push(`${id} shows ${seen.body.steps.length} steps of ${n}`);
      }
      const listed = await service.call("GET", `/v1/episodes?text=${encodeURIComponent(task)}`, {
        key,
      });
      if (!listed.body?.episodes?.some((episode: { id: string }) => episode.id === id)) {
        this.problems.push(`${id} is not listed: ${listed.text.slice(0, 200)}`);
      }
      const body = { outcome: { type: "success" } };
      const ended = await service.call("POST", `/v1/episodes/${id}/complete`, { key, body });
      if (!this.#is(ended, 200, "complete")) return;
      const shown = await service.call("GET", `/v1/episodes/${id}`, { key });
      if (shown.body?.status !== "completed")
        this.problems.push(`${id} is ${shown.body?.status} after its completion`);
    }
  }

  #is(answer: Answer, status: number, what: string): boolean {
    if (answer.status === status) return true;
    this.problems.push(`${what}: ${answer.status} ${answer.text}`);
    return false;
  }
}

async function allStored(load: Load): Promise<void> {
  const expected = [...load.steps].flatMap(([id, count]) =>
    Array.from({ length: count }, (_, i) => `${id} ${i + 1}`),
  );
  const mine = async (): Promise<string[]> =>
    (await storedSteps(database.url)).filter((step) => load.steps.has(step.split(" ")[0] ?? ""));
  await until("everything is stored", async () => (await mine()).length >= expected.length, 60_000);
  expect((await mine()).sort()).toEqual(expected.sort());
}

describe("the number of instances", () => {
  it("changes from 1 to 4 to 2 under load: nothing is lost, nothing stale, at every read", async () => {
    const load = new Load(4);
    await until("there is load", () => load.steps.size >= 4);
    await resize(4);
    const before = load.steps.size;
    await until("it goes on", () => load.steps.size >= before + 4);
    await resize(2);
    const after = load.steps.size;
    await until("it goes on", () => load.steps.size >= after + 4);
    await load.end();
    expect(load.problems).toEqual([]);
    await allStored(load);
    const support = async (): Promise<number> => {
      const path = "/v1/patterns?kind=tool_sequence&limit=1";
      const { patterns } = (await service.call("GET", path, { key })).body;
      return patterns[0]?.support.episodes ?? 0;
    };
    await until("all was learned", async () => (await support()) >= load.steps.size);
    expect(await support()).toBe(load.steps.size);
  });

  it("grows again, and a key that was revoked while an instance was out of use is revoked there too", async () => {
    const revoked = await service.call("POST", "/admin/keys", {
      key: ADMIN_TOKEN,
      body: { name: "short-lived", scopes: ["read", "write"], namespaces: ["*"] },
    });
    const used = async (): Promise<number[]> => {
      const statuses = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          service.call("GET", `/v1/stats`, {
            key: String(revoked.body.key),
            headers: { "X-Memory-Namespace": `home-${i}` },
          }),
        ),
      );
      return [...new Set(statuses.map(({ status }) => status))];
    };
    await resize(4);
    expect(await used()).toEqual([200]);
    await resize(2);
    expect((await admin("DELETE", `/admin/keys/${revoked.body.id}`)).status).toBe(200);
    await resize(4);
    expect(await used()).toEqual([401]);
    await resize(2);
  });

  it("changes while the database is away, and what was unsent is where it is looked for", async () => {
    await database.kill();
    const load = new Load(2);
    await until("there is load", () => load.steps.size >= 4);
    await resize(3);
    const before = load.steps.size;
    await until("it goes on", () => load.steps.size >= before + 2);
    await load.end();
    expect(load.problems).toEqual([]);
    await database.start();
    await allStored(load);
  });

  it("follows INSTANCE_COUNT of a new deployment", async () => {
    await service.kill();
    await service.start({ INSTANCE_COUNT: "2" });
    const load = new Load(2);
    await until("there is load", () => load.steps.size >= 4);
    await settled(2);
    await load.end();
    expect(load.problems).toEqual([]);
    await allStored(load);
  });
});
