import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../cli/commands/index.ts";
import { Cli, type Ended } from "../support/cli.ts";
import { ADMIN_TOKEN, Service } from "../support/service.ts";
import { Sqld, until } from "../support/sqld.ts";

let database: Sqld;
let service: Service;
let cli: Cli;
let paths: string[];

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  const key = await service.key("cli");
  cli = new Cli({ MEMORY_URL: service.url, MEMORY_KEY: key, MEMORY_ADMIN_TOKEN: ADMIN_TOKEN, MEMORY_NAMESPACE: "cli" });
  paths = Object.keys((await service.call("GET", "/openapi.json")).body.paths as object);
});
afterAll(async () => {
  cli.remove();
  await service.remove();
  await database.remove();
});

const ok = (...args: string[]): Promise<Ended> => cli.ok(...args);
async function started(task = "cancel the flight of Ms Kim"): Promise<string> {
  return String((await ok("episode", "create", "--task", task, "--domain", "airline")).json.id);
}
async function completed(task?: string): Promise<string> {
  const id = await started(task);
  await ok("episode", "log-step", id, "--tool", "find_booking", "--output", "found", "--latency-ms", "12");
  await ok("episode", "log-step", id, "--tool", "cancel_booking", "--output", "done");
  await ok("episode", "complete", id, "--verdict", "cancelled");
  return id;
}

/** What a command does where the service has its routes; where not, it must say so. */
function needs(path: string, works: () => Promise<void>, ...command: string[]): () => Promise<void> {
  return async () => {
    if (paths.includes(path)) return works();
    console.log(`this service has no ${path}: "memory-cli ${command.join(" ")}" is only tested to say so`);
    const ended = await cli.run(command);
    expect([ended.exit, ended.err]).toEqual([4, expect.stringContaining("There is no route")]);
  };
}

/** Each command, tried on the running service. */
const TRIED: Readonly<Record<string, () => Promise<void>>> = {
  "episode create": async () => {
    const made = await ok(
      "episode",
      "create",
      "--task",
      "t",
      "--type",
      "debugging",
      "--tag",
      "a",
      "--tag",
      "b",
      "--metadata",
      "trial=1",
      "--context-tag",
      "x",
      "--wait",
    );
    expect(made.json).toMatchObject({
      task_type: "debugging",
      tags: ["a", "b"],
      metadata: { trial: "1" },
      context: { tags: ["x"] },
      durability: "stored",
    });
    const refused = await cli.run(["episode", "create", "--task", ""]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("task")]);
  },
  "episode list": async () => {
    const id = await started("list me");
    const { episodes } = (await ok("episode", "list", "--text", "list me", "--status", "in_progress", "--since", "1h"))
      .json;
    expect(episodes.map((one: { id: string }) => one.id)).toEqual([id]);
    const all = (await ok("episode", "list", "--all")).json.episodes;
    expect(all.length).toBeGreaterThan(1);
    const people = await cli.run(["episode", "list", "--limit", "1"]);
    expect(people.out).toMatch(/^ID +STATUS/);
    expect(people.out).toMatch(/More: --cursor \S+/);
  },
  "episode view": async () => {
    const id = await completed();
    const people = await cli.run(["episode", "view", id]);
    expect(people.out).toMatch(/1 +find_booking +success +12 ms +found/);
    expect((await cli.run(["episode", "view", "nobody"])).exit).toBe(4);
  },
  "episode amend": async () => {
    const id = await started();
    expect((await ok("episode", "amend", id, "--domain", "rail", "--if-version", "1")).json.context.domain).toBe(
      "rail",
    );
    expect((await cli.run(["episode", "amend", id, "--domain", "sea", "--if-version", "1"])).exit).toBe(5);
    expect((await cli.run(["episode", "amend", id])).exit).toBe(2);
  },
  "episode log-step": async () => {
    const id = await started();
    expect((await ok("episode", "log-step", id, "--tool", "pay", "--error", "no funds")).json.last_number).toBe(1);
    await ok("episode", "log-step", id, "--tool", "wait", "--timed-out", "--parameters", '{"s":3}');
    const piped = await cli.run(["episode", "log-step", id, "--stdin", "--format", "json"], {
      stdin: '[{"tool":"a"},{"tool":"b"}]',
    });
    expect(piped.json).toMatchObject({ accepted: 2, last_number: 4 });
    const { steps } = (await ok("episode", "view", id)).json;
    expect(steps.map((step: { result: unknown }) => step.result)).toEqual([
      { type: "error", message: "no funds" },
      { type: "timeout" },
      null,
      null,
    ]);
    const bad = await cli.run(["episode", "log-step", id, "--tool", "t", "--parameters", "{"]);
    expect([bad.exit, bad.err]).toEqual([2, expect.stringContaining("--parameters is not JSON")]);
  },
  "episode complete": async () => {
    const id = await started();
    const ended = await ok(
      "episode",
      "complete",
      id,
      "--outcome",
      "partial_success",
      "--verdict",
      "half",
      "--completed",
      "a",
      "--failed",
      "b",
    );
    expect(ended.json).toMatchObject({ id, status: "completed" });
    expect((await cli.run(["episode", "complete", id, "--outcome", "failure", "--reason", "r"])).exit).toBe(5);
  },
  "episode fail": async () => {
    expect((await ok("episode", "fail", await started(), "--reason", "crashed")).json.status).toBe("failed");
  },
  "episode delete": async () => {
    const id = await started();
    const asked = await cli.run(["episode", "delete", id]);
    expect([asked.exit, asked.err]).toEqual([2, expect.stringContaining("--yes")]);
    await ok("episode", "delete", id, "--yes");
    expect((await cli.run(["episode", "view", id])).exit).toBe(4);
  },
  "episode search": async () => {
    const id = await completed("rebook the zeppelin");
    expect((await ok("episode", "search", "zeppelin", "rebook")).json.results[0].id).toBe(id);
  },
  "episode checkpoint": async () => {
    expect(
      (await ok("episode", "checkpoint", await started(), "--reason", "r", "--note", "n", "--state", '{"left":2}'))
        .json,
    ).toMatchObject({ state: { left: 2 }, note: "n" });
  },
  "episode handoff": async () => {
    const id = await started();
    const { json } = await ok("episode", "checkpoint", id, "--reason", "r");
    expect((await ok("episode", "handoff", id, "--checkpoint", json.id)).json.checkpoint.reason).toBe("r");
    expect((await cli.run(["episode", "handoff", id])).out).toContain("progress");
  },
  "episode import": async () => {
    const file = join(cli.home, "runs.jsonl");
    writeFileSync(file, '{"type":"episode","task":"from a file"}\n{"type":"episode"}\n');
    const taken = await cli.run(["episode", "import", file, "--format", "json"]);
    expect([taken.exit, taken.json]).toMatchObject([
      1,
      { created: 1, error: 1, refused: [{ line: 2, code: "validation_failed" }] },
    ]);
    const again = await cli.run(["episode", "import", "-"], { stdin: '{"type":"episode","task":"from a file"}\n' });
    expect(again.out).toContain("1 known already");
  },
  "episode export": async () => {
    await completed();
    const file = join(cli.home, "memory.jsonl");
    await ok("episode", "export", "-o", file);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.length).toBeGreaterThan(0);
    expect(statSync(file).mode & 0o077).toBe(0);
    const env = { MEMORY_KEY: await service.key("copy"), MEMORY_NAMESPACE: "copy" };
    const copied = await cli.run(["episode", "import", file, "--format", "json"], { env });
    await cli.run(["namespace", "erase", "copy", "--yes"], { env });
    expect(copied.json).toMatchObject({ created: lines.length, error: 0 });
    expect((await cli.run(["episode", "export"])).out.trim().split("\n").length).toBeGreaterThanOrEqual(lines.length);
  },
  "tag list": async () => expect((await ok("tag", "list", await started())).json.tags).toEqual([]),
  "tag add": async () => expect((await ok("tag", "add", await started(), "a", "b")).json.tags).toEqual(["a", "b"]),
  "tag remove": async () => {
    const id = await started();
    await ok("tag", "add", id, "a", "b");
    expect((await ok("tag", "remove", id, "a")).json.tags).toEqual(["b"]);
  },
  "relationship list": async () => {
    const [a, b] = [await started(), await started()];
    await ok("relationship", "add", a, "follows", b);
    expect((await cli.run(["relationship", "list", b])).out).toContain(`${a}  follows  ${b}`);
  },
  "relationship add": async () => {
    const [a, b] = [await started(), await started()];
    expect((await ok("relationship", "add", a, "depends_on", b, "--reason", "r")).json).toMatchObject({
      type: "depends_on",
      reason: "r",
    });
    expect((await cli.run(["relationship", "add", b, "depends_on", a])).exit).toBe(5);
    expect((await cli.run(["relationship", "add", b, "hates", a])).exit).toBe(2);
  },
  "relationship remove": async () => {
    const [a, b] = [await started(), await started()];
    await ok("relationship", "add", a, "blocks", b);
    await ok("relationship", "remove", a, "blocks", b);
    expect((await ok("relationship", "list", a)).json.relationships).toEqual([]);
  },
  "namespace erase": async () => {
    const env = { MEMORY_KEY: await service.key("gone"), MEMORY_NAMESPACE: "gone" };
    await cli.run(["episode", "create", "--task", "t"], { env });
    expect((await cli.run(["namespace", "erase", "gone"], { env })).exit).toBe(2);
    expect((await cli.run(["namespace", "erase", "gone", "--yes"], { env })).exit).toBe(0);
    expect((await cli.run(["episode", "list", "--format", "json"], { env })).json.episodes).toEqual([]);
  },
  recall: async () => {
    const id = await completed("polish the submarine");
    const found = (await ok("recall", "polish", "a", "submarine", "--step", "find_booking:success", "--limit", "3"))
      .json;
    expect(found.episodes[0].id).toBe(id);
    expect((await cli.run(["recall", "polish a submarine"])).out).toContain("polish the submarine");
    expect((await cli.run(["recall", "xylophone", "quark"])).out).toContain("Nothing known");
  },
  advise: needs(
    "/v1/advise",
    async () =>
      expect((await cli.run(["advise", "cancel", "a", "flight", "--step", "find_booking:success"])).exit).toBe(0),
    "advise",
    "cancel",
  ),
  playbook: async () => {
    await completed();
    await completed();
    const people = await cli.run(["playbook", "cancel the flight of Ms Kim", "--domain", "airline"]);
    expect(people.out).toMatch(/1\. find_booking/);
  },
  "pattern list": async () => {
    await completed();
    const { patterns } = (await ok("pattern", "list", "--kind", "tool_sequence", "--tool", "find_booking")).json;
    expect(patterns.length).toBeGreaterThan(0);
  },
  "pattern view": async () => {
    await completed();
    const [first] = (await ok("pattern", "list")).json.patterns;
    expect((await ok("pattern", "view", first.id)).json).toMatchObject({ id: first.id, kind: first.kind });
  },
  "heuristic list": async () => expect((await ok("heuristic", "list")).json.heuristics).toBeInstanceOf(Array),
  feedback: async () => {
    const id = await completed("fold the umbrella");
    const { recall_id } = (await ok("recall", "fold", "umbrella")).json;
    expect((await ok("feedback", recall_id, id, "--helped", "--rating", "0.9")).json).toMatchObject({
      counted: 1,
      unknown: [],
    });
    expect((await cli.run(["feedback", recall_id, id])).exit).toBe(2);
  },
  stats: async () =>
    expect((await ok("stats")).json).toMatchObject({ namespace: "cli", episodes: { total: expect.any(Number) } }),
  import: async () => {
    const sample = join(import.meta.dirname, "../importers/samples/mem0.json");
    const taken = await cli.run(["import", "--from", "mem0", sample, "--tag", "old"]);
    expect([taken.exit, taken.out]).toEqual([0, expect.stringMatching(/^3 new, 0 known already, 0 refused/)]);
    expect(taken.out).toContain("not taken over:");
    expect((await cli.run(["import", "--from", "mem0", sample, "--tag", "old"])).out).toContain("3 known already");
    expect((await cli.run(["import", "--from", "mem0", sample, "--dry-run"])).out.trim().split("\n")).toHaveLength(3);
    expect((await cli.run(["import", "--from", "nobody", sample])).exit).toBe(2);
  },
  "health check": async () => {
    expect((await ok("health", "check")).json.status).toMatch(/healthy|degraded/);
    expect((await cli.run(["health", "check", "--url", "http://127.0.0.1:9"])).exit).toBe(6);
  },
  "health watch": async () => {
    const seen = await cli.run(["health", "watch", "--interval", "100ms", "--count", "2"]);
    expect(seen.out.trim().split("\n")).toHaveLength(2);
    expect(seen.out).toMatch(/healthy|degraded/);
  },
  smoke: async () => {
    const { json } = await ok("smoke");
    expect(json.checks.map((one: { verdict: string }) => one.verdict)).not.toContain("fail");
    expect(json.checks).toHaveLength(9);
  },
  doctor: async () => {
    const env = { TURSO_DATABASE_URL: database.url, ADMIN_TOKEN };
    const well = await cli.run(["doctor"], { env, cwd: join(import.meta.dirname, "../..") });
    expect(well.out).toMatch(/✓ database SELECT 1 +SELECT 1 works without a token/);
    expect([well.exit, well.out]).toEqual([0, expect.not.stringContaining("✗")]);
    const sick = await cli.run(["doctor"], { env: { TURSO_DATABASE_URL: "http://127.0.0.1:9", ADMIN_TOKEN: "short" } });
    expect(sick.exit).toBe(1);
    expect(sick.out).toMatch(/✗ ADMIN_TOKEN +ADMIN_TOKEN must have at least 16 characters; it has 5/);
    expect(sick.out).toMatch(/✗ database \/health/);
    expect(sick.out).not.toContain("short\n");
  },
  diagnose: async () => {
    const well = await cli.run(["diagnose", "--slow-ms", "600000", "--format", "json"]);
    expect([well.exit, well.json]).toMatchObject([0, { healthy: true, runbook: null }]);
    const away = await cli.run(["diagnose", "--url", "http://127.0.0.1:9"]);
    expect([away.exit, away.out]).toEqual([1, expect.stringContaining("→ RB-001: Step 4: Start Service")]);
    const slow = await cli.run(["diagnose", "--slow-ms", "1", "--format", "json"]);
    expect(slow.json).toMatchObject({ healthy: false, runbook: "RB-005" });
    await ok("maintenance", "on", "--message", "We move house.");
    const kept = await cli.run(["diagnose", "--format", "json"]);
    await ok("maintenance", "off");
    expect(kept.json).toMatchObject({ runbook: "RB-002" });
    await ok("breaker", "open", "turso", "--ttl", "10m");
    const open = await cli.run(["diagnose", "--format", "json"]);
    await ok("breaker", "reset", "turso");
    expect(open.json).toMatchObject({ runbook: "RB-004", step: expect.stringContaining("CircuitBreakerOpen") });
  },
  "upgrade check": async () => {
    await until("nothing waits", async () => {
      await ok("storage", "flush");
      return (await ok("storage", "stats")).json.instances.every(
        (one: { outbox: { rows: number } }) => one.outbox.rows === 0,
      );
    });
    const { checks } = (await cli.run(["upgrade", "check", "--format", "json"])).json;
    expect(checks.map((one: { name: string }) => one.name)).toEqual([
      "version",
      "ready",
      "instances",
      "migrations",
      "backup",
    ]);
    const verdict = (name: string): string => checks.find((one: { name: string }) => one.name === name).verdict;
    expect(verdict("version")).toBe("pass");
    if (!paths.includes("/admin/backups")) expect(verdict("backup")).toBe("skip");
  },
  "storage stats": async () => expect((await cli.run(["storage", "stats"])).out).toMatch(/INSTANCE +ACTIVE/),
  "storage health": async () => expect((await ok("storage", "health")).json.breakers).toHaveLength(2),
  "storage flush": async () => expect((await ok("storage", "flush")).json.instances).toHaveLength(2),
  "storage sync": async () => {
    expect((await ok("storage", "sync")).json.namespaces).toEqual(["cli"]);
    expect((await ok("storage", "sync", "--force")).json.namespaces).toContain("cli");
    await until("it is loaded", async () => (await ok("recall", "anything")).json.served_by === "instance");
  },
  "outbox dead": async () => expect((await ok("outbox", "dead")).json.dead_letters).toEqual([]),
  "outbox retry": async () => expect((await ok("outbox", "retry")).json).toEqual({ retried: 0 }),
  "instance list": async () => expect((await ok("instance", "list")).json.topology.count).toBe(2),
  "instance resize": async () => {
    expect((await cli.run(["instance", "resize", "65", "--yes"])).exit).toBe(2);
    expect((await ok("instance", "resize", "2", "--yes")).json.topology.count).toBe(2);
  },
  drain: async () => {
    const id = await started();
    const early = await cli.run(["drain", "--timeout", "1s", "--maintenance", "We move house."]);
    expect([early.exit, early.out]).toEqual([1, expect.stringContaining("durable")]);
    expect(early.err).toMatch(/draining +\d+ episodes run, \d+ rows wait/);
    for (const one of (await ok("episode", "list", "--status", "in_progress", "--all")).json.episodes)
      await ok("episode", "fail", one.id, "--reason", "drained");
    const { episodes } = (await ok("episode", "list", "--status", "in_progress", "--all")).json;
    expect(episodes.map((one: { id: string }) => one.id)).not.toContain(id);
    const late = await cli.run(["drain", "--timeout", "30s", "--format", "json"]);
    await ok("maintenance", "off");
    expect([late.exit, late.json.drained]).toEqual([0, true]);
  },
  "config list": async () => {
    expect((await cli.run(["config", "list"])).out).toMatch(/cache_max_size +5000 +default/);
    const yaml = parse((await cli.run(["config", "list", "--format", "yaml"])).out) as { settings: object };
    expect(yaml.settings).toHaveProperty("cache_max_size");
  },
  "config get": async () => {
    expect((await ok("config", "get", "log_level")).json.log_level.value).toBe("info");
    expect((await cli.run(["config", "get", "no_such"])).exit).toBe(2);
  },
  "config set": async () => {
    expect((await ok("config", "set", "cache_max_size", "2000", "--by", "ana")).json.cache_max_size.value).toBe(2_000);
    const refused = await cli.run(["config", "set", "cache_max_size", "0"]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("1 to 100000")]);
  },
  "config unset": async () =>
    expect((await ok("config", "unset", "cache_max_size")).json.cache_max_size).toMatchObject({ source: "default" }),
  "config history": async () => {
    await ok("config", "set", "batch_size", "50", "--by", "ana");
    await ok("config", "unset", "batch_size");
    expect((await cli.run(["config", "history"])).out).toMatch(/root \(ana\) +batch_size/);
  },
  "maintenance on": async () => {
    await ok("maintenance", "on", "--message", "We move house.", "--by", "ana");
    const refused = await cli.run(["episode", "create", "--task", "t"]);
    await ok("maintenance", "off");
    expect([refused.exit, refused.err]).toEqual([6, expect.stringContaining("We move house.")]);
  },
  "maintenance off": async () => expect((await ok("maintenance", "off")).json.maintenance).toBeNull(),
  "maintenance status": async () => expect((await cli.run(["maintenance", "status"])).out).toBe("off\n"),
  "degraded on": async () => {
    expect((await ok("degraded", "on", "--message", "sparing it")).json.degraded.message).toBe("sparing it");
    await ok("degraded", "off");
  },
  "degraded off": async () => expect((await ok("degraded", "off")).json.degraded).toBeNull(),
  "degraded status": async () => expect((await ok("degraded", "status")).json).toEqual({ enabled: false }),
  "breaker status": async () =>
    expect((await cli.run(["breaker", "status"])).out).toMatch(/0 +turso +(closed|half_open|open)/),
  "breaker open": async () => {
    const states = (
      await ok("breaker", "open", "turso", "--ttl", "10m", "--reason", "drill", "--instance", "0")
    ).json.instances.map((one: { breakers: { turso: { state: string } } }) => one.breakers.turso.state);
    await ok("breaker", "reset");
    expect(states[0]).toBe("forced_open");
  },
  "breaker reset": async () => {
    const { instances } = (await ok("breaker", "reset", "turso")).json;
    expect(instances[0].breakers.turso.state).toBe("closed");
    expect((await cli.run(["breaker", "reset", "redb"])).exit).toBe(2);
  },
  "breaker disable": async () => {
    const { instances } = (await ok("breaker", "disable", "turso", "--ttl", "1m")).json;
    await ok("breaker", "reset", "turso");
    expect(instances[0].breakers.turso.state).toBe("disabled");
  },
  "backup create": needs(
    "/admin/backups",
    async () => expect((await cli.run(["backup", "create"])).exit).toBe(0),
    "backup",
    "create",
  ),
  "backup list": needs(
    "/admin/backups",
    async () => expect((await cli.run(["backup", "list"])).exit).toBe(0),
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
      expect((await cli.run(["backup", "verify", first.id])).exit).toBe(0);
    },
    "backup",
    "verify",
    "x",
  ),
  "backup restore": needs(
    "/admin/backups",
    async () => {
      const [first] = (await ok("backup", "list")).json.backups;
      expect((await cli.run(["backup", "restore", first.id])).exit).toBe(2);
      expect((await cli.run(["backup", "restore", first.id, "--dry-run"])).exit).toBe(0);
    },
    "backup",
    "restore",
    "x",
    "--yes",
  ),
  "job list": needs("/admin/jobs", async () => expect((await cli.run(["job", "list"])).exit).toBe(0), "job", "list"),
  "job view": needs(
    "/admin/jobs",
    async () => {
      const [first] = (await ok("job", "list")).json.jobs;
      expect((await cli.run(["job", "view", first.id, "--follow"])).exit).toBe(0);
    },
    "job",
    "view",
    "x",
  ),
  "job cancel": needs(
    "/admin/jobs",
    async () => expect((await cli.run(["job", "cancel", "nobody"])).exit).toBe(4),
    "job",
    "cancel",
    "x",
  ),
  migrate: needs(
    "/admin/migrations",
    async () => expect((await cli.run(["migrate", "--dry-run"])).exit).toBe(0),
    "migrate",
    "--dry-run",
  ),
  capacity: needs("/admin/capacity", async () => expect((await cli.run(["capacity"])).exit).toBe(0), "capacity"),
  "incident list": needs(
    "/admin/incidents",
    async () => expect((await cli.run(["incident", "list", "--since", "24h"])).exit).toBe(0),
    "incident",
    "list",
  ),
  "incident export": needs(
    "/admin/incidents",
    async () => {
      const markdown = await cli.run(["incident", "export", "--since", "1h"]);
      expect([markdown.exit, markdown.out]).toEqual([0, expect.stringMatching(/^#/m)]);
    },
    "incident",
    "export",
  ),
  "key create": async () => {
    const made = (
      await ok("key", "create", "--name", "agent", "--scope", "read", "--allow", "cli", "--expires-in", "1d")
    ).json;
    expect(made).toMatchObject({
      name: "agent",
      scopes: ["read"],
      namespaces: ["cli"],
      expires_at: expect.any(String),
    });
    const env = { MEMORY_KEY: made.key as string };
    expect((await cli.run(["stats"], { env })).exit).toBe(0);
    expect((await cli.run(["episode", "create", "--task", "t"], { env })).exit).toBe(3);
  },
  "key list": async () => expect((await cli.run(["key", "list"])).out).toMatch(/ID +NAME +SCOPES/),
  "key revoke": async () => {
    const made = (await ok("key", "create", "--name", "gone")).json;
    expect((await ok("key", "revoke", made.id, "--yes")).json.revoked_at).not.toBeNull();
    expect((await cli.run(["stats"], { env: { MEMORY_KEY: made.key as string } })).exit).toBe(3);
  },
  "profile add": async () => {
    const key = await service.key("profiled");
    const bare = { MEMORY_URL: "", MEMORY_KEY: "", MEMORY_ADMIN_TOKEN: "", MEMORY_NAMESPACE: "" };
    const refused = await cli.run(["profile", "add", "staging", "--url", service.url], { env: bare });
    expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining("--stdin")]);
    await cli.run(["profile", "add", "staging", "--url", service.url, "-n", "profiled", "--stdin"], {
      env: bare,
      stdin: `${key}\n`,
    });
    const file = join(cli.home, "memory-cli/profiles.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const used = await cli.run(["stats", "--format", "json"], { env: bare });
    expect([used.exit, used.json.namespace]).toEqual([0, "profiled"]);
    const secret = join(cli.home, "root");
    writeFileSync(secret, ADMIN_TOKEN);
    await cli.run(["profile", "add", "staging", "--admin", "--key-file", secret], { env: bare });
    expect((await cli.run(["key", "list"], { env: bare })).exit).toBe(0);
  },
  "profile list": async () => {
    const { out } = await cli.run(["profile", "list"]);
    expect(out).toMatch(/\* +staging/);
    expect(out).not.toContain("mk_");
  },
  "profile use": async () => {
    await cli.run(["profile", "add", "other", "--url", service.url, "--no-key"]);
    expect((await cli.run(["profile", "use", "other"])).exit).toBe(0);
    expect((await cli.run(["profile", "use", "nobody"])).exit).toBe(2);
    await cli.run(["profile", "use", "staging"]);
  },
  "profile show": async () => {
    const shown = (await cli.run(["profile", "show", "--profile", "staging", "--format", "json"])).json;
    expect(shown).toMatchObject({ name: "staging", key: "yes", admin_token: "yes" });
  },
  "profile remove": async () => {
    expect((await cli.run(["profile", "remove", "other", "--yes"])).exit).toBe(0);
    expect((await cli.run(["profile", "show", "--profile", "other"])).exit).toBe(2);
  },
  mcp: async () => {
    const list = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" })}\n`;
    const away = await cli.run(["mcp", "--url", "http://127.0.0.1:9"], { stdin: list });
    expect([away.exit, away.json]).toMatchObject([
      0,
      { id: 1, error: { message: expect.stringContaining("127.0.0.1:9") } },
    ]);
    const heard = await cli.run(["mcp"], { stdin: list });
    expect([heard.exit, heard.json]).toMatchObject([0, { id: 1, result: { tools: expect.any(Array) } }]);
    expect((await cli.run(["mcp"], { stdin: list, env: { MEMORY_KEY: "" } })).exit).toBe(3);
  },
};

describe("memory-cli", () => {
  it("has each of its commands tried", () => {
    expect(Object.keys(TRIED).sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
  });

  it.each(Object.entries(TRIED).map(([name, tries]) => ({ name, tries })))("$name", async ({ tries }) => {
    await tries();
  });

  it("suggests what was meant, and ends with 2", async () => {
    const ended = await cli.run(["episode", "craete"]);
    expect([ended.exit, ended.err]).toEqual([2, expect.stringContaining("Did you mean create?")]);
    expect((await cli.run(["episode", "list", "--limti", "1"])).err).toContain("Did you mean --limit?");
  });

  it("is quiet in a pipe, and colours a terminal's output only when it may", async () => {
    const plain = await cli.run(["health", "check"]);
    expect(plain.out).not.toContain("\u001b[");
    const forced = await cli.run(["health", "check"], { env: { FORCE_COLOR: "1" } });
    expect(forced.out).toContain("\u001b[");
    const never = await cli.run(["health", "check"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    expect(never.out).not.toContain("\u001b[");
  });

  it("takes no key from the command line, and says which one is missing", async () => {
    const env = { MEMORY_KEY: "", MEMORY_ADMIN_TOKEN: "" };
    const ended = await cli.run(["stats"], { env });
    expect([ended.exit, ended.err]).toEqual([3, expect.stringContaining("MEMORY_KEY")]);
    const root = await cli.run(["key", "list"], { env });
    expect([root.exit, root.err]).toEqual([3, expect.stringContaining("MEMORY_ADMIN_TOKEN")]);
    expect((await cli.run(["stats", "--key", "x"], { env })).exit).toBe(2);
  });

  it("refuses a profile file that others may read", async () => {
    const open = new Cli({});
    await open.run(["profile", "add", "a", "--url", service.url, "--no-key"]);
    const { chmodSync } = await import("node:fs");
    chmodSync(join(open.home, "memory-cli/profiles.json"), 0o644);
    const ended = await open.run(["profile", "list"]);
    open.remove();
    expect([ended.exit, ended.err]).toEqual([2, expect.stringContaining("chmod 600")]);
  });

  it("tells the terminal nothing that was stored", async () => {
    const id = await started("\u001b[2J\u001b]0;owned\u0007 task");
    const { out } = await cli.run(["episode", "view", id]);
    for (const control of ["\u001b", "\u0007"]) expect(out).not.toContain(control);
  });
});

describe("completion", () => {
  it.each(["bash", "zsh", "fish"])("has a script for %s", async (shell) => {
    const ended = await cli.run(["completion", shell]);
    expect([ended.exit, ended.out]).toEqual([0, expect.stringContaining("memory-cli")]);
  });

  it("completes commands, options and their choices", async () => {
    const complete = async (...words: string[]): Promise<string> => (await cli.run(["complete", "--", ...words])).out;
    expect(await complete("epi")).toContain("episode");
    expect(await complete("episode", "log")).toContain("log-step");
    expect(await complete("episode", "complete", "--out")).toContain("--outcome");
    expect(await complete("import", "--from", "")).toContain("claude-code");
  });
});
