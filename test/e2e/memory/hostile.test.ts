import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/contract/limits.ts";
import { ROUTE_IDS, ROUTES as CONTRACTS, type RouteId } from "../../../src/contract/operations.ts";
import { HOSTILE_TEXTS, type HostileText } from "../../support/hostile-texts.ts";
import { Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";

/**
 * What a request may take, ms, the best of some tries; nearly all take a tenth. On a machine that is
 * busy it may take longer, but not so many times as long as with ordinary words at the same moment.
 */
const MS_MAX = 500;
const TIMES_MAX = 4;
const TRIES = 3;
const ORDINARY: HostileText = {
  name: "ordinary words",
  of: (length) => "the quick brown fox jumps over lazy dogs ".repeat(length).slice(0, length),
};
const SHOWN = 5;
/**
 * Each route is tried with one of so many texts, another third each time; `npm run test:hostile`
 * tries it with all.
 */
const SHARE = process.env["HOSTILE_ALL"] === "1" ? 1 : 3;
const OFFSET = Number(process.env["HOSTILE_OFFSET"] ?? Date.now() % SHARE);

let database: Sqld;
let service: Service;
let key: string;
let episode: string;
let recallId: string;
let lessonId: string;
const taken: { ms: number; what: string }[] = [];

const post = (path: string, body: unknown, type?: string): Promise<Answer> =>
  service.call("POST", path, {
    key,
    body,
    ...(type === undefined ? {} : { headers: { "Content-Type": type } }),
  });
const get = (path: string): Promise<Answer> => service.call("GET", path, { key });
const metadata = (text: HostileText): Record<string, string> => ({ note: text.of(2_000) });
const steps = (text: HostileText, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    tool: `tool_${i % 9}`,
    action: text.of(2_000),
    parameters: { query: text.of(9_000) },
    result:
      i % 2 === 0
        ? { type: "success", output: text.of(10_000) }
        : { type: "error", message: text.of(10_000) },
    metadata: metadata(text),
  }));
const recent = (text: HostileText) =>
  Array.from({ length: 50 }, (_, i) => ({
    tool: `tool_${i % 9}`,
    result: "error",
    message: text.of(5_000),
    parameters: { query: text.of(1_500) },
  }));
const context = (text: HostileText) => ({
  domain: text.of(200),
  language: text.of(200),
  framework: text.of(200),
  tags: Array.from({ length: 50 }, (_, i) => `${i}${text.of(190)}`),
});

const lesson = (text: HostileText) => ({
  text: text.of(LIMITS.lesson_text_max),
  kind: "do",
  applies_to: {
    tools: [text.of(200)],
    domain: text.of(200),
    tags: [text.of(200)],
    task: text.of(LIMITS.lesson_text_max),
  },
});

/** A trace of its own: an agent, and calls of tools, with the text in every attribute and name. */
function traceOf(text: HostileText): unknown {
  const traceId = crypto.randomUUID().replaceAll("-", "");
  const attribute = (key: string, length: number) => ({
    key,
    value: { stringValue: text.of(length).toWellFormed() },
  });
  const span = (place: number, operation: string) => ({
    traceId,
    spanId: (place + 1).toString(16).padStart(16, "0"),
    ...(place === 0 ? {} : { parentSpanId: "0000000000000001" }),
    name: text.of(1_000).toWellFormed(),
    startTimeUnixNano: "1767225600000000000",
    endTimeUnixNano: "1767225601000000000",
    attributes: [
      { key: "gen_ai.operation.name", value: { stringValue: operation } },
      attribute("gen_ai.tool.name", 200),
      attribute("input.value", 10_000),
      attribute("gen_ai.tool.call.arguments", 9_000),
      attribute("gen_ai.tool.call.result", 10_000),
      attribute(text.of(200).toWellFormed(), 1_000),
    ],
    status: { code: 2, message: text.of(1_000).toWellFormed() },
  });
  const spans = [
    span(0, "invoke_agent"),
    ...Array.from({ length: 6 }, (_, place) => span(place + 1, "execute_tool")),
  ];
  const resource = { attributes: [attribute("service.name", 200)] };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
}

async function begun(task: string): Promise<string> {
  const { body } = await post("/v1/episodes", { task });
  return String(body.id);
}

/** An episode full of the text, and the request that ends it. */
async function ended(text: HostileText, how: "complete" | "fail"): Promise<() => Promise<Answer>> {
  const id = await begun(`unanswered ${text.of(9_000)}`);
  await post(`/v1/episodes/${id}/steps`, { steps: steps(text, 6) });
  const said = text.of(10_000);
  const outcome = {
    type: "partial_success",
    verdict: said,
    completed: Array(20).fill(said),
    failed: [said],
  };
  if (how === "complete") return () => post(`/v1/episodes/${id}/complete`, { outcome });
  return () => post(`/v1/episodes/${id}/fail`, { reason: said, details: said });
}

const rpc = (name: string, args: object) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name, arguments: args },
});

/**
 * Every route that takes text, with the text in each of its fields. What needs an episode of its
 * own makes it first.
 */
const ROUTES: Readonly<
  Record<string, (text: HostileText) => Promise<() => Promise<Answer>> | (() => Promise<Answer>)>
> = {
  start: (text) => () =>
    post("/v1/episodes", {
      task: text.of(10_000),
      context: context(text),
      metadata: metadata(text),
    }),
  amend: (text) => () =>
    service.call("PATCH", `/v1/episodes/${episode}`, {
      key,
      body: { task: text.of(10_000), context: context(text), metadata: metadata(text) },
    }),
  steps: (text) => async () =>
    post(`/v1/episodes/${await begun("t")}/steps`, { steps: steps(text, 6) }),
  complete: (text) => ended(text, "complete"),
  fail: (text) => ended(text, "fail"),
  checkpoint: (text) => async () =>
    post(`/v1/episodes/${await begun("t")}/checkpoints`, {
      reason: text.of(10_000),
      note: text.of(10_000),
      state: { text: text.of(2_000) },
    }),
  tags: (text) => async () =>
    post(`/v1/episodes/${await begun("t")}/tags`, { tags: [text.of(200)] }),
  "rename a tag": (text) => () => post("/v1/tags/rename", { from: text.of(200), to: text.of(199) }),
  "save a filter": (text) => () =>
    service.call("PUT", "/v1/filters/hostile", {
      key,
      body: { text: text.of(1_500), tags: [text.of(200)], domain: text.of(200) },
    }),
  "archive by a filter": (text) => () =>
    post("/v1/episodes/archive", {
      filter: { text: text.of(1_500), tags: [text.of(200)], domain: text.of(200) },
    }),
  "bring back by a filter": (text) => () =>
    post("/v1/episodes/unarchive", { filter: { tag: text.of(200), language: text.of(200) } }),
  "several episodes": (text) => () => post("/v1/episodes/get", { ids: [text.of(200), episode] }),
  relationship: (text) => async () => {
    const [from, to] = [await begun("t"), await begun("t")];
    return post(`/v1/episodes/${from}/relationships`, {
      type: "related_to",
      to,
      reason: text.of(10_000),
    });
  },
  recall: (text) => () =>
    post("/v1/recall", {
      task: text.of(10_000),
      context: context(text),
      recent_steps: recent(text),
      limit: 50,
    }),
  advise: (text) => () =>
    post("/v1/advise", {
      task: text.of(10_000),
      context: context(text),
      recent_steps: recent(text),
      next_tool: text.of(200),
      error: text.of(10_000),
    }),
  lesson: (text) => () => post("/v1/lessons", { ...lesson(text), source: text.of(200) }),
  "amend lesson": (text) => () =>
    service.call("PATCH", `/v1/lessons/${lessonId}`, { key, body: lesson(text) }),
  lessons: (text) => () =>
    get(`/v1/lessons?q=${encodeURIComponent(text.of(1_500).toWellFormed())}`),
  curate: (text) => () =>
    post("/v1/curation", {
      kind: "lesson",
      id: lessonId,
      action: "edit",
      text: text.of(LIMITS.lesson_text_max),
      reason: text.of(LIMITS.lesson_text_max),
    }),
  spans: (text) => () => post("/v1/traces", traceOf(text)),
  playbook: (text) => () =>
    post("/v1/playbooks", { task: text.of(10_000), recent_steps: recent(text) }),
  search: (text) => () =>
    get(`/v1/search?limit=200&q=${encodeURIComponent(text.of(1_500).toWellFormed())}`),
  list: (text) => () =>
    get(`/v1/episodes?text=${encodeURIComponent(text.of(1_500).toWellFormed())}`),
  patterns: (text) => () =>
    get(`/v1/patterns?tool=${encodeURIComponent(text.of(200).toWellFormed())}`),
  feedback: (text) => () =>
    post("/v1/feedback", { recall_id: recallId, used: [text.of(200), "x"], helpful: true }),
  import: (text) => () =>
    post(
      "/v1/import",
      [
        {
          type: "episode",
          task: text.of(10_000),
          steps: steps(text, 6),
          outcome: { type: "success" },
        },
        {
          type: "transcript",
          task: text.of(9_000),
          messages: [
            { role: "user", content: text.of(100_000) },
            {
              role: "assistant",
              content: "",
              tool_calls: [
                {
                  id: "c",
                  function: { name: "tool", arguments: JSON.stringify({ a: text.of(9_000) }) },
                },
              ],
            },
            { role: "tool", tool_call_id: "c", content: text.of(100_000) },
          ],
        },
      ]
        .map((line) => JSON.stringify(line))
        .join("\n"),
      "application/x-ndjson",
    ),
  "mcp recall": (text) => () =>
    post("/mcp", rpc("memory_recall", { task: text.of(10_000), limit: 50 })),
  "mcp search": (text) => () =>
    post("/mcp", rpc("memory_search", { q: text.of(10_000), limit: 50 })),
  "mcp lesson": (text) => () => post("/mcp", rpc("memory_lesson", lesson(text))),
  "a name of a field": (text) => () => post("/v1/episodes", { [text.of(100_000)]: 1 }),
  "no JSON": (text) => () => post("/v1/episodes", text.of(100_000)),
};

/** Routes under which writes come in with a body, and what of `ROUTES` tries them. */
const TRIED_BY: Readonly<Partial<Record<RouteId, string>>> = {
  startEpisode: "start",
  amendEpisode: "amend",
  logSteps: "steps",
  completeEpisode: "complete",
  failEpisode: "fail",
  checkpointEpisode: "checkpoint",
  addTags: "tags",
  renameTag: "rename a tag",
  saveFilter: "save a filter",
  archiveEpisode: "no text",
  unarchiveEpisode: "no text",
  archiveEpisodes: "archive by a filter",
  unarchiveEpisodes: "bring back by a filter",
  getEpisodes: "several episodes",
  addRelationship: "relationship",
  recall: "recall",
  advise: "advise",
  playbook: "playbook",
  giveFeedback: "feedback",
  importEpisodes: "import",
  recordSpans: "spans",
  addLesson: "lesson",
  amendLesson: "amend lesson",
  curate: "curate",
  setReview: "no text",
  setNamespaceSettings: "no text",
};

async function fastest(text: HostileText, route: string): Promise<{ ms: number; status: number }> {
  let least = Infinity;
  let status = 0;
  for (let tries = 0; tries < TRIES && least > MS_MAX / 2; tries++) {
    const send = await ROUTES[route]?.(text);
    const from = performance.now();
    status = (await send?.())?.status ?? 0;
    least = Math.min(least, performance.now() - from);
  }
  taken.push({ ms: Math.round(least), what: `${route}: ${text.name}` });
  return { ms: least, status };
}

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, {
    INSTANCE_COUNT: "1",
    RATE_LIMIT_PER_SECOND: "10000",
  });
  key = await service.key("hostile");
  episode = await begun("t");
  const lines = HOSTILE_TEXTS.flatMap((text, i) => ({
    type: "episode",
    task: text.of(10_000),
    steps: steps(text, 6),
    outcome: i % 4 === 0 ? { type: "failure", reason: text.of(500) } : { type: "success" },
  }));
  await service.import(key, lines);
  recallId = (await post("/v1/recall", { task: "t" })).body.recall_id;
  lessonId = (await post("/v1/lessons", { text: "water it twice", kind: "do" })).body.id;
});
afterAll(async () => {
  taken.sort((a, b) => b.ms - a.ms);
  console.log(
    `${taken.length} requests (HOSTILE_OFFSET=${OFFSET}); the slowest:`,
    taken.slice(0, SHOWN),
  );
  await service.remove();
  await database.remove();
});

describe("a hundred hostile texts", () => {
  it("are tried on every route that takes a body", () => {
    const withBody = ROUTE_IDS.filter(
      (id) =>
        CONTRACTS[id].path.startsWith("/v1/") &&
        ["POST", "PUT", "PATCH"].includes(CONTRACTS[id].method),
    );
    expect(withBody.filter((id) => TRIED_BY[id] === undefined)).toEqual([]);
    const tried = Object.values(TRIED_BY).filter((name) => name !== "no text");
    expect(tried.filter((name) => ROUTES[name] === undefined)).toEqual([]);
  });

  it.each(Object.keys(ROUTES))(
    "cost no request its time, nor the service its mind: %s",
    async (route) => {
      const slow: string[] = [];
      const place = Object.keys(ROUTES).indexOf(route) + OFFSET;
      const mine = HOSTILE_TEXTS.filter((_, i) => (i + place) % SHARE === 0);
      expect(mine.length).toBeGreaterThan(30);
      for (const text of mine) {
        const { ms, status } = await fastest(text, route);
        const isSlow = ms > MS_MAX && ms > TIMES_MAX * (await fastest(ORDINARY, route)).ms;
        if (isSlow) slow.push(`${text.name}: ${Math.round(ms)} ms`);
        expect([200, 201, 400], `${route}: ${text.name}`).toContain(status);
      }
      expect(slow).toEqual([]);
    },
  );
});
