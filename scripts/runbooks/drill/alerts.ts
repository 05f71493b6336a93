/**
 * A real Prometheus with the project's own rules, whose times are divided so that a drill does not
 * last an hour.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hastened, Prometheus } from "../../../test/support/processes/prometheus.ts";
import { until } from "../../../test/support/processes/until.ts";
import { milliseconds } from "../page.ts";
import { ROOT, type World } from "../world.ts";

const RULES = readFileSync(join(ROOT, "ops/prometheus/alerts.yml"), "utf8");

/**
 * How long the condition of an alert must hold in production before it fires, ms. Throws when there
 * is no such rule.
 */
export function waitOf(alert: string): number {
  const wait = new RegExp(`alert: ${alert}\\n[^]*?for: (\\d+(?:s|m))`).exec(RULES)?.[1];
  if (wait === undefined) throw new Error(`there is no rule ${alert}`);
  return milliseconds(wait);
}

/** Prometheus's own time between two scrapes, and Alertmanager's wait for more of a group, ms. */
const SCRAPE_MS = 60_000;
const GROUP_WAIT_MS = 30_000;

/**
 * How long an alert is on its way at most, beside the wait of its rule: until the next scrape sees
 * the fault, until the rule is evaluated, and until it is sent, ms. With the defaults of Prometheus
 * and Alertmanager, but for the evaluation, which the rules set themselves.
 */
export function deliveryMs(): number {
  const interval = /- name: memory-service\n[^]*?interval: (\d+s)/.exec(RULES)?.[1];
  if (interval === undefined) throw new Error("the rules say no interval");
  return SCRAPE_MS + milliseconds(interval) + GROUP_WAIT_MS;
}

/** All windows and waits of the rules are divided by this. */
export const FASTER = 30;
const CALM_MS = 6_000;
const ALERT_MS = 180_000;

/** What is shown when an alert does not fire. */
const WORTH_SAYING = [
  "up",
  "sum(memory_active_episodes)",
  "sum(rate(memory_episode_created_total[1m]))",
  "sum(rate(memory_episode_completed_total[1m]))",
  "sum(memory_storage_errors_total)",
  "max(memory_circuit_breaker_state)",
];

export class Alerts {
  readonly #prometheus: Prometheus;

  private constructor(prometheus: Prometheus) {
    this.#prometheus = prometheus;
  }

  /** The service must be running: its token is used. */
  static async start(world: World): Promise<Alerts> {
    return new Alerts(
      await Prometheus.start(new URL(world.url).host, world.adminToken(), hastened(RULES, FASTER)),
    );
  }

  /** Throws when the alert fires already. Others may: a backup is stale where there was none. */
  async quiet(alert: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, CALM_MS));
    if ((await this.#prometheus.firing()).includes(alert))
      throw new Error(`control: ${alert} fires before the fault`);
  }

  async fires(alert: string): Promise<void> {
    try {
      await until(
        `the alert ${alert} fires`,
        async () => (await this.#prometheus.firing()).includes(alert),
        ALERT_MS,
      );
    } catch (error) {
      const seen = await Promise.all(
        WORTH_SAYING.map(async (query) => [query, await this.#prometheus.query(query)]),
      );
      throw new Error(`${String(error)}; ${JSON.stringify(seen)}`, { cause: error });
    }
  }

  remove(): Promise<void> {
    return this.#prometheus.remove();
  }
}
