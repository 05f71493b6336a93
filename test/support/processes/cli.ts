/**
 * `memory-cli` on a home of its own: in this process, which is what most tests need, or as the
 * process that a person starts.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { run } from "../../../cli/run.ts";

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
  /** What comes in by a pipe; nothing by default. */
  stdin?: string;
}

/** What a person answers, by a part of the question. */
export type Answers = readonly (readonly [question: string, answer: string])[];

export class Cli {
  /** A folder of its own: configuration, and files that commands write. */
  readonly home = mkdtempSync(join(tmpdir(), "memory-cli-"));
  readonly #env: Record<string, string>;

  /** @param env the whole environment of its commands, beside PATH and the home */
  constructor(env: Record<string, string>) {
    this.#env = env;
  }

  /** Runs a command line to its end in this process, whose folder is the one of the tests. */
  async run(args: readonly string[], { env = {}, stdin = "" }: CliOptions = {}): Promise<Ended> {
    const [stdout, stderr] = [new Kept(), new Kept()];
    const exit = await run(args, {
      env: this.#environment(env),
      stdin: Readable.from(stdin === "" ? [] : [Buffer.from(stdin)]),
      stdout,
      stderr,
    });
    return endedOf(exit, stdout.text, stderr.text);
  }

  /** The same for a person at a terminal, who answers these questions, in this order. */
  async answering(
    answers: Answers,
    args: readonly string[],
    { env = {} }: Pick<CliOptions, "env"> = {},
  ): Promise<Ended & { unasked: string[] }> {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stdout = new Kept();
    const stderr = Object.assign(new Asking(answers, stdin), { isTTY: true });
    const exit = await run(args, { env: this.#environment(env), stdin, stdout, stderr });
    return { ...endedOf(exit, stdout.text, stderr.text), unasked: stderr.unasked() };
  }

  /** Runs a command line as a process, in the home or in another folder. */
  async spawn(
    args: readonly string[],
    { env = {}, stdin, cwd = this.home }: CliOptions & { cwd?: string } = {},
  ): Promise<Ended> {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: this.#environment(env),
      stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    let [out, err] = ["", ""];
    child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.stdin?.end(stdin);
    const [code] = (await once(child, "close")) as [number | null];
    return endedOf(code ?? -1, out, err);
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

  #environment(more: Record<string, string>): Record<string, string> {
    const { PATH = "" } = process.env;
    return { PATH, XDG_CONFIG_HOME: this.home, HOME: this.home, ...this.#env, ...more };
  }
}

/** Keeps what is written to it. */
class Kept extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A terminal's other end: it types the answer when it sees the question. */
class Asking extends Kept {
  readonly #answers: (readonly [question: string, answer: string])[];
  readonly #keyboard: Writable;
  /** Where the next question may begin. */
  #seen = 0;

  constructor(answers: Answers, keyboard: Writable) {
    super();
    this.#answers = [...answers];
    this.#keyboard = keyboard;
  }

  override _write(chunk: Buffer, encoding: string, done: () => void): void {
    super._write(chunk, encoding, done);
    const [next] = this.#answers;
    if (!next || !this.text.slice(this.#seen).includes(next[0])) return;
    this.#seen = this.text.length;
    this.#answers.shift();
    this.#keyboard.write(`${next[1]}\n`);
  }

  /** Questions that never came. */
  unasked(): string[] {
    return this.#answers.map(([question]) => question);
  }
}

function endedOf(exit: number, out: string, err: string): Ended {
  let json: unknown = null;
  try {
    json = JSON.parse(out);
  } catch {
    // It was for people.
  }
  return { exit, out, err, json };
}
