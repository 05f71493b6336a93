/**
 * The real `memory-cli`, as a process of its own.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BIN = join(import.meta.dirname, "../../../cli/bin.js");

export interface Ended {
  exit: number;
  out: string;
  err: string;
  // Tests look into outputs of every shape; the assertions are what says which.
  // oxlint-disable-next-line typescript/no-explicit-any
  json: any;
}

export interface CliOptions {
  env?: Record<string, string>;
  stdin?: string;
  cwd?: string;
}

export class Cli {
  /** A folder of its own: configuration, and files that commands write. */
  readonly home = mkdtempSync(join(tmpdir(), "memory-cli-"));
  readonly #env: Record<string, string>;

  constructor(env: Record<string, string>) {
    this.#env = env;
  }

  /** Runs a command line to its end. */
  async run(args: readonly string[], { env = {}, stdin, cwd }: CliOptions = {}): Promise<Ended> {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: cwd ?? this.home,
      env: {
        PATH: process.env["PATH"] ?? "",
        XDG_CONFIG_HOME: this.home,
        HOME: this.home,
        ...this.#env,
        ...env,
      },
      stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    let [out, err] = ["", ""];
    child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.stdin?.end(stdin);
    const [code] = (await once(child, "close")) as [number | null];
    let json: unknown = null;
    try {
      json = JSON.parse(out);
    } catch {
      // It was for people.
    }
    return { exit: code ?? -1, out, err, json };
  }

  /** Runs a command that must end with 0, for its JSON. */
  async ok(...args: string[]): Promise<Ended> {
    const ended = await this.run([...args, "--format", "json"]);
    if (ended.exit !== 0)
      throw new Error(
        `memory-cli ${args.join(" ")} ended with ${ended.exit}:\n${ended.out}${ended.err}`,
      );
    return ended;
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
