import { afterAll, beforeAll, expect, it } from "vitest";
import { MemoryClient, MemoryError, type RecordReport } from "../../../client/index.ts";
import { Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";

let database: Sqld;
let service: Service;
let memory: MemoryClient;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  memory = new MemoryClient({ url: service.url, key: await service.key("*"), namespace: "client" });
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

it("records an agent, and recalls what it did", async () => {
  const reports: RecordReport[] = [];
  const options = { onReport: (report: RecordReport): unknown => reports.push(report) };
  for (let run = 0; run < 2; run++) {
    await memory.record(
      { task: "tune the harpsichord", context: { domain: "music" } },
      async (recording) => {
        await recording.recall();
        await recording.tool("listen", { string: 1 }, () => ({ pitch: 439 }));
        for (let i = 0; i < 120; i++)
          recording.log({ tool: "turn", parameters: { i }, result: { type: "success" } });
      },
      options,
    );
  }
  expect(reports).toMatchObject([
    { logged: 121, dropped: 0, completed: true, errors: [] },
    { logged: 121, dropped: 0, completed: true, errors: [] },
  ]);
  const found = await memory.recall({ task: "tune a harpsichord" });
  expect(found.episodes.map(({ id }) => id)).toEqual(
    expect.arrayContaining(reports.map(({ episodeId }) => episodeId)),
  );
  const [first] = reports;
  const episode = await memory.episodes.get(String(first?.episodeId));
  expect(episode.steps.map(({ number }) => number)).toEqual(
    Array.from({ length: 121 }, (_, i) => i + 1),
  );
  expect(episode.steps[0]).toMatchObject({
    tool: "listen",
    result: { type: "success", output: '{"pitch":439}' },
  });
});

it("advises on the next step", async () => {
  await memory.record({ task: "varnish the violin" }, async (run) => {
    await run.tool("sand", {}, () => "smooth");
    await run.tool("varnish", {}, () => "glossy");
  });
  const recent_steps = [
    { tool: "sand", result: "success" as const, parameters: {}, message: "smooth" },
  ];
  const advice = await memory.advise({
    task: "varnish a viola",
    recent_steps,
    next_tool: "varnish",
  });
  expect(advice.next_tools[0]).toMatchObject({ tool: "varnish" });
  expect(advice.proposed).toMatchObject({ tool: "varnish", verdict: "usual" });
});

it("names at a failure the way out that earlier runs found, and is held to what it foretold", async () => {
  const namespace = "moments";
  const own = new MemoryClient({ url: service.url, key: await service.key("*"), namespace });
  const lines: (string | null)[] = [];
  const advised: (string | undefined)[] = [];
  for (let n = 0; n < 4; n++) {
    let isLocked = true;
    await own.record(
      { task: "cancel the reservation", context: { domain: "air" } },
      async (run) => {
        const cancel = () =>
          run.tool("cancel", { id: n }, () => {
            if (isLocked) throw new Error("SEAT_LOCKED: check-in holds the seat");
            return "cancelled";
          });
        await run.tool("look", { id: n }, () => "a seat");
        await cancel().catch(() => undefined);
        lines.push(await run.line());
        const advice = await run.advise({ next_tool: "release" });
        advised.push(advice?.recoveries[0]?.path[0]);
        await run.tool("release", { id: n }, () => (isLocked = false));
        await cancel();
      },
    );
  }
  expect(lines[0]).toBeNull();
  expect(advised[0]).toBeUndefined();
  expect(lines[3]).toBe("After this error `release` led on in 3 of 3.");
  expect(advised[3]).toBe("release");
  const { calibration } = await own.stats();
  expect(calibration.next_tools.forecasts).toBeGreaterThan(0);
});

it("keeps an agent going while nothing answers, and counts what is lost", async () => {
  const away = new MemoryClient({
    url: "http://127.0.0.1:9",
    key: "mk_nobody_000000000000",
    retries: 0,
  });
  const reports: RecordReport[] = [];
  const begun = performance.now();
  const value = await away.record(
    "t",
    async (run) => {
      expect([await run.line(), await run.advise()]).toEqual([null, null]);
      return run.tool("work", {}, () => 42);
    },
    { onReport: (one) => reports.push(one) },
  );
  // Not the 2 s that an answer may take: that there is none is known at once.
  expect(performance.now() - begun).toBeLessThan(1_500);
  expect(value).toBe(42);
  expect(reports).toMatchObject([{ episodeId: null, dropped: 1, completed: false }]);
});

it("streams lines in and out", async () => {
  const lines = function* (): Generator<object> {
    for (let i = 0; i < 60; i++)
      yield { type: "episode", task: `line ${i}`, status: "abandoned", steps: [{ tool: "x" }] };
    yield { type: "episode", task: "" };
  };
  const taken = await all(memory.import(lines(), { namespace: "lines" }));
  expect(taken.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 60 }, () => "created"),
    "error",
  ]);
  const out = await all(memory.export({ namespace: "lines" }));
  expect(out).toHaveLength(60);
  const again = await all(memory.import(out, { namespace: "lines" }));
  expect(new Set(again.map(({ status }) => status))).toEqual(new Set(["duplicate"]));
  const pages = await all(memory.episodes.each({ limit: 25 }, { namespace: "lines" }));
  expect(pages.map(({ task }) => task).sort()).toEqual(
    Array.from({ length: 60 }, (_, i) => `line ${i}`).sort(),
  );
});

it("says what the service says", async () => {
  const failed = await memory.episodes.start({ task: "" }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(MemoryError);
  expect(failed).toMatchObject({
    code: "validation_failed",
    status: 400,
    errors: [{ path: "task" }],
    attempts: 1,
  });
  const once = await memory.episodes.start({ task: "t" }, { idempotencyKey: "one" });
  expect((await memory.episodes.start({ task: "t" }, { idempotencyKey: "one" })).id).toBe(once.id);
  const stored = await memory.episodes.start({ task: "t" }, { waitStored: true });
  expect(stored.durability).toBe("stored");
  await expect(
    memory.episodes.amend(once.id, { tags: ["a"] }, { ifMatch: 99 }),
  ).rejects.toMatchObject({ status: 412 });
});
