/**
 * The Worker in workerd, on a server of one's own: the platform's local runtime (Miniflare) with
 * Durable Objects, R2 and Workflows on disk. The Worker has a socket of its own; the runtime's own
 * socket, which serves buckets and a proxy to whoever can reach it, listens on a port of the
 * loopback that nobody is told.
 *
 * @module
 */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadMiniflare, modulesOf } from "../start/runtime.ts";
import type { WorkerOptions } from "./build.ts";
import { dueOf } from "./schedule.ts";

const ROOT = join(import.meta.dirname, "../..");
/** The schedule is looked at this often, ms. */
const TICK_MS = 1_000;
/** The Worker is asked whether it lives this often, and may take so long to answer, ms. */
const LOOK_MS = 10_000;
const ANSWER_MS = 10_000;
/** So many looks in vain, one after the other, and it has hung. */
const LOOKS = 6;
/** Miniflare's level of its own messages: errors and warnings. */
const WARNINGS = 2;

export interface ServerOptions {
  worker: WorkerOptions;
  host: string;
  port: number;
  /** Where it is reached from here. */
  url: string;
  /** Where everything that outlives it is kept. */
  directory: string;
  /** What is run by the clock, as in wrangler.toml. */
  crons: readonly string[];
  /** Until when the schedule was run before; ms since the epoch. */
  since: number;
  /** Gets each line that the Worker or the runtime writes. */
  onLine: (line: string) => void;
  /** Gets what happens to the server itself. */
  log: (entry: Record<string, unknown>) => void;
  /** The schedule has been run until then, ms since the epoch. */
  onScheduled: (until: number) => void;
}

/** What is used of a Miniflare. */
interface Runtime {
  ready: Promise<URL>;
  getWorker(): Promise<{
    scheduled(run: { cron: string; scheduledTime: Date }): Promise<{ outcome: string }>;
  }>;
  dispose(): Promise<void>;
}

interface Miniflare {
  Miniflare: new (options: unknown) => Runtime;
  Log: new (level: number) => object;
  convertV4MiniflareOptions: (options: object) => unknown;
}

export class Server {
  readonly #options: ServerOptions;
  readonly #runtime: Runtime;
  readonly #stopping = new AbortController();

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#runtime = startRuntime(options);
  }

  /** Resolves when the Worker can be asked. Rejects when it cannot be started. */
  async ready(): Promise<void> {
    await this.#runtime.ready;
  }

  /** Runs the schedule by the clock, until `stop`. */
  async runSchedule(): Promise<void> {
    const { crons, onScheduled } = this.#options;
    let since = this.#options.since;
    while (await this.#waits(TICK_MS)) {
      const until = Date.now();
      const due = dueOf(crons, since, until);
      since = until;
      if (due.length > 0) onScheduled(until);
      // A long job is only begun here, so none holds another up for long.
      for (const { cron, at } of due) void this.#run(cron, at);
    }
  }

  /** Resolves when the Worker has not answered for a minute, and never otherwise. */
  async hung(): Promise<void> {
    const url = `${this.#options.url}/health/live`;
    for (let silent = 0; silent < LOOKS; silent++) {
      if (!(await this.#waits(LOOK_MS))) return new Promise(() => undefined);
      const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null);
      await answer?.body?.cancel();
      if (answer?.ok) silent = -1;
    }
  }

  /** Ends it. What was acknowledged is on the disk. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#runtime.dispose();
  }

  /** @returns whether it goes on afterwards */
  async #waits(ms: number): Promise<boolean> {
    const { signal } = this.#stopping;
    await sleep(ms, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }

  async #run(cron: string, at: number): Promise<void> {
    const failed = (reason: string): void => {
      if (this.#stopping.signal.aborted) return;
      this.#options.log({ level: "error", event: "schedule_failed", cron, reason });
    };
    try {
      const worker = await this.#runtime.getWorker();
      const { outcome } = await worker.scheduled({ cron, scheduledTime: new Date(at) });
      if (outcome !== "ok") failed(outcome);
    } catch (error) {
      failed(String(error));
    }
  }
}

/** A way out to public addresses alone, with TLS by the certificate authorities of browsers. */
export const PUBLIC_NETWORK = {
  network: { allow: ["public"], deny: [], tlsOptions: { trustBrowserCas: true } },
} as const;

function startRuntime({ worker, host, port, directory, onLine }: ServerOptions): Runtime {
  const { Miniflare, Log, convertV4MiniflareOptions } = loadMiniflare(
    modulesOf(ROOT, process.env),
  ) as Miniflare;

  class LogToCaller extends Log {
    protected log(message: string): void {
      onLine(message);
    }
  }

  return new Miniflare(
    convertV4MiniflareOptions({
      ...worker,
      // Webhooks go out by it: the runtime looks at what a name resolves to.
      serviceBindings: { ...worker.serviceBindings, PUBLIC_NETWORK },
      host: "127.0.0.1",
      port: 0,
      unsafeDirectSockets: [{ host, port }],
      resourcePersistencePath: directory,
      // Without it the runtime asks a host in the internet for a description of this one.
      cf: false,
      log: new LogToCaller(WARNINGS),
      handleStructuredLogs: ({ message }: { message: string }) => onLine(message),
    }),
  );
}
