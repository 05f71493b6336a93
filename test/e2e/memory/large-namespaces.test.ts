import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { homeOf } from "../../../src/memory/rendezvous.ts";
import { largeEpisode } from "../../support/episodes.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, {
    INSTANCE_COUNT: "2",
    RATE_LIMIT_PER_SECOND: "100000",
    RATE_LIMIT_BURST: "100000",
  });
  key = await service.key("*");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, { key: ADMIN_TOKEN, ...(body === undefined ? {} : { body }) });
const ask = (namespace: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, {
    key,
    headers: { "X-Memory-Namespace": namespace },
    ...(body === undefined ? {} : { body }),
  });

/** A namespace whose home is another one after the change from 2 to 3 instances. */
function moving(prefix: string): string {
  for (let n = 0; ; n++) {
    const name = `${prefix}${n}`;
    if (homeOf(`ns:${name}`, 2) !== 2 && homeOf(`ns:${name}`, 3) === 2) return name;
  }
}

async function resize(count: number): Promise<void> {
  expect((await admin("PUT", "/admin/instances", { count })).status).toBe(200);
  await until(`${count} instances have what is theirs`, async () => {
    const { topology } = (await admin("GET", "/admin/instances")).body as {
      topology: { count: number; previous: number | null };
    };
    return topology.count === count && topology.previous === null;
  });
}

async function load(namespace: string, episodes: readonly unknown[]): Promise<void> {
  const body = episodes.map((line) => JSON.stringify(line)).join("\n");
  const headers = { "X-Memory-Namespace": namespace, "Content-Type": "application/x-ndjson" };
  const answer = await service.call("POST", "/v1/import", { key, body, headers });
  const statuses = answer.text
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { status: string }).status);
  expect(statuses.filter((status) => status !== "created")).toEqual([]);
}

async function recalled(namespace: string): Promise<Answer> {
  return ask(namespace, "POST", "/v1/recall", { task: "repair the harbour crane number 7" });
}

/** All of it is in its home, and feedback is taken. */
async function isLoaded(namespace: string): Promise<boolean> {
  const answer = await recalled(namespace);
  if (answer.body?.completeness !== 1) return false;
  const body = { recall_id: answer.body.recall_id, used: [], helpful: true };
  return (await ask(namespace, "POST", "/v1/feedback", body)).status === 200;
}

const stats = async (namespace: string): Promise<unknown> =>
  counted((await ask(namespace, "GET", "/v1/stats")).body);

function counted({ episodes, steps, patterns }: Answer["body"]): unknown {
  return { episodes, steps, patterns };
}

interface Background {
  tasks: { pending: number };
  unpublished: { changes: number };
}

async function allStored(): Promise<void> {
  await until(
    "nothing is unsent",
    async () => {
      const { instances } = (await admin("POST", "/admin/storage/flush")).body as {
        instances: { outbox: { rows: number }; background: Background }[];
      };
      return instances.every(
        ({ outbox, background: { tasks, unpublished } }) =>
          outbox.rows + tasks.pending + unpublished.changes === 0,
      );
    },
    120_000,
  );
}

describe("a namespace of many large episodes", () => {
  const large = moving("large");
  const small = moving("zz-small");

  it("moves with the number of instances, is whole there, and keeps none that comes after it waiting", async () => {
    await load(
      large,
      Array.from({ length: 205 }, (_, i) => largeEpisode(i, 30, 1_000)),
    );
    await load(
      small,
      Array.from({ length: 3 }, (_, i) => largeEpisode(i, 2, 10)),
    );
    // Which patterns are heuristics is decided when all that the database had was read.
    for (const namespace of [large, small])
      await until("it is learned where it is", () => isLoaded(namespace), 60_000);
    await allStored();
    const before = [await stats(large), await stats(small)];
    await resize(3);
    await until("the small one is there", () => isLoaded(small));
    await until("the large one is there", () => isLoaded(large), 60_000);
    expect([await stats(large), await stats(small)]).toEqual(before);
    const ready = await service.call("GET", "/health/ready", { key: ADMIN_TOKEN });
    expect(
      ready.body.checks.find(({ name }: { name: string }) => name === "background").status,
    ).toBe("healthy");
  });

  it("is read from the database again by a sync, and by a service that has nothing else", async () => {
    const before = await stats(large);
    expect((await admin("POST", "/admin/storage/sync", { namespace: large })).status).toBe(202);
    await until("it is there again", () => isLoaded(large), 60_000);
    expect(await stats(large)).toEqual(before);
    await allStored();
    const other = await Service.start(database.url, { INSTANCE_COUNT: "2" });
    try {
      await other.takeOver();
      const own = await other.key(large);
      const asked = (): Promise<Answer> =>
        other.call("POST", "/v1/recall", {
          key: own,
          body: { task: "repair the harbour crane number 7" },
        });
      // It answers with what it has read so far.
      const first = (await asked()).body as { episodes: unknown[]; degraded: boolean };
      expect(first.degraded).toBe(false);
      expect(first.episodes.length).toBeGreaterThan(0);
      // Feedback is taken when all is read, and decided is what a heuristic is.
      const isThere = async (): Promise<boolean> => {
        const { completeness, recall_id } = (await asked()).body;
        if (completeness !== 1) return false;
        const body = { recall_id, used: [], helpful: true };
        return (await other.call("POST", "/v1/feedback", { key: own, body })).status === 200;
      };
      await until("it is loaded", isThere, 60_000);
      expect(counted((await other.call("GET", "/v1/stats", { key: own })).body)).toEqual(before);
    } finally {
      await other.remove();
      await service.takeOver();
    }
  });
});

describe("running episodes of some megabytes", () => {
  it.each([
    [1, 2],
    [9, 2],
  ])(
    "of %i MB move with the number of instances, and are written and deleted there",
    async (megabytes) => {
      await resize(2);
      await admin("PUT", "/admin/config", { settings: { step_output_max_bytes: 1_048_576 } });
      const namespace = "running";
      const ids: string[] = [];
      for (let n = 0; n < 6; n++) {
        const { id } = (await ask(namespace, "POST", "/v1/episodes", { task: `a large run ${n}` }))
          .body as {
          id: string;
        };
        for (let step = 0; step < megabytes; step++) {
          const steps = [
            { tool: "read", result: { type: "success", output: "x".repeat(1_000_000) } },
          ];
          expect((await ask(namespace, "POST", `/v1/episodes/${id}/steps`, { steps })).status).toBe(
            201,
          );
        }
        ids.push(id);
      }
      await resize(3);
      for (const id of ids) {
        const there = (await ask(namespace, "GET", `/v1/episodes/${id}`)).body as {
          steps: { result: { output: string } }[];
        };
        expect(there.steps.map(({ result }) => result.output.length)).toEqual(
          Array.from({ length: megabytes }, () => 1_000_000),
        );
        const more = { steps: [{ tool: "read", result: { type: "success", output: "more" } }] };
        expect((await ask(namespace, "POST", `/v1/episodes/${id}/steps`, more)).body).toMatchObject(
          {
            accepted: 1,
            last_number: megabytes + 1,
          },
        );
        expect((await ask(namespace, "DELETE", `/v1/episodes/${id}`)).status).toBe(204);
      }
      await admin("PUT", "/admin/config", { settings: { step_output_max_bytes: null } });
    },
  );
});

describe("lists and exports of large episodes", () => {
  it("are pages bounded in bytes, whole together, and no outage", async () => {
    const namespace = "artifacts";
    const outcome = {
      type: "success",
      verdict: "done",
      artifacts: Array.from({ length: 100 }, () => "x".repeat(9_900)),
    };
    await load(
      namespace,
      Array.from({ length: 14 }, (_, i) => ({
        type: "episode",
        task: `build ${i}`,
        outcome,
        steps: [],
      })),
    );
    for (const sent of [false, true]) {
      if (sent) await allStored();
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const query: string = cursor === null ? "" : `&cursor=${cursor}`;
        const page: Answer = await ask(namespace, "GET", `/v1/episodes?limit=50${query}`);
        expect(page.status).toBe(200);
        expect(page.body.degraded).toBe(false);
        expect(page.text.length).toBeLessThan(5_000_000);
        seen.push(...(page.body.episodes as { task: string }[]).map(({ task }) => task));
        cursor = page.body.next_cursor as string | null;
      } while (cursor !== null);
      expect(seen.sort()).toEqual(Array.from({ length: 14 }, (_, i) => `build ${i}`).sort());
    }
    const exported = await ask(namespace, "GET", "/v1/export");
    expect(exported.status).toBe(200);
    expect(exported.text.trim().split("\n")).toHaveLength(14);
  });

  it("hold episodes of nearly 9 MB each", async () => {
    const namespace = "giants";
    await admin("PUT", "/admin/config", { settings: { step_output_max_bytes: 1_048_576 } });
    const steps = Array.from({ length: 9 }, () => ({
      tool: "read",
      result: { type: "success", output: "y".repeat(980_000) },
    }));
    await load(
      namespace,
      Array.from({ length: 5 }, (_, i) => ({
        type: "episode",
        task: `giant ${i}`,
        outcome: { type: "success" },
        steps,
      })),
    );
    await allStored();
    const exported = await ask(namespace, "GET", "/v1/export");
    expect(exported.status).toBe(200);
    const lines = exported.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { task: string; steps: unknown[] });
    expect(lines.map(({ task }) => task).sort()).toEqual([0, 1, 2, 3, 4].map((i) => `giant ${i}`));
    expect(lines.map((line) => line.steps.length)).toEqual([9, 9, 9, 9, 9]);
    await admin("PUT", "/admin/config", { settings: { step_output_max_bytes: null } });
  });
});

describe("an episode at its bound", () => {
  const full = async (namespace: string): Promise<string> => {
    const { id } = (await ask(namespace, "POST", "/v1/episodes", { task: "fill it" })).body as {
      id: string;
    };
    await admin("PUT", "/admin/config", { settings: { step_output_max_bytes: 1_048_576 } });
    for (const size of [...Array.from({ length: 10 }, () => 1_000_000), 480_000]) {
      const steps = [{ tool: "read", result: { type: "success", output: "x".repeat(size) } }];
      expect((await ask(namespace, "POST", `/v1/episodes/${id}/steps`, { steps })).status).toBe(
        201,
      );
    }
    await admin("PUT", "/admin/config", { settings: { step_output_max_bytes: null } });
    return id;
  };

  it("takes nothing that it would be refused for later, and can be ended", async () => {
    const namespace = "bound";
    const id = await full(namespace);
    let refused = 0;
    for (let n = 0; n < 10; n++) {
      const body = { reason: "pause", state: { text: "s".repeat(16_000) } };
      const answer = await ask(namespace, "POST", `/v1/episodes/${id}/checkpoints`, body);
      if (answer.status === 422) {
        refused += 1;
        expect(answer.body).toMatchObject({ code: "limit_exceeded", errors: [{ path: "state" }] });
      } else expect(answer.status).toBe(201);
    }
    expect(refused).toBeGreaterThan(5);
    await service.kill();
    await service.start();
    expect(
      (await ask(namespace, "POST", `/v1/episodes/${id}/tags`, { tags: [] })).status,
    ).toBeLessThan(500);
    const ended = await ask(namespace, "POST", `/v1/episodes/${id}/complete`, {
      outcome: { type: "success" },
    });
    expect(ended.status).toBe(200);
    expect((await ask(namespace, "DELETE", `/v1/episodes/${id}`)).status).toBe(204);
  });
});

describe("an episode that teaches more than a digest holds", () => {
  it("is learned up to the bound, and says what is left out", async () => {
    const namespace = "distinct";
    const { id } = (await ask(namespace, "POST", "/v1/episodes", { task: "use every tool" }))
      .body as { id: string };
    for (let from = 0; from < 1_000; from += 100) {
      const steps = Array.from({ length: 100 }, (_, i) => ({
        tool: `${"漢".repeat(190)}${from + i}`,
      }));
      expect((await ask(namespace, "POST", `/v1/episodes/${id}/steps`, { steps })).status).toBe(
        201,
      );
    }
    const ended = await ask(namespace, "POST", `/v1/episodes/${id}/complete`, {
      outcome: { type: "success" },
    });
    expect(ended.body).toMatchObject({ learning: "done" });
    expect(ended.body.omitted.steps).toBeGreaterThan(100);
    const metrics = (await service.call("GET", "/metrics", { key: ADMIN_TOKEN })).text;
    expect(metrics).toMatch(/memory_digest_cut_total\{[^}]*what="steps"[^}]*\} [1-9]/);
    const recalled = await ask(namespace, "POST", "/v1/recall", { task: "use every tool" });
    expect(recalled.body.episodes.map((episode: { id: string }) => episode.id)).toEqual([id]);
  });
});
