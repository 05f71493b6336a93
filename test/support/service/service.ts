/**
 * The whole service as it is deployed: the production bundle in workerd, with its own storage on
 * disk.
 *
 * @module
 */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getPlatformProxy } from "wrangler";
import { endAtExit } from "../processes/leftovers.ts";
import { freePort, until } from "../processes/sqld.ts";

export const ADMIN_TOKEN = "an-admin-token-for-tests-only";
const ROOT = join(import.meta.dirname, "../../..");
/** The Worker as it is deployed: for what is timed. Tests have it held to the platform's limits. */
export const AS_DEPLOYED = "wrangler.toml";
const LIMITED = "limited";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // Tests look into answers of every shape; the assertions are what says which.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

export class Service {
  readonly url: string;
  readonly #port: number;
  #databaseUrl: string;
  readonly #config: string;
  readonly #vars: Record<string, string>;
  readonly #directory = mkdtempSync(join(tmpdir(), "memory-service-"));
  #process: ChildProcess | null = null;
  readonly #forget = endAtExit(() => {
    try {
      if (this.#process?.pid) process.kill(-this.#process.pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
    // What is killed may write for a moment more.
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  });

  private constructor(
    port: number,
    databaseUrl: string,
    vars: Record<string, string>,
    config: string,
  ) {
    this.#config = config;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#databaseUrl = databaseUrl;
    this.#vars = vars;
  }

  /**
   * @param vars settings beside the database and the admin token
   * @param config another Worker to run, from the root of the project
   */
  static async start(
    databaseUrl: string,
    vars: Record<string, string> = {},
    config = LIMITED,
  ): Promise<Service> {
    const service = new Service(await freePort(), databaseUrl, vars, config);
    await service.start();
    return service;
  }

  /** The process group of the runtime. */
  get group(): number {
    return this.#process?.pid ?? 0;
  }

  /** Only what is in R2 outlives this; after a kill. */
  async forgetAllButR2(): Promise<void> {
    const state = join(this.#directory, "state/v3");
    for (const kind of readdirSync(state))
      if (kind !== "r2") rmSync(join(state, kind), { recursive: true });
  }

  /** The files in which the objects of a class keep their data. */
  filesOf(className: string): string[] {
    const directory = join(this.#directory, "state/v3/do", `memory-service-${className}`);
    return readdirSync(directory)
      .filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
      .map((name) => join(directory, name));
  }

  /** Lets the bucket of backups be read and written by somebody else, while the service is down. */
  async withBucket(work: (bucket: R2Bucket) => Promise<void>): Promise<void> {
    await this.kill();
    const persist = { path: join(this.#directory, "state/v3") };
    // The bucket alone: the rest of the Worker is not wanted here.
    const configPath = join(this.#directory, "bucket.json");
    const r2_buckets = [{ binding: "BACKUPS", bucket_name: "memory-service-backups" }];
    writeFileSync(
      configPath,
      JSON.stringify({ name: "bucket", compatibility_date: "2026-01-01", r2_buckets }),
    );
    const proxy = await getPlatformProxy<{ BACKUPS: R2Bucket }>({ configPath, persist });
    try {
      await work(proxy.env.BACKUPS);
    } finally {
      await proxy.dispose();
    }
    await this.start();
  }

  /**
   * @param changes settings that are other from now on
   * @param databaseUrl another database from now on
   */
  async start(
    changes: Record<string, string> = {},
    databaseUrl = this.#databaseUrl,
  ): Promise<void> {
    this.#databaseUrl = databaseUrl;
    Object.assign(this.#vars, changes);
    const log = openSync(join(this.#directory, "log"), "a");
    const vars = {
      TURSO_DATABASE_URL: this.#databaseUrl,
      ADMIN_TOKEN,
      INSTANCE_COUNT: "2",
      ...this.#vars,
    };
    const args = [
      "dev",
      "--config",
      this.#configuration(),
      "--ip",
      "127.0.0.1",
      "--port",
      String(this.#port),
      "--inspector-port",
      "0",
    ];
    args.push(
      "--persist-to",
      join(this.#directory, "state"),
      "--show-interactive-dev-session=false",
    );
    for (const [name, value] of Object.entries(vars)) args.push("--var", `${name}:${value}`);
    const script = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    // A group of its own, so that the runtime dies with it.
    this.#process = spawn(process.execPath, [script, ...args], {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" },
    });
    const died = this.#process;
    await until(
      "the service is live",
      async () => {
        if (died.exitCode !== null) throw new Error(`the service ended:\n${this.log()}`);
        return fetch(`${this.url}/health/live`).then(
          (response) => response.ok,
          () => false,
        );
      },
      60_000,
    );
  }

  /** The path of the configuration; a limited Worker has one of its own. */
  #configuration(): string {
    if (this.#config !== LIMITED) return join(ROOT, this.#config);
    const text = readFileSync(join(ROOT, AS_DEPLOYED), "utf8")
      .replace(
        '"src/worker.ts"',
        JSON.stringify(join(ROOT, "test/support/service/limited-worker.ts")),
      )
      .replace('"./console/public"', JSON.stringify(join(ROOT, "console/public")));
    const file = join(this.#directory, "wrangler.toml");
    writeFileSync(file, text);
    return file;
  }

  /** Kills the runtime and all that belongs to it, at once. */
  async kill(): Promise<void> {
    const group = this.#process;
    this.#process = null;
    if (!group?.pid || group.exitCode !== null) return;
    const gone = once(group, "exit");
    process.kill(-group.pid, "SIGKILL");
    await gone;
    await until("the port is free", () =>
      fetch(`${this.url}/health/live`).then(
        () => false,
        () => true,
      ),
    );
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
    this.#forget();
  }

  log(): string {
    return readFileSync(join(this.#directory, "log"), "utf8");
  }

  async call(
    method: string,
    path: string,
    options: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const { key, body, headers } = options;
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
        ...(text === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const received = await response.text();
    const json =
      (response.headers.get("Content-Type") ?? "").includes("json") &&
      !response.headers.get("Content-Type")?.includes("ndjson");
    return {
      status: response.status,
      headers: response.headers,
      text: received,
      body: json && received !== "" ? JSON.parse(received) : null,
    };
  }

  /** Starts a job as its schedule does. @param at the time that it is scheduled for */
  async runCron(cron: string, at = Date.now()): Promise<number> {
    const query = new URLSearchParams({ cron, time: String(at) });
    return (await fetch(`${this.url}/cdn-cgi/handler/scheduled?${query.toString()}`)).status;
  }

  /** A key for one namespace, or for all. */
  async key(namespace: string, scopes: string[] = ["read", "write", "admin"]): Promise<string> {
    const body = {
      name: "test",
      scopes,
      namespaces: [namespace],
      ...(namespace === "*" ? {} : { default_namespace: namespace }),
    };
    const answer = await this.call("POST", "/admin/keys", { key: ADMIN_TOKEN, body });
    if (answer.status !== 201) throw new Error(`no key: ${answer.text}\n${this.log()}`);
    return String(answer.body.key);
  }

  /** NDJSON in, NDJSON out. */
  async import(
    key: string,
    lines: readonly unknown[],
  ): Promise<{ line: number; status: string; id?: string; error?: unknown }[]> {
    const body = lines.map((line) => JSON.stringify(line)).join("\n");
    const answer = await this.call("POST", "/v1/import", {
      key,
      body,
      headers: { "Content-Type": "application/x-ndjson" },
    });
    if (answer.status !== 200) throw new Error(`no import: ${answer.text}`);
    return answer.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { line: number; status: string; id?: string });
  }
}
