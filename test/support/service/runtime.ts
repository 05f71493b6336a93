/**
 * The local simulator of the platform (Miniflare: workerd with R2, Workflows and Durable Objects on
 * disk), in this process: starting one is a third of what `wrangler dev` takes, which bundles
 * first, and puts a proxy before it.
 *
 * @module
 */

import { createRequire } from "node:module";
import type { WorkerOptions } from "./built-worker.ts";

export interface RuntimeOptions {
  worker: WorkerOptions;
  /** Of 127.0.0.1. */
  port: number;
  /** Where everything that outlives it is kept. */
  directory: string;
  hasInspector: boolean;
  /** Gets each line that the Worker or the simulator writes. */
  onLog: (line: string) => void;
}

/** What is used of a Miniflare. */
export interface Runtime {
  /** Rejects when it cannot be started. */
  ready: Promise<URL>;
  getInspectorURL(): Promise<URL>;
  getR2Bucket(binding: string): Promise<R2Bucket>;
  /** Kills the runtime (SIGKILL), in the middle of what it does. */
  dispose(): Promise<void>;
}

interface Miniflare {
  Miniflare: new (options: unknown) => Runtime;
  Log: new (level: number) => object;
  convertV4MiniflareOptions: (options: object) => unknown;
}

/** Miniflare's level of its own messages: errors and warnings. */
const WARNINGS = 2;

/** Starts it; `ready` says when it answers. */
export function startRuntime({
  worker,
  port,
  directory,
  hasInspector,
  onLog,
}: RuntimeOptions): Runtime {
  // Miniflare is wrangler's: its own copy is taken, so that both are of one release.
  const wrangler = createRequire(import.meta.url).resolve("wrangler/package.json");
  const { Miniflare, Log, convertV4MiniflareOptions } = createRequire(wrangler)(
    "miniflare",
  ) as Miniflare;

  class LogToCaller extends Log {
    protected log(message: string): void {
      onLog(message);
    }
  }

  return new Miniflare(
    convertV4MiniflareOptions({
      ...worker,
      host: "127.0.0.1",
      port,
      ...(hasInspector ? { inspectorPort: 0 } : {}),
      resourcePersistencePath: directory,
      // Requests to /cdn-cgi/local/scheduled start what the schedule starts.
      unsafeTriggerHandlers: true,
      // Without it the simulator asks a host in the internet for a description of this one.
      cf: false,
      log: new LogToCaller(WARNINGS),
      handleStructuredLogs: ({ message }: { message: string }) => onLog(message),
    }),
  );
}
