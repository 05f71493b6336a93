/**
 * The service by night: the Coordinator and its jobs in Node, the Worker's side of them, and the
 * schedule, on a clock that a test moves. A test that uses it mocks `cloudflare:workers`, as
 * `coordinator.ts` says.
 *
 * @module
 */

import { vi } from "vitest";
import { MS } from "../../src/contract/limits.ts";
import { runScheduled } from "../../src/cron/index.ts";
import { parseEnv } from "../../src/env.ts";
import { Gateway } from "../../src/gateway/index.ts";
import type { JobView } from "../../src/contract/backups/answers.ts";
import { type CoordinatorOptions, NodeCoordinator } from "./coordinator.ts";

/** The first day, at noon. */
const FIRST_NOON = Date.parse("2026-03-01T12:00:00Z");

/** What a night came to. */
interface Night {
  job: JobView;
  /** The check `backup` of readiness, on the morning after. */
  backup: { status: string; message: string };
}

export class Nights {
  readonly coordinator: NodeCoordinator;

  private constructor(coordinator: NodeCoordinator) {
    this.coordinator = coordinator;
  }

  /** Opens it at noon of a Sunday, with the clock in the test's hands. */
  static async open(options: CoordinatorOptions): Promise<Nights> {
    vi.useFakeTimers({ toFake: ["Date"], shouldAdvanceTime: true });
    vi.setSystemTime(FIRST_NOON);
    vi.stubGlobal("scheduler", { wait: (ms: number) => new Promise((end) => setTimeout(end, ms)) });
    return new Nights(await NodeCoordinator.open(options));
  }

  close(): void {
    this.coordinator.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  }

  /** Lets so much time pass, in which nothing happens. */
  pass(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
  }

  /** What is scheduled at this expression, in the next night, and the morning after. */
  async night(cron = "0 2 * * *"): Promise<Night> {
    this.pass(MS.day - (Date.now() % MS.day) + 2 * MS.hour);
    await this.cron(cron);
    const [newest] = await this.coordinator.command("jobs.list", { limit: 1 });
    const job = await this.coordinator.ended(newest?.id ?? "");
    this.pass(6 * MS.hour);
    return { job, backup: await this.backupCheck() };
  }

  /** Runs what is scheduled at this expression, for now. */
  async cron(expression: string): Promise<void> {
    await runScheduled(expression, {
      backend: this.#gateway(),
      reporter: { bug: () => undefined, incident: () => undefined } as never,
      log: () => undefined,
      now: Date.now,
      scheduledAt: Date.now(),
      by: "cron",
    });
  }

  /** A health check finds the database so. */
  async storageIs(status: "healthy" | "degraded"): Promise<void> {
    const storage = { name: "storage", status, latency_ms: 1, message: "as it is" };
    const readiness = { status, checks: [storage] };
    await this.coordinator.command("health.report", { readiness, r2: { failed: null } });
  }

  async backupCheck(): Promise<Night["backup"]> {
    const { checks } = await this.#gateway().overview.readiness();
    const check = checks.find(({ name }) => name === "backup");
    return { status: check?.status ?? "", message: check?.message ?? "" };
  }

  /** The series of this name, as a scrape has them: their labels and values. */
  async series(name: string): Promise<[Readonly<Record<string, string>>, number][]> {
    const samples = await this.#gateway().overview.metrics();
    return samples.flatMap((sample) =>
      sample.name === name && "value" in sample ? [[sample.labels, sample.value]] : [],
    );
  }

  /** One of a new isolate, which remembers nothing. */
  #gateway(): Gateway {
    const { env } = this.coordinator;
    return new Gateway({ env, deployment: parseEnv(env), now: Date.now, log: () => undefined });
  }
}
