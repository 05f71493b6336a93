import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fallen, problemsOf, scraped, sumOf, type Scraped } from "../../support/exposition.ts";
import { hasPrometheus } from "../../support/processes/prometheus.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;
/** What this client sent and was answered: route and status. */
const sent = new Map<string, number>();

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  key = await service.key("metered");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

async function scrape(): Promise<Scraped[]> {
  const answer = await service.call("GET", "/metrics", { key: ADMIN_TOKEN });
  expect(answer.status, answer.text).toBe(200);
  return scraped(answer.text);
}
async function call(
  method: string,
  path: string,
  route: string,
  body?: unknown,
): Promise<{ id: string }> {
  const answer = await service.call(method, path, { key, ...(body === undefined ? {} : { body }) });
  const mark = `${method} ${route} ${answer.status}`;
  sent.set(mark, (sent.get(mark) ?? 0) + 1);
  return answer.body as { id: string };
}

describe("the metrics", () => {
  it("need a key with their scope, and nothing more", async () => {
    expect((await service.call("GET", "/metrics")).status).toBe(401);
    expect((await service.call("GET", "/metrics", { key })).status).toBe(403);
    const scraper = await service.key("scraper", ["metrics"]);
    expect((await service.call("GET", "/metrics", { key: scraper })).status).toBe(200);
    expect((await service.call("GET", "/v1/stats", { key: scraper })).status).toBe(403);
  });

  it("are sound in both formats, by Accept, and to promtool", async () => {
    const text = await service.call("GET", "/metrics", { key: ADMIN_TOKEN });
    expect(text.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(problemsOf(text.text)).toEqual([]);
    const open = await service.call("GET", "/metrics", {
      key: ADMIN_TOKEN,
      headers: { Accept: "application/openmetrics-text; version=1.0.0" },
    });
    expect(open.headers.get("Content-Type")).toContain("application/openmetrics-text");
    expect(problemsOf(open.text, "openmetrics")).toEqual([]);
    if (hasPrometheus()) execFileSync("promtool", ["check", "metrics"], { input: text.text });
  });

  it("count what the client counted, through crashes", async () => {
    const before = await scrape();
    let last = before;
    const ids: string[] = [];
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 8; i++) {
        const { id } = await call("POST", "/v1/episodes", "/v1/episodes", { task: `task ${i}` });
        ids.push(id);
        await call("POST", `/v1/episodes/${id}/steps`, "/v1/episodes/:id/steps", {
          steps: [{ tool: "a" }, { tool: "b" }],
        });
        if (i % 2 === 0) {
          const outcome = { type: i % 4 === 0 ? "success" : "failure" };
          await call("POST", `/v1/episodes/${id}/complete`, "/v1/episodes/:id/complete", {
            outcome,
          });
        }
      }
      await call("POST", "/v1/recall", "/v1/recall", { task: "task" });
      await call("GET", `/v1/episodes/${ids[0]}`, "/v1/episodes/:id");
      await call("POST", "/v1/episodes", "/v1/episodes", { surprise: 1 });
      await call("GET", "/nowhere", "none");
      const mine = async (): Promise<number> =>
        sumOf(await scrape(), "memory_http_requests_total", { route: "none" });
      await until("the requests are counted", async () => (await mine()) >= round + 1);
      await service.kill();
      await service.start();
      const now = await scrape();
      expect(fallen(last, now)).toEqual([]);
      last = now;
    }
    const rise = (name: string, labels: Record<string, string> = {}): number =>
      sumOf(last, name, labels) - sumOf(before, name, labels);
    expect(rise("memory_episode_created_total")).toBe(24);
    expect(rise("memory_step_logged_total")).toBe(48);
    expect(rise("memory_episode_completed_total", { outcome: "success" })).toBe(6);
    expect(rise("memory_episode_completed_total", { outcome: "failure" })).toBe(6);
    expect(rise("memory_recall_total")).toBe(3);
    for (const [mark, count] of sent) {
      const [method = "", route = "", status = ""] = mark.split(" ");
      expect([mark, rise("memory_http_requests_total", { method, route, status })]).toEqual([
        mark,
        count,
      ]);
    }
  });

  it("hold no namespace, id, key or text", async () => {
    const { text } = await service.call("GET", "/metrics", { key: ADMIN_TOKEN });
    for (const word of ["metered", "task ", "surprise", "nowhere", "mk_", ADMIN_TOKEN])
      expect(text).not.toContain(word);
  });
});
