import { join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";
import { freePort } from "./test/support/processes/free-port.ts";

// Tests start wrangler and the CLI by the hundred, and most of a start is reading their code.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/node");

// The runtime is given the database's address before the database is started; this file may be read
// more than once.
const port = (process.env["MEMORY_TEST_DB_PORT"] ??= String(await freePort()));
const bindings = {
  TURSO_DATABASE_URL: `http://127.0.0.1:${port}`,
  ADMIN_TOKEN: "an-admin-token-for-tests-only",
  INSTANCE_COUNT: "1",
  EPISODE_IDLE_TIMEOUT_SECONDS: "3600",
  CACHE_MAX_SIZE: "10",
  // An object is evicted when its last timer has run out.
  USAGE_SAVE_MS: "200",
};

/** Nobody listens there. */
const alone = { ...bindings, TURSO_DATABASE_URL: "http://127.0.0.1:9" };

const proxyPort = (process.env["MEMORY_FAULT_PROXY_PORT"] ??= String(await freePort()));
const doorPort = (process.env["MEMORY_FAULT_DOOR_PORT"] ??= String(await freePort()));
/** Everything that waits, waits as little as it may, so that a schedule meets many faults. */
const hasty = {
  ...bindings,
  TURSO_DATABASE_URL: `http://127.0.0.1:${proxyPort}`,
  FAULT_DOOR: `http://127.0.0.1:${doorPort}`,
  FAULT_SEED: process.env["FAULT_SEED"] ?? String(Date.now() % 1_000_000),
  FAULT_RUNS: process.env["FAULT_RUNS"] ?? "50",
  INSTANCE_COUNT: "2",
  CACHE_MAX_SIZE: "3",
  DATABASE_TIMEOUT_MS: "300",
  DATABASE_ATTEMPTS: "2",
  BREAKER_OPEN_MS: "100",
  BREAKER_OPEN_MAX_MS: "200",
  BATCH_SIZE: "5",
  LOG_LEVEL: "info",
};

/**
 * Files at once, of all projects together: each of the large ones starts a database and a runtime,
 * and waits for them for a good part of its time. Three are what two cores bear.
 */
const WORKERS = 3;

/** The Worker held to the platform's limits, which the local runtime does not know. */
const main = "./test/support/service/limited-worker.ts";
const COUNTERS = "test/worker/counters.test.ts";
const wrangler = { configPath: "./wrangler.toml" };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/worker/**", "test/faults/**", "test/drills/**"],
          // Nothing of what is tested keeps state in a module: files share what they import.
          isolate: false,
          maxWorkers: WORKERS,
          // Properties are tried on a hundred texts; a busy machine is given time for it.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [cloudflareTest({ main, wrangler, miniflare: { bindings } })],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          exclude: [COUNTERS],
          globalSetup: ["test/worker/setup.ts"],
          // One database is one deployment's: two files at once would be two.
          fileParallelism: false,
          testTimeout: 60_000,
        },
      },
      {
        // Takes minutes, and is about requests: with no database it need not wait for `worker`.
        plugins: [cloudflareTest({ main, wrangler, miniflare: { bindings: alone } })],
        test: {
          name: "counters",
          include: [COUNTERS],
          maxWorkers: WORKERS,
          testTimeout: 60_000,
        },
      },
      {
        plugins: [cloudflareTest({ main, wrangler, miniflare: { bindings: hasty } })],
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          globalSetup: ["test/faults/setup.ts"],
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/service/build-once.ts"],
          maxWorkers: WORKERS,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "drills",
          include: ["test/drills/**/*.test.ts"],
          globalSetup: ["test/support/service/build-once.ts"],
          // One at a time: a drill is about how long things take.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
