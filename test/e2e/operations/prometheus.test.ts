import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { scraped } from "../../support/exposition.ts";
import { hasPrometheus, hastened, Prometheus } from "../../support/processes/prometheus.ts";
import { Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const RULES = readFileSync(join(import.meta.dirname, "../../../ops/prometheus/alerts.yml"), "utf8");
/** All times of the rules are divided by this, so that twenty seconds are a minute of them. */
const FASTER = 3;
const WATCHED_MS = 20_000;
/** Between two scrapes: the answer to one may be late where other tests run beside this one. */
const SCRAPE_S = 3;
const SCRAPES_MIN = 4;

it("a real Prometheus scrapes the service for a while, every alert evaluates, and none fires", async (context) => {
  if (!hasPrometheus()) return context.skip("apt-get install -y prometheus");
  const database = await Sqld.start();
  const service = await Service.start(database.url);
  const scraper = await service.key("scraper", ["metrics"]);
  const prometheus = await Prometheus.start(
    new URL(service.url).host,
    scraper,
    hastened(RULES, FASTER),
    SCRAPE_S,
  );
  try {
    const key = await service.key("scraped");
    await until(
      "it is scraped",
      async () => (await prometheus.query('up{job="memory-service"} == 1')).length === 1,
    );
    const end = Date.now() + WATCHED_MS;
    let created = 0;
    while (Date.now() < end) {
      const started = await service.call("POST", "/v1/episodes", { key, body: { task: "t" } });
      created += started.status === 201 ? 1 : 0;
      await service.call("POST", `/v1/episodes/${started.body.id}/complete`, {
        key,
        body: { outcome: { type: "success" } },
      });
      await service.runCron("*/5 * * * *");
      await sleep(500);
    }
    await until("Prometheus has the last count", async () => {
      const [total] = await prometheus.query("sum(memory_episode_created_total)");
      return total?.value === created;
    });
    const [scrapes] = await prometheus.query('count_over_time(up{job="memory-service"}[20s])');
    expect(scrapes?.value).toBeGreaterThan(SCRAPES_MIN);
    const [missed] = await prometheus.query(
      'sum(count_over_time((up{job="memory-service"} == 0)[20s:1s])) or vector(0)',
    );
    expect(missed?.value).toBe(0);
    // Recording rules have no state.
    const rules = (await prometheus.rules()).filter(({ name }) => !name.includes(":"));
    expect(
      rules.map(({ name, health, lastError, state }) => [name, health, lastError, state]),
    ).toEqual(rules.map(({ name }) => [name, "ok", undefined, "inactive"]));
    // A series that is born between the last scrape and now comes with the next one; one that
    // Prometheus refuses never does.
    await until("Prometheus keeps every series that it is given", async () => {
      const { text } = await service.call("GET", "/metrics", { key: scraper });
      const names = new Set(scraped(text).map(({ name }) => name));
      const [kept] = await prometheus.query('count(count by (__name__) ({__name__=~"memory_.+"}))');
      return kept?.value === names.size;
    });
  } finally {
    await prometheus.remove();
    await service.remove();
    await database.remove();
  }
});
