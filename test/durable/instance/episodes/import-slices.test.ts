import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { tauEpisodeLine, type TauEpisode } from "../../../../bench/quality/tau.ts";
import type { Input } from "../../../../src/contract/operations.ts";
import type { EpisodeLine, SliceAnswer } from "../../../../src/contract/transfer/requests.ts";
import { episodeLine } from "../../../../src/contract/transfer/requests.ts";
import { NodeInstances } from "../../../support/instances.ts";

const SAMPLE = join(import.meta.dirname, "../../../fixtures/tau_retail_sample.jsonl");
const AT = "2026-01-01T00:00:00.000Z";

const lineOf = (given: object): EpisodeLine => {
  const { type: _type, ...line } = episodeLine.parse({ started_at: AT, ended_at: AT, ...given });
  return { ...line, id: line.id ?? "" };
};
const LINES = readFileSync(SAMPLE, "utf8")
  .trim()
  .split("\n")
  .slice(0, 60)
  .map((line) => lineOf(tauEpisodeLine(JSON.parse(line) as TauEpisode)));

type OnConflict = NonNullable<Input<"episodes.import">["on_conflict"]>;

/** As the Worker sends them: to each instance its own, in slices. */
async function inSlices(
  on: NodeInstances,
  lines: readonly EpisodeLine[],
  { size = 7, on_conflict = "refuse" as OnConflict } = {},
): Promise<SliceAnswer[]> {
  const answers: SliceAnswer[] = [];
  for (const [index, own] of Map.groupBy(lines, ({ id }) => on.homeOf(id)))
    for (let from = 0; from < own.length; from += size) {
      const episodes = own.slice(from, from + size).map((episode) => ({ id: episode.id, episode }));
      const { count, version } = on.control.topology;
      const call = { ...CALL, namespace: "n" };
      const input = { episodes, on_conflict };
      const { result } = await on
        .instance(index)
        .execute({ index, count, version }, "episodes.import", input, call);
      if (!result.ok) throw new Error(result.error.detail);
      answers.push(...result.value.answers);
    }
  return answers;
}

const CALL = {
  key_hash: null,
  root: true,
  namespace: null,
  request_id: "test",
  traceparent: null,
  idempotency: null,
  wait_stored: false,
  timeout_ms: null,
  forwarded: false,
};

/** One by one; what is refused is answered with its code. */
async function oneByOne(
  on: NodeInstances,
  lines: readonly EpisodeLine[],
  on_conflict: OnConflict = "refuse",
): Promise<string[]> {
  const statuses: string[] = [];
  for (const episode of lines) {
    const { result } = await on.call("episode.import", { id: episode.id, episode, on_conflict });
    statuses.push(result.ok ? result.value.status : result.error.code);
  }
  return statuses;
}

const statusOf = (answer: SliceAnswer): string =>
  answer.status === "refused" ? answer.error.code : answer.status;

/** Tables whose rows say when something was done, or count how it was. */
const NOT_COMPARED = /^(?:sqlite_|_|metric|meta$|outbox_batches)/;

/** Every row of an instance's own storage, and of the database. */
async function everything(on: NodeInstances, index = 0): Promise<Record<string, unknown[]>> {
  await on.ask(index, "flush", null);
  const rowsOf = (sql: { all: (text: string) => unknown[] }): [string, unknown[]][] =>
    (sql.all("SELECT name FROM sqlite_master WHERE type = 'table'") as { name: string }[])
      .filter(({ name }) => !NOT_COMPARED.test(name))
      .map(({ name }) => [name, sql.all(`SELECT * FROM "${name}"`)] as const)
      .map(([name, rows]) => [name, rows.map((row) => JSON.stringify(row)).sort()]);
  const own = rowsOf(on.local(index)).map(([name, rows]) => [`own ${name}`, rows] as const);
  return Object.fromEntries([...own, ...rowsOf(on.stored)]);
}

let cluster: NodeInstances;
beforeEach(() => {
  cluster = new NodeInstances(1);
});

describe("episodes that are imported together", () => {
  it("leave the very rows that they leave one by one, and are counted alike", async () => {
    const single = new NodeInstances(1);
    expect((await inSlices(cluster, LINES)).map(statusOf)).toEqual(await oneByOne(single, LINES));
    expect(await everything(cluster)).toEqual(await everything(single));
    for (const name of [
      "memory_episode_created_total",
      "memory_step_logged_total",
      "memory_episode_completed_total",
      "memory_pattern_extracted_total",
    ] as const)
      expect(await cluster.counted(0, name), name).toBe(await single.counted(0, name));
  });

  it("change no digit of what is answered, in whichever order and slices they come", async () => {
    const { task } = LINES[0] ?? { task: "" };
    const context = { domain: "retail", language: null, framework: null, tags: [] };
    const said = async (on: NodeInstances): Promise<unknown[]> => {
      await on.instance(0).alarm();
      const question = { task, context, recent_steps: [], next_tool: null, error: null };
      return [
        await on.do("patterns.list", { min_support: 0, limit: 100, cursor: null }),
        await on.do("search", { q: task, limit: 50, cursor: null }),
        (await on.do("advise", question as never)).next_tools,
      ];
    };
    // As many as a search looks at all of.
    const some = LINES.slice(0, 24);
    await oneByOne(cluster, some);
    const plain = await said(cluster);
    const all = { minLength: some.length, maxLength: some.length };
    const order = fc.shuffledSubarray(some, all);
    await fc.assert(
      fc.asyncProperty(order, fc.integer({ min: 2, max: 40 }), async (lines, size) => {
        const other = new NodeInstances(1);
        await inSlices(other, lines, { size });
        expect(await said(other)).toEqual(plain);
      }),
      { numRuns: 5 },
    );
  });

  it("are judged one by one: none of those that are refused holds back another", async () => {
    const large = { tool: "t", result: { type: "success", output: "x".repeat(60_000) } };
    const bad = [
      lineOf({
        type: "episode",
        id: "twice",
        task: "a",
        steps: [
          { tool: "t", number: 1 },
          { tool: "u", number: 1 },
        ],
      }),
      lineOf({
        type: "episode",
        id: "large",
        task: "a",
        steps: Array.from({ length: 200 }, () => large),
      }),
      lineOf({
        type: "episode",
        id: "long",
        task: "a",
        steps: [{ tool: "t", result: { type: "success", output: "x".repeat(900_000) } }],
      }),
    ];
    const [first, ...others] = LINES.slice(0, 12);
    if (!first) throw new Error("no line");
    const lines = [first, ...bad, first, { ...first, task: "else" }, ...others];
    const single = new NodeInstances(1);
    const answers = await inSlices(cluster, lines, { size: 30 });
    expect(answers.map(statusOf)).toEqual(await oneByOne(single, lines));
    expect(answers.map(statusOf).slice(0, 7)).toEqual([
      "created",
      "validation_failed",
      "limit_exceeded",
      "limit_exceeded",
      "duplicate",
      "conflict",
      "created",
    ]);
    expect(answers[1]).toMatchObject({ error: { path: "steps.1.number" } });
    expect(await everything(cluster)).toEqual(await everything(single));
  });

  it("follow their origin, where the import says so", async () => {
    const grown = LINES.slice(0, 9).map((line, i) => ({
      ...line,
      outcome:
        i % 2 === 0 ? ({ type: "failure", reason: "no", details: null } as const) : line.outcome,
    }));
    const single = new NodeInstances(1);
    for (const lines of [LINES.slice(0, 9), grown]) {
      const expected = await oneByOne(single, lines, "update");
      expect((await inSlices(cluster, lines, { on_conflict: "update" })).map(statusOf)).toEqual(
        expected,
      );
    }
    expect(await everything(cluster)).toEqual(await everything(single));
  });

  it("are taken in where an earlier one of their name was deleted, and the database has not heard", async () => {
    const lines = LINES.slice(0, 3);
    const single = new NodeInstances(1);
    for (const on of [cluster, single]) {
      await oneByOne(on, lines);
      await on.flush();
      for (const { id } of lines) await on.do("episode.delete", { id, if_match: null });
    }
    expect((await inSlices(cluster, lines)).map(statusOf)).toEqual([
      "created",
      "created",
      "created",
    ]);
    await oneByOne(single, lines);
    expect(await everything(cluster)).toEqual(await everything(single));
  });

  it("ask the database once for all, and find what only it has", async () => {
    await oneByOne(cluster, LINES.slice(0, 4));
    await cluster.flush();
    cluster.lose(0);
    let reads = 0;
    cluster.beforeDatabase = (operation) => {
      if (operation === "read") reads += 1;
    };
    const answers = await inSlices(cluster, LINES.slice(0, 30), { size: 30 });
    expect(answers.map(statusOf)).toEqual([
      ...Array.from({ length: 4 }, () => "duplicate"),
      ...Array.from({ length: 26 }, () => "created"),
    ]);
    // One for all, and two for each that is there.
    expect(reads).toBeLessThan(15);
  });

  it("are refused where only the database could say whether they are new; what is here is not", async () => {
    await oneByOne(cluster, LINES.slice(0, 2));
    await cluster.flush();
    cluster.beforeDatabase = () => {
      throw new Error("gone");
    };
    expect((await inSlices(cluster, LINES.slice(0, 4))).map(statusOf)).toEqual([
      "duplicate",
      "duplicate",
      "database_unavailable",
      "database_unavailable",
    ]);
    expect(await cluster.counted(0, "memory_refused_total")).toBe(2);
  });

  it("hold no secret, and each that does is refused by itself where secrets are", async () => {
    const secret = lineOf({
      type: "episode",
      id: "secret",
      task: "use the password hunter2-hunter2: password=hunter2-Hunter2!",
    });
    await inSlices(cluster, [secret, ...LINES.slice(0, 2)]);
    const { json } = await cluster.do("episode.get", { id: "secret" });
    expect(json).toContain("[REDACTED:");

    const strict = new NodeInstances(1, { redaction: "block" });
    const answers = await inSlices(strict, [secret, ...LINES.slice(0, 2)]);
    expect(answers.map(statusOf)).toEqual(["secret_found", "created", "created"]);
    expect(answers[0]).toMatchObject({ error: { path: "episode.task" } });
  });

  it("begin nothing while the service is under maintenance", async () => {
    const maintenance = { message: "A moment.", since: AT } as never;
    await cluster.change({ maintenance });
    expect((await inSlices(cluster, LINES.slice(0, 2))).map(statusOf)).toEqual([
      "maintenance",
      "maintenance",
    ]);
  });

  it("are taken in until as much waits for the database as may", async () => {
    const full = new NodeInstances(1, { outbox_max_rows: 40 });
    const statuses = (await inSlices(full, LINES.slice(0, 20), { size: 20 })).map(statusOf);
    const taken = statuses.indexOf("outbox_full");
    expect(taken).toBeGreaterThan(1);
    expect(statuses.slice(0, taken).every((status) => status === "created")).toBe(true);
    expect(statuses.slice(taken).every((status) => status === "outbox_full")).toBe(true);
    const steps = LINES.slice(0, taken - 1).reduce((sum, line) => sum + line.steps.length + 1, 0);
    expect(steps).toBeLessThan(40);
  });

  it("are left for their home where that is elsewhere, and learned where their namespace's is", async () => {
    const three = new NodeInstances(3);
    const strange = LINES.find(({ id }) => three.homeOf(id) !== 0);
    if (!strange) throw new Error("no line");
    const { count, version } = three.control.topology;
    const input = { episodes: [{ id: strange.id, episode: strange }] };
    const { result } = await three
      .instance(0)
      .execute({ index: 0, count, version }, "episodes.import", input, { ...CALL, namespace: "n" });
    expect(result).toMatchObject({ ok: true, value: { answers: [{ status: "left" }] } });

    const single = new NodeInstances(3);
    await inSlices(three, LINES);
    await oneByOne(single, LINES);
    const home = three.homeOf("ns:n");
    const patterns = { min_support: 0, limit: 100, cursor: null };
    for (const on of [three, single]) await on.instance(home).alarm();
    expect(await three.do("patterns.list", patterns)).toEqual(
      await single.do("patterns.list", patterns),
    );
    expect((await three.do("patterns.list", patterns)).items.length).toBeGreaterThan(50);
  });

  it("are as many as the key may send; the rest is not looked at", async () => {
    const limited = new NodeInstances(1, { rate_limit_burst: 5, rate_limit_per_second: 1 });
    const key = {
      id: "k",
      hash: "a".repeat(64),
      name: "k",
      scopes: ["read", "write"],
      namespaces: ["*"],
      default_namespace: "n",
      created_at: AT,
      expires_at: null,
      revoked_at: null,
    };
    limited.keys = [key as never];
    const { count, version } = limited.control.topology;
    const episodes = LINES.slice(0, 8).map((episode) => ({ id: episode.id, episode }));
    const call = { ...CALL, key_hash: key.hash, root: false, namespace: "n" };
    const place = { index: 0, count, version };
    const { result } = await limited
      .instance(0)
      .execute(place, "episodes.import", { episodes }, call);
    expect(result.ok && result.value.answers.map(statusOf)).toEqual(
      Array.from({ length: 5 }, () => "created"),
    );
    expect(await limited.counted(0, "memory_rate_limited_total")).toBe(3);
    const again = await limited.instance(0).execute(place, "episodes.import", { episodes }, call);
    expect(again.result).toMatchObject({ ok: false, error: { code: "rate_limited" } });
    expect(await limited.counted(0, "memory_rate_limited_total")).toBe(11);
  });
});
