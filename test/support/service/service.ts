/**
 * The whole service as it is deployed: the production bundle in the platform's simulator, with its
 * storage on disk. It is started on a database of the caller's, killed in the middle of what it
 * does and started again with what it stored, and asked over HTTP.
 *
 * @module
 */

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../processes/free-port.ts";
import { endAtExit } from "../processes/leftovers.ts";
import { builtWorker, buildWorker, type Variant } from "./built-worker.ts";
import { startRuntime, type Runtime } from "./runtime.ts";

export const ADMIN_TOKEN = "an-admin-token-for-tests-only";

/** Where the limited Worker of this run was built; see `build-once.ts`. */
const BUILT = "MEMORY_TEST_WORKER";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // Tests look into answers of every shape; the assertions are what says which.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

export interface ServiceOptions {
  /** `limited` by default. */
  variant?: Variant;
  /** Whether `inspectorUrl` may be asked for. */
  hasInspector?: boolean;
  /** Whether it has the KV namespace of OAuth; without it there is none. */
  hasOAuth?: boolean;
}

export class Service {
  readonly url: string;
  readonly #port: number;
  #databaseUrl: string;
  readonly #vars: Record<string, string>;
  readonly #options: ServiceOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), "memory-service-"));
  /** The directory of the built Worker. */
  #worker = "";
  #runtime: Runtime | null = null;
  readonly #log: string[] = [];
  readonly #forget = endAtExit(() => {
    // The simulator kills its runtime itself when this process exits; what is killed may write for
    // a moment more.
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  });

  private constructor(
    port: number,
    databaseUrl: string,
    vars: Record<string, string>,
    options: ServiceOptions,
  ) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#databaseUrl = databaseUrl;
    this.#vars = vars;
    this.#options = options;
  }

  /** @param vars settings of the deployment, beside the database and the admin token */
  static async start(
    databaseUrl: string,
    vars: Record<string, string> = {},
    options: ServiceOptions = {},
  ): Promise<Service> {
    const service = new Service(await freePort(), databaseUrl, { ...vars }, options);
    service.#worker = await service.#build();
    await service.start();
    return service;
  }

  async #build(): Promise<string> {
    const { variant = "limited" } = this.#options;
    const built = process.env[BUILT];
    if (variant === "limited" && built !== undefined) return built;
    const directory = join(this.#directory, "worker");
    mkdirSync(directory);
    await buildWorker(directory, variant);
    return directory;
  }

  /**
   * Starts it again after `kill`.
   *
   * @param changes settings that are other from now on
   * @param databaseUrl another database from now on
   */
  async start(
    changes: Record<string, string> = {},
    databaseUrl = this.#databaseUrl,
  ): Promise<void> {
    this.#databaseUrl = databaseUrl;
    Object.assign(this.#vars, changes);
    const worker = builtWorker(this.#worker);
    const bindings = {
      ...worker.bindings,
      TURSO_DATABASE_URL: this.#databaseUrl,
      ADMIN_TOKEN,
      INSTANCE_COUNT: "2",
      ...this.#vars,
    };
    this.#runtime = startRuntime({
      worker: {
        ...worker,
        bindings,
        ...(this.#options.hasOAuth && { kvNamespaces: ["OAUTH_KV"] }),
      },
      port: this.#port,
      directory: this.#state(),
      hasInspector: this.#options.hasInspector === true,
      onLog: (line) => this.#log.push(line),
    });
    try {
      await this.#runtime.ready;
    } catch (error) {
      throw new Error(`the service did not start:\n${this.log()}`, { cause: error });
    }
  }

  /** Kills the runtime and all that belongs to it, at once. Nothing happens when it is down. */
  async kill(): Promise<void> {
    const runtime = this.#runtime;
    this.#runtime = null;
    await runtime?.dispose();
  }

  /** Kills it, and removes what it stored. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
    this.#forget();
  }

  /** What the Worker and the simulator wrote since the first start. */
  log(): string {
    return this.#log.join("\n");
  }

  /** The same as lines, from one on: what is read so holds no copy of the rest. */
  logFrom(first: number): readonly string[] {
    return this.#log.slice(first);
  }

  /** The WebSocket of the Worker's inspector. @throws without `hasInspector` */
  async inspectorUrl(): Promise<string> {
    const url = await this.#running().getInspectorURL();
    return new URL("/core:user:memory-service", url).toString();
  }

  /** Only what is in R2 outlives this; after a kill. */
  forgetAllButR2(): void {
    for (const kind of readdirSync(this.#state()))
      if (kind !== "r2") rmSync(join(this.#state(), kind), { recursive: true });
  }

  /** The directory in which objects and the bucket keep what they store. */
  get storedIn(): string {
    return this.#state();
  }

  /** The files in which the objects of a class keep their data. */
  filesOf(className: string): string[] {
    const directory = join(this.#state(), "do", `memory-service-${className}`);
    return readdirSync(directory)
      .filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
      .map((name) => join(directory, name));
  }

  /**
   * Lets somebody else read and write the bucket of backups, and starts the service anew, so that
   * it finds what was done there.
   */
  async withBucket(work: (bucket: R2Bucket) => Promise<void>): Promise<void> {
    await work(await this.#running().getR2Bucket("BACKUPS"));
    await this.kill();
    await this.start();
  }

  /** Starts a job as its schedule does. @param at the time that it is scheduled for */
  async runCron(cron: string, at = Date.now()): Promise<number> {
    const query = new URLSearchParams({ cron, time: String(at) });
    return (await fetch(`${this.url}/cdn-cgi/local/scheduled?${query.toString()}`)).status;
  }

  /** A request, with its answer read to the end. */
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
    const type = response.headers.get("Content-Type") ?? "";
    const isJson = type.includes("json") && !type.includes("ndjson") && received !== "";
    return {
      status: response.status,
      headers: response.headers,
      text: received,
      body: isJson ? JSON.parse(received) : null,
    };
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

  /** Takes over whatever of the database and the bucket is another deployment's. */
  async takeOver(): Promise<void> {
    const { body } = await this.call("GET", "/admin/deployment", { key: ADMIN_TOKEN });
    const foreign = [body.database, body.bucket].filter(({ state }) => state === "foreign");
    for (const from of new Set(foreign.map(({ deployment }) => deployment))) {
      const path = "/admin/deployment/takeover";
      const answer = await this.call("POST", path, { key: ADMIN_TOKEN, body: { from } });
      if (answer.status !== 200) throw new Error(`no takeover: ${answer.text}`);
    }
  }

  /** NDJSON in, NDJSON out. */
  async import(
    key: string,
    lines: readonly unknown[],
    query = "",
  ): Promise<{ line: number; status: string; id?: string; error?: unknown }[]> {
    const body = lines.map((line) => JSON.stringify(line)).join("\n");
    const answer = await this.call("POST", `/v1/import${query}`, {
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

  #running(): Runtime {
    if (this.#runtime === null) throw new Error("the service does not run");
    return this.#runtime;
  }

  #state(): string {
    return join(this.#directory, "state");
  }
}
