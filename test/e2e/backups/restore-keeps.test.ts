import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentOf } from "../../support/backups/ports.ts";
import { rowsOf } from "../../support/service/database.ts";
import { admin, run } from "../../support/service/jobs.ts";
import { Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let fresh: Sqld;
let service: Service;
let key: string;

beforeEach(async () => {
  [database, fresh] = [await Sqld.start(), await Sqld.start()];
  service = await Service.start(database.url, {
    BACKUP_KEY: "cd".repeat(32),
    RATE_LIMIT_PER_SECOND: "100000",
  });
  key = await service.key("b");
});
afterEach(async () => {
  await service.remove();
  await database.remove();
  await fresh.remove();
});

const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, { key, ...(body === undefined ? {} : { body }) });
const flush = (): Promise<void> =>
  until("everything is sent", async () => {
    const { instances } = (await admin(service, "POST", "/admin/storage/flush")).body;
    return instances.every((view: { outbox?: { rows: number } }) => view.outbox?.rows === 0);
  });

/** Ends an episode of three steps; some fail first and recover. */
async function episode(task: string, success = true): Promise<string> {
  const id = String(
    (await call("POST", "/v1/episodes", { task, context: { domain: "garden" } })).body.id,
  );
  const steps = [
    { tool: "measure", result: { type: "success", output: `${task} 😀` } },
    { tool: "saw", result: { type: "error", message: "the saw is stuck" } },
    { tool: "oil", result: { type: "success", output: "smooth" } },
    { tool: "saw", result: { type: "success", output: "cut" } },
  ];
  for (const step of steps)
    expect((await call("POST", `/v1/episodes/${id}/steps`, step)).status).toBe(201);
  const outcome = success
    ? { type: "success", verdict: "done" }
    : { type: "failure", reason: "it rained" };
  expect((await call("POST", `/v1/episodes/${id}/complete`, { outcome })).status).toBe(200);
  return id;
}

/**
 * Everything that a client sees of the namespace, but for what decays with time, in an order of its
 * own.
 */
async function seen(ids: readonly string[]) {
  const whole = await Promise.all(
    ids.map(async (id) => (await call("GET", `/v1/episodes/${id}`)).body),
  );
  const ties = await Promise.all(
    ids.map(async (id) => (await call("GET", `/v1/episodes/${id}/relationships`)).body),
  );
  const listed = (await call("GET", "/v1/episodes?limit=100")).body.episodes.map(
    (item: { id: string }) => item.id,
  );
  const recalled = (await call("POST", "/v1/recall", { task: "build a garden shed", limit: 20 }))
    .body;
  const { use, recalls: _recalls, ...stats } = (await call("GET", "/v1/stats")).body;
  const shown: string[] = recalled.episodes.map(({ id }: { id: string }) => id);
  const { served_by } = recalled;
  const { lessons } = (await call("GET", "/v1/lessons?state=all&limit=100")).body;
  const { items: decided } = (await call("GET", "/v1/curation?limit=100")).body;
  return {
    decided,
    lessons: lessons.map((lesson: Record<string, unknown>) => {
      const { id, text, state, wordings, superseded_by, curation } = lesson;
      const { said, used } = lesson["evidence"] as Record<string, number>;
      return { id, text, state, wordings, superseded_by, curation, said, used };
    }),
    whole,
    ties,
    listed: listed.toSorted(),
    recalled: shown.toSorted(),
    served_by,
    stats,
    used: use.episodes.used,
  };
}

/** What was learned, as the database shows it: whole numbers, which do not decay. */
async function evidence(url: string) {
  const { patterns = [], feedback = [] } = await contentOf(url);
  type Row = { type: string; value: string }[];
  const body = (text: string) =>
    JSON.parse((JSON.parse(text) as Row).at(-1)?.value ?? "") as Record<string, unknown>;
  return {
    patterns: patterns.map(body).map(({ id, buckets }) => ({ id, buckets })),
    feedback: feedback.map(body),
  };
}

/** Says a lesson; answers with its id. */
async function say(text: string, supersedes: string | null = null): Promise<string> {
  const said = await call("POST", "/v1/lessons", { text, kind: "do", supersedes });
  expect(said.status).toBe(201);
  return String(said.body.id);
}

async function decide(kind: string, id: string, action: string, text?: string): Promise<void> {
  const body = { kind, id, action, ...(text === undefined ? {} : { text }) };
  expect((await call("POST", "/v1/curation", body)).status).toBe(200);
}

/** Work of every kind, before the backup and after it. */
async function work() {
  const before = [await episode("build a garden shed"), await episode("paint the garden shed")];
  const doomed = await episode("dig a pond for the garden");
  const forgotten = await episode("lay a path in the garden");
  const lesson = await say("Oil the saw before you build a shed.");
  await flush();
  const { id: backup } = await run(service, "/admin/backups", { kind: "full" });

  const after = [
    await episode("roof the garden shed"),
    await episode("build a garden bench", false),
  ];
  for (let n = 0; n < 4; n++) after.push(await episode(`fence the garden, side ${n}`, n % 2 === 0));
  await call("DELETE", `/v1/episodes/${doomed}`);
  await call("DELETE", `/v1/episodes/${forgotten}`);
  const [first = "", second = ""] = [before[0], after[0]];
  const tied = await call("POST", `/v1/episodes/${second}/relationships`, {
    to: first,
    type: "follows",
    reason: "the same shed",
  });
  expect(tied.status).toBe(201);
  const recall = await call("POST", "/v1/recall", { task: "build a shed, oil the saw" });
  const { recall_id, episodes } = recall.body;
  const { patterns } = (await call("GET", "/v1/patterns")).body;
  const used = [...episodes.slice(0, 2).map(({ id }: { id: string }) => id), lesson];
  await decide("pattern", patterns[0].id, "ban");
  await say("Roofs are laid from below.", lesson);
  await decide("lesson", lesson, "edit", "Oil the saw first.");
  expect(
    (await call("POST", "/v1/feedback", { recall_id, used, helpful: true, rating: 1 })).status,
  ).toBe(200);
  const patched = await call("PATCH", `/v1/episodes/${first}`, {
    metadata: { amended: "after the backup" },
  });
  expect(patched.status).toBe(200);
  const running = String(
    (await call("POST", "/v1/episodes", { task: "water the garden" })).body.id,
  );
  await call("POST", `/v1/episodes/${running}/steps`, {
    tool: "hose",
    result: { type: "success", output: "wet" },
  });
  await flush();
  return { backup, kept: [...before, ...after, running], deleted: [doomed, forgotten] };
}

const settled = (): Promise<void> =>
  until("the namespace's home has loaded and learned all", async () => {
    const { body } = await call("POST", "/v1/recall", { task: "build a garden shed" });
    return body.completeness === 1;
  });

describe("a restore into a new database, the old one lost, the instances well", () => {
  it("keeps everything that was acknowledged after the backup, whole, listed, recalled, its evidence once", async () => {
    const { backup, kept, deleted } = await work();
    const [before, learned] = [await seen(kept), await evidence(database.url)];
    expect(before.listed).toHaveLength(kept.length);
    expect(before.stats.patterns.promoted).toBeGreaterThan(0);
    expect([before.decided, before.lessons]).toEqual([
      expect.arrayContaining([expect.objectContaining({ kind: "pattern", banned: true })]),
      expect.arrayContaining([expect.objectContaining({ state: "superseded", used: 1, said: 1 })]),
    ]);
    expect(learned.patterns.length).toBeGreaterThan(0);

    await service.kill();
    await service.start({}, fresh.url);
    const result = await run(service, `/admin/backups/${backup}/restore`, {});
    expect(result.held.episodes).toBeGreaterThanOrEqual(7);
    await flush();
    await settled();
    expect(await seen(kept)).toEqual(before);
    await flush();
    expect(await evidence(fresh.url)).toEqual(learned);
    for (const id of deleted) expect((await call("GET", `/v1/episodes/${id}`)).status).toBe(404);

    // The new database has it all: nothing of it hangs on the instances any more.
    const stored = await rowsOf(fresh.url, "SELECT id FROM episodes ORDER BY id");
    expect(stored.map((row) => row["id"])).toEqual(kept.toSorted());
    const [steps] = await rowsOf(fresh.url, "SELECT count(*) AS n FROM steps");
    expect(steps?.["n"]).toBe(8 * 4 + 1);
    await admin(service, "POST", "/admin/storage/sync", { namespace: "*" });
    await settled();
    expect(await seen(kept)).toEqual(before);
    // The Coordinator sends the keys that are in force by its own outbox, in its alarm.
    await until(
      "the keys are sent again",
      async () => (await rowsOf(fresh.url, "SELECT id FROM api_keys")).length === 1,
    );
  });

  it("with replace is as the backup, and the snapshot that it took first brings the rest back", async () => {
    const { backup, kept, deleted } = await work();
    const [before, learned] = [await seen(kept), await evidence(database.url)];
    await service.kill();
    await service.start({}, fresh.url);

    const replaced = await run(service, `/admin/backups/${backup}/restore`, { mode: "replace" });
    expect(replaced).toMatchObject({ mode: "replace", held: null, snapshot: expect.any(String) });
    await settled();
    await flush();
    const { episodes: items } = (await call("GET", "/v1/episodes?limit=100")).body;
    expect(items).toHaveLength(2);
    const question = { task: "build a garden shed", limit: 20 };
    const learnedNow = (await call("POST", "/v1/recall", question)).body.episodes;
    expect(learnedNow.map(({ id }: { id: string }) => id).toSorted()).toEqual(
      kept.slice(0, 2).toSorted(),
    );

    const back = await run(service, `/admin/backups/${replaced.snapshot}/restore`, {});
    expect(back.authentic).toBe(true);
    await flush();
    await settled();
    // What was a heuristic went with the rest, and may take more to become one again: its evidence
    // is the same.
    const { stats, ...others } = await seen(kept);
    const { promoted: _now, ...patterns } = stats.patterns;
    const { promoted: _then, ...known } = before.stats.patterns;
    expect({ ...others, stats: { ...stats, patterns } }).toEqual({
      ...before,
      stats: { ...before.stats, patterns: known },
    });
    await flush();
    expect(await evidence(fresh.url)).toEqual(learned);
    for (const id of deleted) expect((await call("GET", `/v1/episodes/${id}`)).status).toBe(404);
  });
});
