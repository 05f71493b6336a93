/**
 * Each command for operators, tried on the running service.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@libsql/client/web";
import { parse } from "yaml";
import { expect } from "vitest";
import { MIGRATIONS } from "../../src/storage/index.ts";
import { ADMIN_TOKEN } from "../support/service/service.ts";
import { FakeAccount } from "../support/processes/fake-wrangler.ts";
import { until } from "../support/processes/until.ts";
import type { Tried } from "./bench.ts";

export const OPERATIONS_TRIED: Tried = {
  "health check": async (bench) => {
    expect((await bench.ok("health", "check")).json.status).toMatch(/healthy|degraded/);
    expect((await bench.cli.run(["health", "check", "--url", "http://127.0.0.1:9"])).exit).toBe(6);
  },
  "health watch": async (bench) => {
    const seen = await bench.cli.run(["health", "watch", "--interval", "100ms", "--count", "2"]);
    expect(seen.out.trim().split("\n")).toHaveLength(2);
    expect(seen.out).toMatch(/healthy|degraded/);
  },
  setup: async (bench) => {
    const account = new FakeAccount(bench.service.url);
    try {
      const words = ["setup", "--config", account.config, "--profile", "made", "-n", "made"];
      const where = ["--url", bench.service.url, "--database-url", bench.database.url, "--yes"];
      const env = { PATH: account.path, ADMIN_TOKEN, MEMORY_KEY: "of-another-service" };
      const made = await bench.cli.run([...words, ...where], { env });
      expect([made.exit, made.out]).toEqual([0, expect.stringMatching(/✓ smoke +9 checks/)]);
      const file = join(bench.cli.home, "memory-cli/profiles.json");
      const { profiles } = JSON.parse(readFileSync(file, "utf8"));
      expect(profiles.made).toMatchObject({ url: bench.service.url, namespace: "made" });
      const again = await bench.cli.run([...words, ...where], { env });
      expect([again.exit, again.out]).toEqual([
        0,
        expect.stringContaining("the one of before works"),
      ]);
    } finally {
      account.remove();
      await bench.cli.run(["profile", "remove", "made", "--yes"]);
    }
  },
  "backup protect": async (bench) => {
    const account = new FakeAccount(bench.service.url);
    try {
      const words = ["backup", "protect", "--config", account.config, "--yes"];
      const made = await bench.cli.run([...words, "--format", "json"], {
        env: { PATH: account.path },
      });
      expect([made.exit, made.json.rules.length]).toEqual([0, 7]);
      // The running service keeps backups for seven days.
      const refused = await bench.cli.run([...words, "--lock-days", "8"]);
      expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("at most 7")]);
    } finally {
      account.remove();
    }
  },
  smoke: async (bench) => {
    const { json } = await bench.ok("smoke");
    expect(json.checks.map((one: { verdict: string }) => one.verdict)).not.toContain("fail");
    expect(json.checks).toHaveLength(9);
  },
  doctor: async (bench) => {
    // A service that was started here before has an environment of its own.
    const MEMORY_DATA_DIR = join(import.meta.dirname, "no-data");
    const env = { TURSO_DATABASE_URL: bench.database.url, ADMIN_TOKEN, MEMORY_DATA_DIR };
    const well = await bench.cli.spawn(["doctor"], {
      env,
      cwd: join(import.meta.dirname, "../.."),
    });
    expect(well.out).toMatch(/✓ database SELECT 1 +SELECT 1 works without a token/);
    expect([well.exit, well.out]).toEqual([0, expect.not.stringContaining("✗")]);
    expect(well.out).toMatch(/BACKUP_KEY +not set: backups are not encrypted/);
    expect(well.out).toMatch(/✓ R2 +the service reads it: \d+ backups/);
    const sick = await bench.cli.spawn(["doctor"], {
      env: {
        TURSO_DATABASE_URL: "http://127.0.0.1:9",
        ADMIN_TOKEN: "short",
        BACKUP_KEY: `${"ab".repeat(32)} abc`,
        SENTRY_DSN: "sentry.example",
      },
    });
    expect(sick.out).toMatch(/✗ BACKUP_KEY +BACKUP_KEY must be .* number 2 is none/);
    expect(sick.out).toMatch(/✗ SENTRY_DSN +SENTRY_DSN must be a Sentry DSN/);
    expect(sick.exit).toBe(1);
    expect(sick.out).toMatch(
      /✗ ADMIN_TOKEN +ADMIN_TOKEN must have at least 16 characters; it has 5/,
    );
    expect(sick.out).toMatch(/✗ database \/health/);
    expect(sick.out).not.toContain("short\n");
  },
  diagnose: async (bench) => {
    const brief = ["diagnose", "--window", "1s", "--format", "json"];
    const before = await bench.ok("episode", "list", "--all");
    const well = await bench.cli.run([...brief, "--slow-ms", "600000"]);
    expect([well.exit, well.json]).toMatchObject([0, { healthy: true, runbook: null }]);
    expect(well.json.path[1].saw).toContain("list, read, search, write succeed");
    expect((await bench.ok("episode", "list", "--all")).json).toEqual(before.json);
    expect((await bench.ok("diagnose", "--alert", "OutboxStalled")).json.runbook).toBe("RB-004");
    expect((await bench.cli.run(["diagnose", "--alert", "Moon"])).exit).toBe(2);
    const away = await bench.cli.run(["diagnose", "--url", "http://127.0.0.1:9"]);
    expect([away.exit, away.out]).toEqual([
      1,
      expect.stringContaining("→ RB-001: Step 4: Start Service"),
    ]);
    const slow = await bench.cli.run([...brief, "--slow-ms", "1"]);
    expect(slow.json).toMatchObject({ healthy: false, runbook: "RB-005" });
    await bench.ok("maintenance", "on", "--message", "We move house.");
    const kept = await bench.cli.run(brief);
    await bench.ok("maintenance", "off");
    expect(kept.json).toMatchObject({ runbook: "RB-002" });
    await bench.ok("breaker", "open", "turso", "--ttl", "10m");
    const open = await bench.cli.run(brief);
    await bench.ok("breaker", "reset", "turso");
    expect(open.json).toMatchObject({
      runbook: "RB-004",
      step: expect.stringContaining("CircuitBreakerOpen"),
    });
  },
  "upgrade check": async (bench) => {
    await until("nothing waits", async () => {
      await bench.ok("storage", "flush");
      return (await bench.ok("storage", "stats")).json.instances.every(
        (one: { outbox: { rows: number } }) => one.outbox.rows === 0,
      );
    });
    const { checks } = (await bench.cli.run(["upgrade", "check", "--format", "json"])).json;
    expect(checks.map((one: { name: string }) => one.name)).toEqual([
      "version",
      "ready",
      "instances",
      "migrations",
      "backup",
    ]);
    const verdict = (name: string): string =>
      checks.find((one: { name: string }) => one.name === name).verdict;
    expect(verdict("version")).toBe("pass");
  },
  "storage stats": async (bench) =>
    expect((await bench.cli.run(["storage", "stats"])).out).toMatch(/INSTANCE +RELEASE +ACTIVE/),
  "storage health": async (bench) => {
    // An answer of readiness is kept for a second: what a command before this one did may be in it.
    await until(
      "the database and its breakers are well",
      async () => (await bench.cli.run(["storage", "health"])).exit === 0,
    );
    expect((await bench.ok("storage", "health")).json.breakers).toHaveLength(2);
  },
  "storage flush": async (bench) =>
    expect((await bench.ok("storage", "flush")).json.instances).toHaveLength(2),
  "storage sync": async (bench) => {
    expect((await bench.ok("storage", "sync")).json.namespaces).toEqual(["cli"]);
    expect((await bench.ok("storage", "sync", "--force")).json.namespaces).toContain("cli");
    await until(
      "it is loaded",
      async () => (await bench.ok("recall", "anything")).json.served_by === "instance",
    );
  },
  "outbox dead": async (bench) =>
    expect((await bench.ok("outbox", "dead")).json.dead_letters).toEqual([]),
  "outbox retry": async (bench) =>
    expect((await bench.ok("outbox", "retry")).json).toEqual({ retried: 0 }),
  "instance list": async (bench) =>
    expect((await bench.ok("instance", "list")).json.topology.count).toBe(2),
  "instance resize": async (bench) => {
    expect((await bench.cli.run(["instance", "resize", "1025", "--yes"])).exit).toBe(2);
    expect((await bench.ok("instance", "resize", "2", "--yes")).json.topology.count).toBe(2);
  },
  "deployment show": async (bench) => {
    const { json } = await bench.ok("deployment", "show");
    expect(json.database).toMatchObject({ state: "own", deployment: json.id });
  },
  "deployment takeover": async (bench) => {
    const none = await bench.cli.run(["deployment", "takeover", "--yes"]);
    expect([none.exit, none.err]).toEqual([2, expect.stringMatching(/another deployment's/)]);
    const wrong = await bench.cli.run(["deployment", "takeover", "--from", "nobody", "--yes"]);
    expect([wrong.exit !== 0, wrong.err]).toEqual([true, expect.stringMatching(/nobody/)]);
  },
  drain: async (bench) => {
    const id = await bench.started();
    const early = await bench.cli.run([
      "drain",
      "--timeout",
      "1s",
      "--maintenance",
      "We move house.",
    ]);
    expect([early.exit, early.out]).toEqual([1, expect.stringContaining("durable")]);
    expect(early.err).toMatch(/draining +\d+ episodes run, \d+ rows wait/);
    const running = async (): Promise<string[]> => {
      const { episodes } = (await bench.ok("episode", "list", "--status", "in_progress", "--all"))
        .json;
      return episodes.map((one: { id: string }) => one.id);
    };
    for (const each of await running())
      await bench.ok("episode", "fail", each, "--reason", "drained");
    expect(await running()).not.toContain(id);
    const late = await bench.cli.run(["drain", "--timeout", "30s", "--format", "json"]);
    await bench.ok("maintenance", "off");
    expect([late.exit, late.json.drained]).toEqual([0, true]);
  },
  "config list": async (bench) => {
    expect((await bench.cli.run(["config", "list"])).out).toMatch(/cache_max_size +5000 +default/);
    const yaml = parse((await bench.cli.run(["config", "list", "--format", "yaml"])).out) as {
      settings: object;
    };
    expect(yaml.settings).toHaveProperty("cache_max_size");
  },
  "config get": async (bench) => {
    expect((await bench.ok("config", "get", "log_level")).json.log_level.value).toBe("info");
    expect((await bench.cli.run(["config", "get", "no_such"])).exit).toBe(2);
  },
  "config set": async (bench) => {
    expect(
      (await bench.ok("config", "set", "cache_max_size", "2000", "--by", "ana")).json.cache_max_size
        .value,
    ).toBe(2_000);
    const refused = await bench.cli.run(["config", "set", "cache_max_size", "0"]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("1 to 100000")]);
  },
  "config unset": async (bench) =>
    expect((await bench.ok("config", "unset", "cache_max_size")).json.cache_max_size).toMatchObject(
      {
        source: "default",
      },
    ),
  "config history": async (bench) => {
    await bench.ok("config", "set", "batch_size", "50", "--by", "ana");
    await bench.ok("config", "unset", "batch_size");
    expect((await bench.cli.run(["config", "history"])).out).toMatch(/root \(ana\) +batch_size/);
  },
  audit: async (bench) => {
    await bench.ok("config", "set", "batch_size", "60", "--by", "ana");
    await bench.ok("config", "unset", "batch_size");
    const own = ["audit", "--what", "batch_size", "--limit", "1"];
    const first = await bench.ok(...own);
    const { next_cursor } = first.json;
    expect(first.json.audit).toMatchObject([{ what: "batch_size", from: 60, to: null }]);
    const second = await bench.ok(...own, "--cursor", next_cursor);
    expect(second.json.audit).toMatchObject([{ by: "root (ana)", to: 60 }]);
    expect((await bench.cli.run(["audit", "--cursor", "x"])).exit).toBe(2);
  },
  "maintenance on": async (bench) => {
    await bench.ok("maintenance", "on", "--message", "We move house.", "--by", "ana");
    const refused = await bench.cli.run(["episode", "create", "--task", "t"]);
    await bench.ok("maintenance", "off");
    expect([refused.exit, refused.err]).toEqual([6, expect.stringContaining("We move house.")]);

    const brief = (await bench.ok("maintenance", "on", "--for", "2s")).json.maintenance;
    const said = (await bench.cli.run(["maintenance", "status"])).out;
    expect(said).toContain(`until ${brief.until}`);
    await until("it ended by itself", async () => {
      const status = await bench.cli.run(["maintenance", "status"]);
      return status.out === "off\n";
    });
  },
  usage: async (bench) => {
    const made = (await bench.ok("key", "create", "--name", "leaking")).json;
    const env = { MEMORY_KEY: made.key as string };
    const begun = await bench.cli.run(["episode", "create", "--task", "t", "--format", "json"], {
      env,
    });
    const { json } = await bench.ok("usage", "--by", "open_episodes", "--over", "day");
    const own = json.keys.find((row: { key: string }) => row.key === made.id);
    expect(own).toMatchObject({ name: "leaking", requests: 1, episodes: 1, open_episodes: 1 });
    expect(json.namespaces.length).toBeGreaterThan(0);
    const top = await bench.cli.run(["usage", "--top", "1"]);
    expect(top.out).toMatch(/NAMESPACE +REQUESTS/);
    expect(top.out).toContain("(others)");
    await bench.cli.run(["episode", "fail", begun.json.id], { env });
  },
  "maintenance off": async (bench) =>
    expect((await bench.ok("maintenance", "off")).json.maintenance).toBeNull(),
  "maintenance status": async (bench) =>
    expect((await bench.cli.run(["maintenance", "status"])).out).toBe("off\n"),
  "degraded on": async (bench) => {
    expect(
      (await bench.ok("degraded", "on", "--message", "sparing it")).json.degraded.message,
    ).toBe("sparing it");
    await bench.ok("degraded", "off");
  },
  "degraded off": async (bench) =>
    expect((await bench.ok("degraded", "off")).json.degraded).toBeNull(),
  "degraded status": async (bench) =>
    expect((await bench.ok("degraded", "status")).json).toEqual({ enabled: false }),
  "breaker status": async (bench) => {
    const { out } = await bench.cli.run(["breaker", "status"]);
    expect(out).toMatch(/0 +turso +(closed|half_open|open)/);
    expect(out).toMatch(/coordinator +r2 +closed/);
    await bench.ok("breaker", "open", "r2", "--ttl", "10m", "--reason", "drill");
    const open = (await bench.cli.run(["breaker", "status"])).out;
    expect(open).toMatch(/coordinator +r2 +forced_open +0 +0 +0 +20\d\d-\S+ +drill/);
    await bench.ok("breaker", "reset", "r2");
  },
  "breaker open": async (bench) => {
    const states = (
      await bench.ok(
        "breaker",
        "open",
        "turso",
        "--ttl",
        "10m",
        "--reason",
        "drill",
        "--instance",
        "0",
      )
    ).json.instances.map(
      (one: { breakers: { turso: { state: string } } }) => one.breakers.turso.state,
    );
    await bench.ok("breaker", "reset");
    expect(states[0]).toBe("forced_open");
  },
  "breaker reset": async (bench) => {
    const { instances } = (await bench.ok("breaker", "reset", "turso")).json;
    expect(instances[0].breakers.turso.state).toBe("closed");
    expect((await bench.cli.run(["breaker", "reset", "redb"])).exit).toBe(2);
  },
  "breaker disable": async (bench) => {
    const { instances } = (await bench.ok("breaker", "disable", "turso", "--ttl", "1m")).json;
    await bench.ok("breaker", "reset", "turso");
    expect(instances[0].breakers.turso.state).toBe("disabled");
  },
  "backup create": async (bench) =>
    expect((await bench.cli.run(["backup", "create"])).exit).toBe(0),
  "backup list": async (bench) => expect((await bench.cli.run(["backup", "list"])).exit).toBe(0),
  "backup view": async (bench) => {
    const [first] = (await bench.ok("backup", "list")).json.backups;
    expect((await bench.ok("backup", "view", first.id)).json).toMatchObject({ id: first.id });
  },
  "backup verify": async (bench) => {
    const [first] = (await bench.ok("backup", "list")).json.backups;
    expect((await bench.cli.run(["backup", "verify", first.id])).exit).toBe(0);
  },
  "backup restore": async (bench) => {
    const [first] = (await bench.ok("backup", "list")).json.backups;
    expect((await bench.cli.run(["backup", "restore", first.id])).exit).toBe(2);
    expect((await bench.cli.run(["backup", "restore", first.id, "--dry-run"])).exit).toBe(0);
  },
  "backup rewrap": async (bench) => {
    const refused = await bench.cli.run(["backup", "rewrap"]);
    expect([refused.exit, refused.out]).toEqual([1, expect.stringContaining("BACKUP_KEY: is not")]);
  },
  "backup delete": async (bench) => {
    expect((await bench.cli.run(["backup", "delete", "x"])).exit).toBe(2);
    // The newest chain that was read back stays, whoever asks.
    const [newest] = (await bench.ok("backup", "list")).json.backups;
    const refused = await bench.cli.run(["backup", "delete", newest.id, "--yes"]);
    expect([refused.exit, refused.out]).toEqual([1, expect.stringContaining("is not deleted")]);
  },
  "backup drill": async (bench) => expect((await bench.cli.run(["backup", "drill"])).exit).toBe(0),
  "job list": async (bench) => expect((await bench.cli.run(["job", "list"])).exit).toBe(0),
  "job run": async (bench) => {
    const { json } = await bench.ok("job", "run", "health-check");
    expect(json).toMatchObject({ job: "health-check", status: "succeeded", id: null });
    expect((await bench.ok("job", "run", "retention")).json).toMatchObject({ status: "succeeded" });
    expect((await bench.cli.run(["job", "run", "nothing"])).exit).toBe(2);
  },
  "job view": async (bench) => {
    const [first] = (await bench.ok("job", "list")).json.jobs;
    expect((await bench.cli.run(["job", "view", first.id, "--follow"])).exit).toBe(0);
  },
  "job cancel": async (bench) =>
    expect((await bench.cli.run(["job", "cancel", "nobody"])).exit).toBe(4),
  migrate: async (bench) => {
    // What takes something away waits for an operator, where a database is older than this release.
    const client = createClient({ url: bench.database.url });
    const contract = MIGRATIONS.findLast(({ kind }) => kind === "contract")?.version ?? 0;
    for (const table of ["_migrations", "_migration_steps"])
      await client.execute(`DELETE FROM ${table} WHERE version = ${contract}`);
    client.close();
    const plan = await bench.cli.run(["migrate", "--dry-run"]);
    expect([plan.exit, plan.out]).toEqual([0, expect.stringContaining("(contract, pending)")]);
    expect(plan.out).toContain("waits for memory-cli migrate --execute");
    const back = ["upgrade", "check", "--to", "0.2.0"];
    expect((await bench.cli.run(back)).out).toContain("0.2.0 runs on the database as it is");
    const execute = ["migrate", "--execute", "--no-backup", "--yes"];
    expect((await bench.cli.run(execute)).exit).toBe(0);
    const refused = await bench.cli.run(back);
    expect([refused.exit, refused.out]).toEqual([
      1,
      expect.stringContaining(`0.2.0 does not run past migration ${contract}`),
    ]);
    const { incidents } = (await bench.ok("incident", "list", "--since", "1h")).json;
    expect(incidents.map(({ kind }: { kind: string }) => kind)).toContain("migration");
    const none = await bench.cli.run(["migrate", "--dry-run"]);
    expect([none.exit, none.out]).toEqual([0, expect.stringContaining("Nothing is pending.")]);
    const again = await bench.cli.run(execute);
    expect([again.exit, again.out]).toEqual([0, expect.stringContaining("Nothing was pending.")]);
  },
  capacity: async (bench) => expect((await bench.cli.run(["capacity"])).exit).toBe(0),
  "incident list": async (bench) => {
    const { incidents } = (await bench.ok("incident", "list", "--since", "24h")).json;
    const numbers = incidents.map((incident: { seq: number }) => incident.seq);
    expect(numbers.length).toBeGreaterThan(1);
    expect(numbers).toEqual(numbers.toSorted((a: number, b: number) => b - a));
    // A copy is in R2 after a second.
    const day = incidents.at(-1).at.slice(0, 10);
    await until("R2 has them", async () => {
      const copied = (await bench.ok("incident", "list", "--day", day)).json.incidents;
      return copied.some((one: { seq: number }) => one.seq === numbers.at(-1));
    });
    expect((await bench.ok("incident", "list", "--day", "2020-01-01")).json.incidents).toEqual([]);
    expect((await bench.cli.run(["incident", "list", "--day", "yesterday"])).exit).toBe(2);
  },
  "incident export": async (bench) => {
    const markdown = await bench.cli.run(["incident", "export", "--since", "1h"]);
    expect([markdown.exit, markdown.out]).toEqual([0, expect.stringMatching(/^#/m)]);
    const { logs, logs_silent } = (await bench.ok("incident", "export", "--logs")).json;
    expect(logs_silent).toEqual([]);
    expect(new Set(logs.map((one: { from: string }) => one.from))).toContain("coordinator");
    const requests = logs.filter((one: { from: string }) => one.from === "worker");
    expect(requests.map(({ line }: { line: string }) => JSON.parse(line).event)).toContain(
      "request",
    );
    for (const { line } of logs) expect(JSON.parse(line)).toHaveProperty("event");
  },
};
