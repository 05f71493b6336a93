/**
 * Debian's Prometheus and promtool, where they are installed.
 *
 * @module
 */

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

let isThere: boolean | null = null;

/** Whether promtool and prometheus can be run; says how to get them when not. Looked at once. */
export function hasPrometheus(): boolean {
  if (isThere !== null) return isThere;
  isThere = ["promtool", "prometheus"].every((name) => spawnSync(name, ["--version"]).status === 0);
  if (!isThere)
    console.warn("Left out what needs Prometheus. To run it: apt-get install -y prometheus");
  return isThere;
}

interface Rule {
  name: string;
  health: string;
  lastError?: string;
  state: "inactive" | "pending" | "firing";
  /** How long the evaluations took and when the last one was. */
  lastEvaluation: string;
}

/** A real Prometheus that scrapes one service. */
export class Prometheus {
  readonly #url: string;
  readonly #directory: string;
  readonly #process: ChildProcess;

  private constructor(url: string, directory: string, child: ChildProcess) {
    this.#url = url;
    this.#directory = directory;
    this.#process = child;
  }

  /**
   * @param target host and port
   * @param key shown with each scrape
   * @param rules the text of a rule file
   * @param seconds between two scrapes; an answer that takes longer is missed
   */
  static async start(target: string, key: string, rules: string, seconds = 1): Promise<Prometheus> {
    const directory = mkdtempSync(join(tmpdir(), "memory-prometheus-"));
    writeFileSync(join(directory, "rules.yml"), rules);
    writeFileSync(join(directory, "key"), key);
    const config = `global: { scrape_interval: ${seconds}s, scrape_timeout: ${seconds}s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: memory-service
    honor_labels: true
    authorization: { credentials_file: key }
    static_configs: [{ targets: ["${target}"] }]
`;
    writeFileSync(join(directory, "prometheus.yml"), config);
    const port = await freePort();
    const child = spawn(
      "prometheus",
      [
        `--config.file=${join(directory, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(directory, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--log.level=error",
      ],
      { stdio: "ignore" },
    );
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, directory, child);
    await until("Prometheus is ready", () =>
      fetch(`${prometheus.#url}/-/ready`).then(
        (response) => response.ok,
        () => false,
      ),
    );
    return prometheus;
  }

  async rules(): Promise<Rule[]> {
    const body = (await (await fetch(`${this.#url}/api/v1/rules`)).json()) as {
      data: { groups: { rules: Rule[] }[] };
    };
    return body.data.groups.flatMap((group) => group.rules);
  }

  /** Names of the alerts that fire now. */
  async firing(): Promise<string[]> {
    const rules = await this.rules();
    return [
      ...new Set(rules.filter(({ state }) => state === "firing").map(({ name }) => name)),
    ].sort();
  }

  async query(query: string): Promise<{ metric: Record<string, string>; value: number }[]> {
    const answer = await fetch(
      `${this.#url}/api/v1/query?${new URLSearchParams({ query }).toString()}`,
    );
    const body = (await answer.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return body.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  async remove(): Promise<void> {
    if (this.#process.exitCode === null) {
      const gone = once(this.#process, "exit");
      this.#process.kill("SIGKILL");
      await gone;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/**
 * The rules with all times divided, so that a drill need not last an hour: windows and `for` shrink
 * alike, thresholds stay.
 * @param by the divisor; a window is never shorter than four scrapes, a `for` never shorter than
 *   two
 */
export function hastened(rules: string, by: number): string {
  const units = { s: 1, m: 60, h: 3_600 } as const;
  const seconds = (count: string, unit: string, least: number): string =>
    `${Math.max(least, Math.round((Number(count) * units[unit as keyof typeof units]) / by))}s`;
  return rules
    .replaceAll(
      /\[(\d+)([smh])\]/g,
      (_, count: string, unit: string) => `[${seconds(count, unit, 4)}]`,
    )
    .replaceAll(/interval: \d+s/g, "interval: 1s")
    .replaceAll(
      /for: (\d+)([smh])/g,
      (_, count: string, unit: string) => `for: ${seconds(count, unit, 2)}`,
    );
}
