import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as example from "../../../src/contract/route.ts";
import {
  judgeOf,
  operationsOf,
  type Json,
  type Judge,
  type Operation,
} from "../../contract/document.ts";
import { brokenRequests, requests, type Broken, type Made } from "../../contract/requests.ts";
import { World } from "../../contract/world.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { rowsOf } from "../../support/service/database.ts";
import { Sqld } from "../../support/processes/sqld.ts";

/**
 * `npm run test:contract` makes 10,000; here each way to break a field once, and some that are
 * right for each route.
 */
const REQUESTS = Number(process.env["CONTRACT_REQUESTS"] ?? 1_000);
/** `npm run openapi:answers` writes the answers that the document shows. */
const UPDATE = process.env["UPDATE_ANSWERS"] === "1";
const SEED = Number(process.env["CONTRACT_SEED"] ?? Date.now() % 1_000_000);
const snapshot = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../docs/openapi.json"), "utf8"),
) as Json;
const operations = operationsOf(snapshot);

/** What can only be refused here: nothing is another deployment's. */
const REFUSED_HERE: ReadonlySet<string> = new Set(["POST /admin/deployment/takeover"]);
/** Requests that take long, or after which much must be put right: fewer of them. */
const COSTLY: Readonly<Record<string, number>> = {
  resizeFleet: 4,
  drain: 4,
  eraseNamespace: 8,
  syncStorage: 8,
  flushStorage: 8,
  setConfig: 20,
  createBackup: 20,
  runJob: 8,
  drillRestore: 20,
  rewrapBackups: 20,
  setMaintenance: 8,
  setDegraded: 8,
  openBreaker: 8,
  disableBreaker: 8,
  getReference: 2,
  getDocument: 2,
  exportEpisodes: 4,
};

let database: Sqld;
let service: Service;
let world: World;
let judge: Judge;

beforeAll(async () => {
  database = await Sqld.start();
  const unlimited = { RATE_LIMIT_PER_SECOND: "1000000", RATE_LIMIT_BURST: "1000000" };
  service = await Service.start(database.url, unlimited, { hasOAuth: true });
  world = await World.build(service);
  judge = judgeOf(snapshot);
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

function send(operation: Operation, made: Made, key?: string): Promise<Answer> {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(made.path[name])),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(made.query))
    if (value !== undefined)
      query.set(name, typeof value === "string" ? value : JSON.stringify(value));
  const line = operation.body?.type === "application/x-ndjson";
  return service.call(operation.method, `${path}${query.size > 0 ? `?${query.toString()}` : ""}`, {
    ...(key === undefined ? {} : { key }),
    ...(made.body === undefined ? {} : { body: JSON.stringify(made.body) }),
    headers: { ...(line ? { "Content-Type": "application/x-ndjson" } : {}), ...made.headers },
  });
}

/** Operations of which an operator may do more than a key: quotas are set by nobody else. */
const OPERATORS: readonly string[] = ["setNamespaceSettings"];

function keyFor({ id, scope }: Operation): string | undefined {
  if (scope === null) return undefined;
  return scope === "root" || OPERATORS.includes(id) ? ADMIN_TOKEN : world.key;
}

function judged(operation: Operation, { status, headers, text }: Answer): string | null {
  return judge(operation, { status, type: headers.get("Content-Type") ?? "", text });
}

/** What is wrong with the answer to a request that the document allows. */
function wrongOfValid(operation: Operation, answer: Answer): string | null {
  if (answer.status >= 500 || [400, 401, 403, 405, 413, 415, 429].includes(answer.status)) {
    return `answered ${answer.status}: ${answer.text}`;
  }
  return judged(operation, answer);
}

/** What is wrong with the answer to a request that the document forbids. */
function wrongOfBroken(operation: Operation, { field }: Broken, answer: Answer): string | null {
  const line = operation.body?.type === "application/x-ndjson" && answer.status === 200;
  if (!line && answer.status !== 400)
    return `answered ${answer.status} and not 400: ${answer.text.slice(0, 300)}`;
  const off = judged(operation, answer);
  if (off !== null) return off;
  const problem = (line ? JSON.parse(answer.text.trim()).error : answer.body) as {
    code: string;
    errors?: { path: string }[];
  };
  if (problem.code !== "validation_failed") return `said ${problem.code}: ${answer.text}`;
  const paths = (problem.errors ?? []).map((one) => one.path);
  return paths.includes(field)
    ? null
    : `names ${JSON.stringify(paths)} and not ${field}: ${answer.text.slice(0, 300)}`;
}

describe("the document", () => {
  it("is what the service serves", async () => {
    expect((await service.call("GET", "/openapi.json")).body).toEqual(snapshot);
  });

  it("is a page that needs nothing from anywhere", async () => {
    const page = await service.call("GET", "/docs");
    expect(page.headers.get("Content-Security-Policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+';/,
    );
    expect(page.text).not.toMatch(/<script|src=|url\(|@import/);
    // What examples say is text, and asked of nobody.
    const rest = page.text.replaceAll(/<pre>[^]*?<\/pre>/g, "");
    expect(rest).not.toMatch(/https?:\/\//);
    for (const { id } of operations) expect(page.text).toContain(`id="${id}"`);
  });
});

describe("every example of the document", () => {
  const examples = operations.flatMap((operation) =>
    operation.body
      ? Object.entries(operation.body.examples).map(([name, { value }]) => ({
          operation,
          name,
          body: value,
        }))
      : [{ operation, name: "request", body: undefined }],
  );
  const actual: Record<string, string> = {};
  const answers: Record<string, unknown> = {};

  /** The answer as the document shows it: ids, times and secrets are those of the examples. */
  function shown(text: string): unknown {
    let masked = text;
    for (const [id, replacement] of Object.entries(actual))
      masked = masked.replaceAll(replacement, id);
    const ids = new Map<string, string>();
    masked = masked
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
        if (Object.values(example).some((value) => value === id)) return id;
        const known =
          ids.get(id) ?? `0197a1b2-c3d4-7e5f-8a6b-${String(ids.size + 1).padStart(12, "0")}`;
        ids.set(id, known);
        return known;
      })
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2026-01-31T12:00:00.000Z")
      .replaceAll(/mk_\w+/g, "mk_example")
      .replaceAll(/whsec_[\w+/=]+/g, "whsec_example");
    // Two of a kind show what a list is.
    return JSON.parse(masked.split("\n")[0] ?? "null", (_key, value: unknown) =>
      Array.isArray(value) ? value.slice(0, 2) : value,
    );
  }

  /** Puts real things where the examples' ids are. */
  function real<T>(value: T): T {
    let text = JSON.stringify(value) ?? "null";
    for (const [id, replacement] of Object.entries(actual)) text = text.replaceAll(id, replacement);
    return value === undefined ? value : (JSON.parse(text) as T);
  }

  /** The database is another deployment's. */
  async function giveAway(deployment: string): Promise<void> {
    await rowsOf(database.url, `UPDATE _owner SET deployment = '${deployment}'`);
  }

  async function setTheScene(operation: Operation): Promise<void> {
    const { key } = world;
    const at = "2026-01-01T00:00:00Z";
    for (const id of [example.EPISODE_ID, example.OTHER_EPISODE_ID])
      await service.call("DELETE", `/v1/episodes/${id}`, { key });
    const tied = { to: example.OTHER_EPISODE_ID, type: "related_to", created_at: at, reason: null };
    const saved = {
      id: example.CHECKPOINT_ID,
      at,
      step_number: 0,
      reason: "shift ends",
      note: null,
      state: null,
    };
    const common = {
      type: "episode",
      task: "Change the flight",
      context: { domain: "airline" },
      tags: ["support"],
    };
    const outcome = { type: "success", verdict: "changed" };
    const steps = [{ tool: "get_reservation_details", result: { type: "success" } }];
    const lines = [
      { ...common, id: example.OTHER_EPISODE_ID, steps, outcome },
      {
        ...common,
        id: example.EPISODE_ID,
        status: "in_progress",
        checkpoints: [saved],
        relationships: [tied],
      },
    ];
    for (const answer of await service.import(key, lines))
      expect(answer.status, JSON.stringify(answer)).not.toBe("error");
    const recalled = await service.call("POST", "/v1/recall", {
      key,
      body: { task: "change a flight" },
    });
    actual[example.RECALL_ID] = recalled.body.recall_id;
    const patterns = await service.call("GET", "/v1/patterns", { key });
    actual[example.PATTERN_ID] = patterns.body.patterns[0].id;
    const lesson = await service.call("POST", "/v1/lessons", {
      key,
      body: { text: "Ask for the fare class before you change a flight.", kind: "do" },
    });
    actual[example.LESSON_ID] = lesson.body.id;
    const made = await service.call("POST", "/admin/keys", {
      key: ADMIN_TOKEN,
      body: { name: "example", scopes: ["read"], namespaces: ["none"] },
    });
    actual[example.KEY_ID] = made.body.id;
    if (operation.id === "removeWebhook" || operation.id === "testWebhook") {
      const body = { url: "https://hooks.example.invalid/example" };
      const hook = await service.call("POST", "/admin/webhooks", { key: ADMIN_TOKEN, body });
      actual[example.WEBHOOK_ID] = hook.body.id;
    }
    if (operation.id === "listGrants" || operation.id === "revokeGrant")
      actual[example.GRANT_ID] = await world.granted();
    actual[example.BACKUP_ID] = world.backup;
    actual[example.JOB_ID] =
      operation.id === "cancelJob" ? await world.startJob("/admin/drills") : world.job;
  }

  it.each(examples)("works: $operation.name, $name", async ({ operation, body }) => {
    await setTheScene(operation);
    const given = (where: string): Json =>
      Object.fromEntries(
        operation.parameters
          .filter((one) => one.in === where && one.example !== undefined)
          .map((one) => [one.name, one.example]),
      );
    const made: Made = {
      path: real(given("path")),
      query: real(given("query")),
      headers: {},
      body: real(body),
    };
    if (operation.id === "takeOverDeployment") await giveAway(String((made.body as Json)["from"]));
    const answer = await send(operation, made, keyFor(operation));
    await world.restore(operation, made.path, made.body);
    expect(answer.status, answer.text).toBeLessThan(300);
    expect(judged(operation, answer)).toBeNull();
    if (operation.body?.type === "application/x-ndjson")
      expect(answer.text).not.toContain('"error"');
    const media = answer.headers.get("Content-Type") ?? "";
    if (operation.id !== "getDocument" && media.includes("json") && answer.text !== "")
      answers[operation.id] ??= shown(answer.text);
  });

  it.runIf(UPDATE)("is answered as the document shows from now on", () => {
    const file = join(import.meta.dirname, "../../../scripts/openapi/answers.json");
    writeFileSync(file, `${JSON.stringify(answers, null, 2)}\n`);
  });
});

describe("requests made from the document", () => {
  it("need the key that it says", async () => {
    for (const operation of operations.filter(({ scope }) => scope !== null)) {
      await world.prepare(operation);
      const [made] = fc.sample(requests(operation, world.hint(operation)), {
        numRuns: 1,
        seed: SEED,
      });
      if (!made) throw new Error("no sample");
      const without = await send(operation, made);
      expect([operation.name, without.status, judged(operation, without)]).toEqual([
        operation.name,
        401,
        null,
      ]);
      if (operation.scope === "read") continue;
      const reader = await send(operation, made, world.reader);
      expect([operation.name, reader.status, judged(operation, reader)]).toEqual([
        operation.name,
        403,
        null,
      ]);
    }
  });

  it(
    `get answers that it describes: ${REQUESTS} of them, seed ${SEED}`,
    async () => {
      console.log(`requests: ${REQUESTS}, seed: ${SEED} (CONTRACT_SEED=${SEED} repeats them)`);
      const failures: string[] = [];
      const counts = new Map<string, { valid: number; good: number; broken: number }>();
      let sent = 0;
      const attempt = async (
        operation: Operation,
        broken: Broken | null,
        seed: number,
      ): Promise<void> => {
        await world.prepare(operation);
        const [made] = fc.sample(requests(operation, world.hint(operation)), { numRuns: 1, seed });
        if (!made) throw new Error("no sample");
        const request = broken ? broken.change(made) : made;
        // A stream that nobody bounds is open for minutes.
        if (operation.id === "streamEvents") request.query["seconds"] ??= "0";
        const said = (): string =>
          `${operation.name} [${broken ? `${broken.field} ${broken.what}` : "valid"}]`;
        const answer = await send(operation, request, keyFor(operation)).catch((error: unknown) => {
          failures.push(
            `${said()} broke off: ${String(error)}\n    ${JSON.stringify(request).slice(0, 400)}`,
          );
          return null;
        });
        if (!answer) return;
        sent += 1;
        const wrong = broken
          ? wrongOfBroken(operation, broken, answer)
          : wrongOfValid(operation, answer);
        const count = counts.get(operation.name) ?? { valid: 0, good: 0, broken: 0 };
        counts.set(operation.name, count);
        if (broken) count.broken += 1;
        else count.valid += 1;
        if (!broken && answer.status < 300) {
          count.good += 1;
          await world.restore(operation, request.path, request.body);
        }
        if (wrong !== null) {
          failures.push(`${said()} ${wrong}\n    ${JSON.stringify(request).slice(0, 400)}`);
        }
      };
      const breaks = operations.flatMap((operation) =>
        brokenRequests(operation, world.hint(operation)).map((broken) => ({ operation, broken })),
      );
      console.log(`${breaks.length} ways to break a field of ${operations.length} routes`);
      // Each field of each route is broken once, whatever the number; then routes and ways take
      // turns.
      for (const [i, { operation, broken }] of breaks.entries())
        await attempt(operation, broken, SEED + i);
      for (let round = 0; sent < Math.max(REQUESTS, breaks.length + operations.length); round++) {
        for (const operation of operations) {
          if (round < (COSTLY[operation.id] ?? Infinity))
            await attempt(operation, null, SEED + round);
        }
        for (let i = 0; i < operations.length; i++) {
          const one = breaks[(round * operations.length + i) % breaks.length];
          if (one && round > 0) await attempt(one.operation, one.broken, SEED + sent);
        }
      }
      console.log(`${sent} requests, ${failures.length} answers against the document`);
      expect(failures.slice(0, 20).join("\n"), `${failures.length} failures`).toBe("");
      // That each route can succeed the examples show; here it is shown that the requests mean
      // something.
      for (const [name, { good, valid }] of counts) {
        if (valid >= 20 && !REFUSED_HERE.has(name))
          expect(good, `${name} never succeeded in ${valid} requests`).toBeGreaterThan(0);
      }
    },
    Math.max(300_000, REQUESTS * 200),
  );
});
