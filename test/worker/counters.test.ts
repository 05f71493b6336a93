import { evictDurableObject, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, expect, it } from "vitest";
import type { Env } from "../../src/env.ts";
import { fallen, scraped, sumOf, type Scraped } from "../support/exposition.ts";

const bindings = env as unknown as Env;
const worker = exports as unknown as { default: { fetch(request: Request): Promise<Response> } };
const REQUESTS = 1_000;
const EVICTIONS = 20;
/** Requests at once. */
const ABREAST = 10;

afterEach(reset);

async function call(
  method: string,
  path: string,
  body?: unknown,
  key = bindings.ADMIN_TOKEN,
): Promise<Response> {
  return worker.default.fetch(
    new Request(`https://memory.test${path}`, {
      method,
      headers: {
        ...(key === "" ? {} : { Authorization: `Bearer ${key}` }),
        "Content-Type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}
async function scrape(): Promise<Scraped[]> {
  return scraped(await (await call("GET", "/metrics")).text());
}

/** What the client itself counted. */
class Tally {
  readonly requests = new Map<string, number>();
  readonly counters = new Map<string, number>();
  add(into: Map<string, number>, name: string, by = 1): void {
    into.set(name, (into.get(name) ?? 0) + by);
  }
}

/** Sends a request, and counts it by its route and its status. */
type Counted = (method: string, path: string, route: string, body?: unknown) => Promise<Response>;

/** The i-th of a mix of requests, good and bad, reads and writes. */
async function send(i: number, ids: string[], tally: Tally): Promise<void> {
  const counted: Counted = async (method, path, route, body) => {
    const answer = await call(method, path, body);
    tally.add(tally.requests, `${method} ${route} ${answer.status}`);
    return answer;
  };
  const id = ids[i % Math.max(1, ids.length)] ?? "";
  const kind = id === "" ? 0 : i % 10;
  if (kind <= 2) {
    const started = await counted("POST", "/v1/episodes", "/v1/episodes", { task: `task ${i}` });
    ids.push(((await started.json()) as { id: string }).id);
    tally.add(tally.counters, "memory_episode_created_total");
  } else if (kind <= 4) await logSteps(i, id, counted, tally);
  else if (kind === 5) await complete(i, ids.splice(ids.indexOf(id), 1)[0] ?? "", counted, tally);
  else if (kind === 6) {
    const answer = await counted("POST", "/v1/recall", "/v1/recall", { task: `task ${i}` });
    if (answer.status === 200) tally.add(tally.counters, "memory_recall_total");
  } else if (kind === 7) await counted("GET", `/v1/episodes/${id}`, "/v1/episodes/:id");
  else if (kind === 8) await counted("POST", "/v1/episodes", "/v1/episodes", { tusk: 1 });
  else if (i % 20 === 9) {
    const { status } = await call("GET", "/v1/stats", undefined, "");
    tally.add(tally.requests, `GET /v1/stats ${status}`);
  } else await counted("GET", `/nowhere/${i}`, "none");
}

async function logSteps(i: number, id: string, counted: Counted, tally: Tally): Promise<void> {
  const steps = Array.from({ length: 1 + (i % 3) }, () => ({ tool: "t" }));
  const path = `/v1/episodes/${id}/steps`;
  const answer = await counted("POST", path, "/v1/episodes/:id/steps", { steps });
  if (answer.status === 201) tally.add(tally.counters, "memory_step_logged_total", steps.length);
}

async function complete(i: number, id: string, counted: Counted, tally: Tally): Promise<void> {
  const outcome = { type: i % 20 === 5 ? "success" : "failure" };
  const path = `/v1/episodes/${id}/complete`;
  const answer = await counted("POST", path, "/v1/episodes/:id/complete", { outcome });
  if (answer.status === 200)
    tally.add(tally.counters, `memory_episode_completed_total ${outcome.type}`);
}

it(`counters over ${REQUESTS} mixed requests and ${EVICTIONS} evictions equal the client's own count`, async () => {
  const tally = new Tally();
  const ids: string[] = [];
  const objects = [
    bindings.MEMORY_INSTANCE.getByName("instance-0"),
    bindings.COORDINATOR.getByName("coordinator"),
  ] as const;
  // An object is evicted when its last timer has run out, and each request to the database has one.
  await call("PUT", "/admin/config", { settings: { database_timeout_ms: 300 } });
  let last = await scrape();
  const first = last;
  let evictions = 0;
  for (let sent = 0; sent < REQUESTS; sent += ABREAST) {
    await Promise.all(Array.from({ length: ABREAST }, (_, i) => send(sent + i, ids, tally)));
    if (((sent / ABREAST) * EVICTIONS) % (REQUESTS / ABREAST) !== 0) continue;
    await evictDurableObject(objects[evictions % 5 === 4 ? 1 : 0]);
    evictions += 1;
    const now = await scrape();
    expect(fallen(last, now)).toEqual([]);
    last = now;
  }
  expect(evictions).toBe(EVICTIONS);
  const total = [...tally.requests.values()].reduce((sum, count) => sum + count, 0);
  expect(total).toBe(REQUESTS);
  const requests = (): number =>
    [...tally.requests.keys()].reduce((sum, mark) => {
      const [method = "", route = "", status = ""] = mark.split(" ");
      const labels = { method, route, status };
      return (
        sum +
        sumOf(last, "memory_http_requests_total", labels) -
        sumOf(first, "memory_http_requests_total", labels)
      );
    }, 0);
  // The Worker tells what it counted within a moment.
  for (let tries = 0; tries < 100 && requests() < REQUESTS; tries++) {
    await scheduler.wait(50);
    last = await scrape();
  }
  for (const [mark, count] of tally.requests) {
    const [method = "", route = "", status = ""] = mark.split(" ");
    const labels = { method, route, status };
    expect([mark, sumOf(last, "memory_http_requests_total", labels)]).toEqual([mark, count]);
  }
  for (const [mark, count] of tally.counters) {
    const [name = "", outcome] = mark.split(" ");
    expect([mark, sumOf(last, name, outcome === undefined ? {} : { outcome })]).toEqual([
      mark,
      count,
    ]);
  }
  expect(sumOf(last, "memory_active_episodes")).toBe(ids.length);
}, 240_000);
