import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { freePort } from "./test/support/sqld.ts";

// The runtime is given the database's address before the database is started; this file may be read more than once.
const port = (process.env["MEMORY_TEST_DB_PORT"] ??= String(await freePort()));
const bindings = {
  TURSO_DATABASE_URL: `http://127.0.0.1:${port}`,
  ADMIN_TOKEN: "an-admin-token-for-tests-only",
  INSTANCE_COUNT: "1",
  EPISODE_IDLE_TIMEOUT_SECONDS: "3600",
  CACHE_MAX_SIZE: "10",
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/worker/**"],
          // Properties are tried on a hundred texts; a busy machine is given time for it.
          testTimeout: 60_000,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" }, miniflare: { bindings } })],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          globalSetup: ["test/worker/setup.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // Each file starts a database and a runtime; two of them are what a small machine bears.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
