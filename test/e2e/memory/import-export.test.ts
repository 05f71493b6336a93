import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tauEpisodeLine, type TauEpisode } from "../../../bench/quality/tau.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";

const sample = readFileSync(
  join(import.meta.dirname, "../../fixtures/tau_retail_sample.jsonl"),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as TauEpisode);

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  key = await service.key("import");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

async function exported(): Promise<Map<string, unknown>> {
  const answer = await service.call("GET", "/v1/export", { key });
  const lines = answer.text
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  return new Map(
    lines
      .map((line) => JSON.parse(line) as { id?: string; recall_id: string })
      .map((line) => [line.id ?? line.recall_id, line]),
  );
}
const count = (lines: readonly { status: string }[], status: string): number =>
  lines.filter((line) => line.status === status).length;

describe("import and export", () => {
  it("take in real trajectories once, however often they are sent", async () => {
    const lines = sample.map(tauEpisodeLine);
    expect(count(await service.import(key, lines), "created")).toBe(sample.length);
    expect(count(await service.import(key, lines), "duplicate")).toBe(sample.length);
    const stats = (await service.call("GET", "/v1/stats", { key })).body;
    const crashed = sample.filter((row) => row.steps.length === 0).length;
    expect(stats.episodes).toMatchObject({
      total: sample.length,
      completed: sample.length - crashed,
      abandoned: crashed,
    });
  });

  it("gather evidence over many episodes, and recall successes and warnings with reasons", async () => {
    const patterns = (await service.call("GET", "/v1/patterns?min_support=10", { key })).body
      .patterns;
    expect(patterns.length).toBeGreaterThan(5);
    const body = {
      task: "exchange a delivered keyboard for another one",
      limit: 8,
      recent_steps: [{ tool: "find_user_id_by_name_zip", result: "success" }],
    };
    const recalled = (await service.call("POST", "/v1/recall", { key, body })).body;
    const warnings = recalled.episodes.filter((episode: { warning: boolean }) => episode.warning);
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThan(recalled.episodes.length);
    for (const episode of recalled.episodes)
      expect(episode.matched_terms.length).toBeGreaterThan(0);
    expect(recalled.playbook.steps.length).toBeGreaterThan(0);
    expect(recalled.next_tools[0].probability).toBeGreaterThan(0.2);
  });

  it("judge each episode alike in whichever order the lines come", async () => {
    const lines = sample.map(tauEpisodeLine);
    const judged = async (name: string, order: readonly unknown[]): Promise<unknown[]> => {
      const own = await service.key(name);
      await service.import(own, order);
      const { text } = await service.call("GET", "/v1/export", { key: own });
      const known = text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { id: string; reward: unknown; reflection: unknown });
      return known
        .map(({ id, reward, reflection }) => ({ id, reward, reflection }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    };
    expect(await judged("backward", lines.toReversed())).toEqual(await judged("forward", lines));
  });

  it("bring a namespace back to the same state", async () => {
    const [some] = sample.filter((row) => row.steps.length > 0);
    await service.call("POST", `/v1/episodes/${some?.id}/relationships`, {
      key,
      body: { type: "references", to: sample[1]?.id },
    });
    const {
      recall_id,
      episodes,
      patterns: shown,
    } = (await service.call("POST", "/v1/recall", { key, body: { task: "exchange a keyboard" } }))
      .body;
    const used = [episodes[0].id, shown[0].id];
    const word = { recall_id, used, helpful: true };
    expect((await service.call("POST", "/v1/feedback", { key, body: word })).body.counted).toBe(2);
    const before = await exported();
    expect(before.size).toBe(sample.length + 1);
    const patterns = (await service.call("GET", "/v1/patterns?limit=100", { key })).body;
    expect(count(await service.import(key, [...before.values()]), "duplicate")).toBe(
      sample.length + 1,
    );
    expect((await service.call("DELETE", "/v1/namespaces/import", { key })).status).toBe(200);
    expect((await exported()).size).toBe(0);
    expect(
      (await service.call("POST", "/v1/recall", { key, body: { task: "exchange a keyboard" } }))
        .body.episodes,
    ).toEqual([]);
    expect(count(await service.import(key, [...before.values()]), "created")).toBe(
      sample.length + 1,
    );
    expect(await exported()).toEqual(before);
    const support = (page: {
      patterns: { id: string; support: { episodes: number } }[];
    }): unknown => page.patterns.map((pattern) => [pattern.id, pattern.support.episodes]);
    expect(support((await service.call("GET", "/v1/patterns?limit=100", { key })).body)).toEqual(
      support(patterns),
    );
  });

  it("read transcripts of both shapes", async () => {
    const openai = {
      type: "transcript",
      messages: [
        { role: "user", content: "Where is my parcel?" },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "1", type: "function", function: { name: "track", arguments: '{"n":1}' } },
          ],
        },
        { role: "tool", tool_call_id: "1", content: "Error: unknown parcel" },
      ],
      outcome: { type: "failure", reason: "not found" },
    };
    const anthropic = {
      type: "transcript",
      messages: [
        { role: "user", content: [{ type: "text", text: "Where is my parcel?" }] },
        {
          role: "assistant",
          content: [
            { type: "text", text: "I look" },
            { type: "tool_use", id: "t", name: "track", input: { n: 1 } },
          ],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "in Lima" }] },
      ],
      outcome: { type: "success" },
    };
    const [first, second, third] = await service.import(key, [openai, anthropic, anthropic]);
    const read = async (id: string | undefined): Promise<unknown> =>
      (await service.call("GET", `/v1/episodes/${id}`, { key })).body;
    expect(await read(first?.id)).toMatchObject({
      task: "Where is my parcel?",
      steps: [{ tool: "track", result: { type: "error" }, parameters: { n: 1 } }],
    });
    expect(await read(second?.id)).toMatchObject({
      steps: [{ tool: "track", result: { type: "success", output: "in Lima" }, action: "I look" }],
    });
    expect(third?.id).not.toBe(second?.id);
    expect(
      (await service.import(key, [openai, anthropic, anthropic])).map((line) => line.status),
    ).toEqual(["duplicate", "duplicate", "duplicate"]);
  });

  it("answer each line, good or bad, in its order", async () => {
    const lines = [
      { type: "episode", task: "fine" },
      { type: "episode" },
      { type: "episode", task: "x", status: "done" },
      { type: "episode", task: "fine too" },
    ];
    const answers = await service.import(key, lines);
    expect(answers.map(({ line, status }) => [line, status])).toEqual([
      [1, "created"],
      [2, "error"],
      [3, "error"],
      [4, "created"],
    ]);
    expect(JSON.stringify(answers[1]?.error)).toContain("task");
  });

  it("bring an episode up to date that grew, sent at once and in any order, and refuse it otherwise", async () => {
    const fresh = await service.key("grown");
    const id = "0198a0a0-0000-8000-8000-000000000001";
    const session = (steps: number, more: object = {}): object => ({
      type: "episode",
      id,
      task: "fix the flaky login test",
      started_at: "2026-03-01T10:00:00.000Z",
      ended_at: `2026-03-01T10:00:${String(steps).padStart(2, "0")}.000Z`,
      steps: Array.from({ length: steps }, (_, i) => ({
        tool: i % 2 === 0 ? "read" : "edit",
        at: `2026-03-01T10:00:${String(i + 1).padStart(2, "0")}.000Z`,
        parameters: { i },
        result: { type: "success", output: "ok" },
      })),
      status: "abandoned",
      ...more,
    });
    expect(await service.import(fresh, [session(1)])).toMatchObject([{ status: "created" }]);
    expect(await service.import(fresh, [session(2)])).toMatchObject([
      { status: "error", error: { code: "conflict" } },
    ]);
    const counts = [7, 3, 12, 5, 9, 12, 1, 11];
    const answers = await Promise.all(
      [counts, counts.toReversed()].map((order) =>
        service.import(
          fresh,
          order.map((count) => session(count)),
          "?on_conflict=update",
        ),
      ),
    );
    expect(new Set(answers.flat().map(({ status }) => status))).toEqual(
      new Set(["updated", "duplicate"]),
    );
    const judged = session(12, { status: null, outcome: { type: "success", verdict: "green" } });
    expect(await service.import(fresh, [judged], "?on_conflict=update")).toMatchObject([
      { status: "updated", id },
    ]);
    expect(await service.import(fresh, [judged], "?on_conflict=update")).toMatchObject([
      { status: "duplicate" },
    ]);

    const { body } = await service.call("GET", `/v1/episodes/${id}`, { key: fresh });
    expect(body).toMatchObject({
      status: "completed",
      step_count: 12,
      ended_at: "2026-03-01T10:00:12.000Z",
    });
    expect(body.steps).toHaveLength(12);
    const { text } = await service.call("GET", "/v1/export", { key: fresh });
    expect(text.trim().split("\n")).toHaveLength(1);
    const refused = await service.call("POST", "/v1/import?on_conflict=never", {
      key: fresh,
      body: "{}",
      headers: { "Content-Type": "application/x-ndjson" },
    });
    expect(refused.status).toBe(400);
  });

  it.each([
    {
      bound: "a key may make few requests",
      settings: { rate_limit_per_second: 10, rate_limit_burst: 5 },
    },
    { bound: "few rows may wait for the database", settings: { outbox_max_rows: 2 } },
  ])("wait where $bound, instead of refusing lines", async ({ bound, settings }) => {
    const configure = async (changes: Record<string, number>): Promise<void> => {
      const answer = await service.call("PUT", "/admin/config", {
        key: ADMIN_TOKEN,
        body: { settings: changes },
      });
      expect(answer.status).toBe(200);
    };
    const refused = async (): Promise<number> => {
      const { text } = await service.call("GET", "/metrics", { key: ADMIN_TOKEN });
      const code = "outbox_max_rows" in settings ? "outbox_full" : "rate_limited";
      const lines = text
        .split("\n")
        .filter((line) => line.startsWith(`memory_refused_total{code="${code}"`));
      return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    };
    const known = (await service.call("GET", "/admin/config", { key: ADMIN_TOKEN })).body.settings;
    const before = await refused();
    await configure(settings);
    // No instance has leased requests of this key.
    const fresh = await service.key(`import-${Object.keys(settings)[0]}`);
    const lines = Array.from({ length: 20 }, (_, i) => ({
      type: "episode",
      task: `${bound}: ${i}`,
      steps: [],
    }));
    const answers = await service.import(fresh, lines);
    await configure(
      Object.fromEntries(Object.keys(settings).map((name) => [name, known[name].value])),
    );
    expect(answers.map(({ status, error }) => error ?? status)).toEqual(lines.map(() => "created"));
    // They did meet the bound.
    expect(await refused()).toBeGreaterThan(before);
  });
});
