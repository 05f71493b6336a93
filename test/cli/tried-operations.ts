/**
 * Each command for operators, tried on the running service.
 *
 * @module
 */

import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { expect } from "vitest";
import { ADMIN_TOKEN } from "../support/service/service.ts";
import { until } from "../support/processes/until.ts";
import { bench, needs, ok, started } from "./bench.ts";

export const OPERATIONS_TRIED: Readonly<Record<string, () => Promise<void>>> = {
  "health check": async () => {
    expect((await ok("health", "check")).json.status).toMatch(/healthy|degraded/);
    expect((await bench.cli.run(["health", "check", "--url", "http://127.0.0.1:9"])).exit).toBe(6);
  },
  "health watch": async () => {
    const seen = await bench.cli.run(["health", "watch", "--interval", "100ms", "--count", "2"]);
    expect(seen.out.trim().split("\n")).toHaveLength(2);
    expect(seen.out).toMatch(/healthy|degraded/);
  },
  smoke: async () => {
    const { json } = await ok("smoke");
    expect(json.checks.map((one: { verdict: string }) => one.verdict)).not.toContain("fail");
    expect(json.checks).toHaveLength(9);
  },
  doctor: async () => {
    const env = { TURSO_DATABASE_URL: bench.database.url, ADMIN_TOKEN };
    const well = await bench.cli.spawn(["doctor"], {
      env,
      cwd: join(import.meta.dirname, "../.."),
    });
    expect(well.out).toMatch(/✓ database SELECT 1 +SELECT 1 works without a token/);
    expect([well.exit, well.out]).toEqual([0, expect.not.stringContaining("✗")]);
    const sick = await bench.cli.spawn(["doctor"], {
      env: { TURSO_DATABASE_URL: "http://127.0.0.1:9", ADMIN_TOKEN: "short" },
    });
    expect(sick.exit).toBe(1);
    expect(sick.out).toMatch(
      /✗ ADMIN_TOKEN +ADMIN_TOKEN must have at least 16 characters; it has 5/,
    );
    expect(sick.out).toMatch(/✗ database \/health/);
    expect(sick.out).not.toContain("short\n");
  },
  diagnose: async () => {
    const well = await bench.cli.run(["diagnose", "--slow-ms", "600000", "--format", "json"]);
    expect([well.exit, well.json]).toMatchObject([0, { healthy: true, runbook: null }]);
    const away = await bench.cli.run(["diagnose", "--url", "http://127.0.0.1:9"]);
    expect([away.exit, away.out]).toEqual([
      1,
      expect.stringContaining("→ RB-001: Step 4: Start Service"),
    ]);
    const slow = await bench.cli.run(["diagnose", "--slow-ms", "1", "--format", "json"]);
    expect(slow.json).toMatchObject({ healthy: false, runbook: "RB-005" });
    await ok("maintenance", "on", "--message", "We move house.");
    const kept = await bench.cli.run(["diagnose", "--format", "json"]);
    await ok("maintenance", "off");
    expect(kept.json).toMatchObject({ runbook: "RB-002" });
    await ok("breaker", "open", "turso", "--ttl", "10m");
    const open = await bench.cli.run(["diagnose", "--format", "json"]);
    await ok("breaker", "reset", "turso");
    expect(open.json).toMatchObject({
      runbook: "RB-004",
      step: expect.stringContaining("CircuitBreakerOpen"),
    });
  },
  "upgrade check": async () => {
    await until("nothing waits", async () => {
      await ok("storage", "flush");
      return (await ok("storage", "stats")).json.instances.every(
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
    if (!bench.paths.includes("/admin/backups")) expect(verdict("backup")).toBe("skip");
  },
  "storage stats": async () =>
    expect((await bench.cli.run(["storage", "stats"])).out).toMatch(/INSTANCE +ACTIVE/),
  "storage health": async () =>
    expect((await ok("storage", "health")).json.breakers).toHaveLength(2),
  "storage flush": async () =>
    expect((await ok("storage", "flush")).json.instances).toHaveLength(2),
  "storage sync": async () => {
    expect((await ok("storage", "sync")).json.namespaces).toEqual(["cli"]);
    expect((await ok("storage", "sync", "--force")).json.namespaces).toContain("cli");
    await until(
      "it is loaded",
      async () => (await ok("recall", "anything")).json.served_by === "instance",
    );
  },
  "outbox dead": async () => expect((await ok("outbox", "dead")).json.dead_letters).toEqual([]),
  "outbox retry": async () => expect((await ok("outbox", "retry")).json).toEqual({ retried: 0 }),
  "instance list": async () => expect((await ok("instance", "list")).json.topology.count).toBe(2),
  "instance resize": async () => {
    expect((await bench.cli.run(["instance", "resize", "65", "--yes"])).exit).toBe(2);
    expect((await ok("instance", "resize", "2", "--yes")).json.topology.count).toBe(2);
  },
  drain: async () => {
    const id = await started();
    const early = await bench.cli.run([
      "drain",
      "--timeout",
      "1s",
      "--maintenance",
      "We move house.",
    ]);
    expect([early.exit, early.out]).toEqual([1, expect.stringContaining("durable")]);
    expect(early.err).toMatch(/draining +\d+ episodes run, \d+ rows wait/);
    for (const one of (await ok("episode", "list", "--status", "in_progress", "--all")).json
      .episodes) {
      const { key, service } = bench;
      await service.call("POST", `/v1/episodes/${one.id}/fail`, {
        key,
        body: { reason: "drained" },
      });
    }
    const { episodes } = (await ok("episode", "list", "--status", "in_progress", "--all")).json;
    expect(episodes.map((one: { id: string }) => one.id)).not.toContain(id);
    const late = await bench.cli.run(["drain", "--timeout", "30s", "--format", "json"]);
    await ok("maintenance", "off");
    expect([late.exit, late.json.drained]).toEqual([0, true]);
  },
  "config list": async () => {
    expect((await bench.cli.run(["config", "list"])).out).toMatch(/cache_max_size +5000 +default/);
    const yaml = parse((await bench.cli.run(["config", "list", "--format", "yaml"])).out) as {
      settings: object;
    };
    expect(yaml.settings).toHaveProperty("cache_max_size");
  },
  "config get": async () => {
    expect((await ok("config", "get", "log_level")).json.log_level.value).toBe("info");
    expect((await bench.cli.run(["config", "get", "no_such"])).exit).toBe(2);
  },
  "config set": async () => {
    expect(
      (await ok("config", "set", "cache_max_size", "2000", "--by", "ana")).json.cache_max_size
        .value,
    ).toBe(2_000);
    const refused = await bench.cli.run(["config", "set", "cache_max_size", "0"]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("1 to 100000")]);
  },
  "config unset": async () =>
    expect((await ok("config", "unset", "cache_max_size")).json.cache_max_size).toMatchObject({
      source: "default",
    }),
  "config history": async () => {
    await ok("config", "set", "batch_size", "50", "--by", "ana");
    await ok("config", "unset", "batch_size");
    expect((await bench.cli.run(["config", "history"])).out).toMatch(/root \(ana\) +batch_size/);
  },
  "maintenance on": async () => {
    await ok("maintenance", "on", "--message", "We move house.", "--by", "ana");
    const refused = await bench.cli.run(["episode", "create", "--task", "t"]);
    await ok("maintenance", "off");
    expect([refused.exit, refused.err]).toEqual([6, expect.stringContaining("We move house.")]);
  },
  "maintenance off": async () =>
    expect((await ok("maintenance", "off")).json.maintenance).toBeNull(),
  "maintenance status": async () =>
    expect((await bench.cli.run(["maintenance", "status"])).out).toBe("off\n"),
  "degraded on": async () => {
    expect((await ok("degraded", "on", "--message", "sparing it")).json.degraded.message).toBe(
      "sparing it",
    );
    await ok("degraded", "off");
  },
  "degraded off": async () => expect((await ok("degraded", "off")).json.degraded).toBeNull(),
  "degraded status": async () =>
    expect((await ok("degraded", "status")).json).toEqual({ enabled: false }),
  "breaker status": async () =>
    expect((await bench.cli.run(["breaker", "status"])).out).toMatch(
      /0 +turso +(closed|half_open|open)/,
    ),
  "breaker open": async () => {
    const states = (
      await ok("breaker", "open", "turso", "--ttl", "10m", "--reason", "drill", "--instance", "0")
    ).json.instances.map(
      (one: { breakers: { turso: { state: string } } }) => one.breakers.turso.state,
    );
    await ok("breaker", "reset");
    expect(states[0]).toBe("forced_open");
  },
  "breaker reset": async () => {
    const { instances } = (await ok("breaker", "reset", "turso")).json;
    expect(instances[0].breakers.turso.state).toBe("closed");
    expect((await bench.cli.run(["breaker", "reset", "redb"])).exit).toBe(2);
  },
  "breaker disable": async () => {
    const { instances } = (await ok("breaker", "disable", "turso", "--ttl", "1m")).json;
    await ok("breaker", "reset", "turso");
    expect(instances[0].breakers.turso.state).toBe("disabled");
  },
  "backup create": needs(
    "/admin/backups",
    async () => expect((await bench.cli.run(["backup", "create"])).exit).toBe(0),
    "backup",
    "create",
  ),
  "backup list": needs(
    "/admin/backups",
    async () => expect((await bench.cli.run(["backup", "list"])).exit).toBe(0),
    "backup",
    "list",
  ),
  "backup view": needs(
    "/admin/backups",
    async () => {
      const [first] = (await ok("backup", "list")).json.backups;
      expect((await ok("backup", "view", first.id)).json).toMatchObject({ id: first.id });
    },
    "backup",
    "view",
    "x",
  ),
  "backup verify": needs(
    "/admin/backups",
    async () => {
      const [first] = (await ok("backup", "list")).json.backups;
      expect((await bench.cli.run(["backup", "verify", first.id])).exit).toBe(0);
    },
    "backup",
    "verify",
    "x",
  ),
  "backup restore": needs(
    "/admin/backups",
    async () => {
      const [first] = (await ok("backup", "list")).json.backups;
      expect((await bench.cli.run(["backup", "restore", first.id])).exit).toBe(2);
      expect((await bench.cli.run(["backup", "restore", first.id, "--dry-run"])).exit).toBe(0);
    },
    "backup",
    "restore",
    "x",
    "--yes",
  ),
  "backup delete": needs(
    "/admin/backups",
    async () => {
      expect((await bench.cli.run(["backup", "delete", "x"])).exit).toBe(2);
      // The newest chain that was read back stays, whoever asks.
      const [newest] = (await ok("backup", "list")).json.backups;
      const refused = await bench.cli.run(["backup", "delete", newest.id, "--yes"]);
      expect([refused.exit, refused.out]).toEqual([1, expect.stringContaining("is not deleted")]);
    },
    "backup",
    "delete",
    "x",
    "--yes",
  ),
  "backup drill": needs(
    "/admin/backups",
    async () => expect((await bench.cli.run(["backup", "drill"])).exit).toBe(0),
    "backup",
    "drill",
  ),
  "job list": needs(
    "/admin/jobs",
    async () => expect((await bench.cli.run(["job", "list"])).exit).toBe(0),
    "job",
    "list",
  ),
  "job view": needs(
    "/admin/jobs",
    async () => {
      const [first] = (await ok("job", "list")).json.jobs;
      expect((await bench.cli.run(["job", "view", first.id, "--follow"])).exit).toBe(0);
    },
    "job",
    "view",
    "x",
  ),
  "job cancel": needs(
    "/admin/jobs",
    async () => expect((await bench.cli.run(["job", "cancel", "nobody"])).exit).toBe(4),
    "job",
    "cancel",
    "x",
  ),
  migrate: needs(
    "/admin/migrations",
    async () => {
      const plan = await bench.cli.run(["migrate", "--dry-run"]);
      expect([plan.exit, plan.out]).toEqual([0, expect.stringContaining("Nothing is pending.")]);
      const ran = await bench.cli.run(["migrate", "--execute", "--no-backup", "--yes"]);
      expect([ran.exit, ran.out]).toEqual([0, expect.stringContaining("Nothing was pending.")]);
    },
    "migrate",
    "--dry-run",
  ),
  capacity: needs(
    "/admin/capacity",
    async () => expect((await bench.cli.run(["capacity"])).exit).toBe(0),
    "capacity",
  ),
  "incident list": needs(
    "/admin/incidents",
    async () => expect((await bench.cli.run(["incident", "list", "--since", "24h"])).exit).toBe(0),
    "incident",
    "list",
  ),
  "incident export": needs(
    "/admin/incidents",
    async () => {
      const markdown = await bench.cli.run(["incident", "export", "--since", "1h"]);
      expect([markdown.exit, markdown.out]).toEqual([0, expect.stringMatching(/^#/m)]);
    },
    "incident",
    "export",
  ),
  "key create": async () => {
    const made = (
      await ok(
        "key",
        "create",
        "--name",
        "agent",
        "--scope",
        "read",
        "--allow",
        "cli",
        "--expires-in",
        "1d",
      )
    ).json;
    expect(made).toMatchObject({
      name: "agent",
      scopes: ["read"],
      namespaces: ["cli"],
      expires_at: expect.any(String),
    });
    const env = { MEMORY_KEY: made.key as string };
    expect((await bench.cli.run(["stats"], { env })).exit).toBe(0);
    expect((await bench.cli.run(["episode", "create", "--task", "t"], { env })).exit).toBe(3);
  },
  "key list": async () =>
    expect((await bench.cli.run(["key", "list"])).out).toMatch(/ID +NAME +SCOPES/),
  "key revoke": async () => {
    const made = (await ok("key", "create", "--name", "gone")).json;
    expect((await ok("key", "revoke", made.id, "--yes")).json.revoked_at).not.toBeNull();
    expect((await bench.cli.run(["stats"], { env: { MEMORY_KEY: made.key as string } })).exit).toBe(
      3,
    );
  },
  "profile add": async () => {
    const key = await bench.service.key("profiled");
    const bare = { MEMORY_URL: "", MEMORY_KEY: "", MEMORY_ADMIN_TOKEN: "", MEMORY_NAMESPACE: "" };
    const refused = await bench.cli.run(["profile", "add", "staging", "--url", bench.service.url], {
      env: bare,
    });
    expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining("--stdin")]);
    await bench.cli.run(
      ["profile", "add", "staging", "--url", bench.service.url, "-n", "profiled", "--stdin"],
      {
        env: bare,
        stdin: `${key}\n`,
      },
    );
    const file = join(bench.cli.home, "memory-cli/profiles.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const used = await bench.cli.run(["stats", "--format", "json"], { env: bare });
    expect([used.exit, used.json.namespace]).toEqual([0, "profiled"]);
    const secret = join(bench.cli.home, "root");
    writeFileSync(secret, ADMIN_TOKEN);
    await bench.cli.run(["profile", "add", "staging", "--admin", "--key-file", secret], {
      env: bare,
    });
    expect((await bench.cli.run(["key", "list"], { env: bare })).exit).toBe(0);
  },
  "profile list": async () => {
    const { out } = await bench.cli.run(["profile", "list"]);
    expect(out).toMatch(/\* +staging/);
    expect(out).not.toContain("mk_");
  },
  "profile use": async () => {
    await bench.cli.run(["profile", "add", "other", "--url", bench.service.url, "--no-key"]);
    expect((await bench.cli.run(["profile", "use", "other"])).exit).toBe(0);
    expect((await bench.cli.run(["profile", "use", "nobody"])).exit).toBe(2);
    await bench.cli.run(["profile", "use", "staging"]);
  },
  "profile show": async () => {
    const shown = (
      await bench.cli.run(["profile", "show", "--profile", "staging", "--format", "json"])
    ).json;
    expect(shown).toMatchObject({ name: "staging", key: "yes", admin_token: "yes" });
  },
  "profile remove": async () => {
    expect((await bench.cli.run(["profile", "remove", "other", "--yes"])).exit).toBe(0);
    expect((await bench.cli.run(["profile", "show", "--profile", "other"])).exit).toBe(2);
  },
  mcp: async () => {
    const list = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" })}\n`;
    const away = await bench.cli.run(["mcp", "--url", "http://127.0.0.1:9"], { stdin: list });
    expect([away.exit, away.json]).toMatchObject([
      0,
      { id: 1, error: { message: expect.stringContaining("127.0.0.1:9") } },
    ]);
    const heard = await bench.cli.run(["mcp"], { stdin: list });
    expect([heard.exit, heard.json]).toMatchObject([
      0,
      { id: 1, result: { tools: expect.any(Array) } },
    ]);
    expect((await bench.cli.run(["mcp"], { stdin: list, env: { MEMORY_KEY: "" } })).exit).toBe(3);
  },
};
