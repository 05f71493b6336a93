/**
 * The processes that `npm start` runs: each is started again when it ends by itself, after a wait
 * that grows while it keeps ending, so that a full disk or a crash is an interruption and not the
 * end; one that runs but does not answer for long, or holds more memory than it may, is ended and
 * started again too. What they print goes to a log file of bounded size, one JSON object a line.
 *
 * @module
 */

import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { JsonLines } from "./json-lines.ts";
import { residentBytes } from "./memory.ts";
import { RotatingLog } from "./rotating-log.ts";

/** Bytes of one log file; each process has two. */
const LOG_BYTES_MAX = 10_000_000;
/** The first wait before a process is started again, and the longest, ms. */
const AGAIN_MIN_MS = 500;
const AGAIN_MAX_MS = 30_000;
/** A process that ran for this long was well: the next wait is the first one again, ms. */
const WELL_MS = 60_000;
/** A process that was asked this often in vain while it may be silent has hung. */
const LOOKS = 15;
/** What has not ended by then after it was asked to is killed, ms. */
const STOP_MS = 5_000;

export interface Program {
  /** What it is called in messages and in the names of its files. */
  name: string;
  command: string;
  args: readonly string[];
  /** Beside those of this process. */
  env?: Readonly<Record<string, string>>;
  /** Whether it answers now; without it, it is well as long as it runs. */
  answers?: () => Promise<boolean>;
  /** Bytes that it and what it started may hold together; looked at as often as it is asked. */
  memoryMax?: number;
}

export interface SupervisorOptions {
  /** Where the logs and the process ids are. */
  directory: string;
  cwd: string;
  say: (line: string) => void;
  /** For how long a process may answer nothing, its start included, ms. */
  silentMs: number;
}

/** A program that runs, or is about to. */
interface Run {
  program: Program;
  log: RotatingLog;
  /** How long to wait before it is started again, should it end soon, ms. */
  waitMs: number;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #children = new Map<string, ChildProcess>();
  #isStopping = false;
  /** Until then a process that ends is a fault that a repetition would not mend. */
  #isReady = false;
  readonly #failed = Promise.withResolvers<string>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Resolves with one line when a process ends before everything was ready for the first time. */
  get failed(): Promise<string> {
    return this.#failed.promise;
  }

  /** From now on a process that ends is started again. */
  ready(): void {
    this.#isReady = true;
  }

  run(program: Program): void {
    const log = new RotatingLog(
      join(this.#options.directory, `${program.name}.log`),
      LOG_BYTES_MAX,
    );
    this.#spawn({ program, log, waitMs: AGAIN_MIN_MS });
  }

  /** Ends all of them, the last one first, each kindly at first: one may need those before it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const child of [...this.#children.values()].reverse()) {
      const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
      signal(child, "SIGTERM");
      for (let waited = 0; waited < STOP_MS && isRunning(); waited += 50) await sleep(50);
      signal(child, "SIGKILL");
    }
  }

  #spawn({ program, log, waitMs }: Run): void {
    const { name, command, args, env } = program;
    const begun = Date.now();
    const child = spawn(command, args, {
      cwd: this.#options.cwd,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.#children.set(name, child);
    this.#note(`${name}.pid`, String(child.pid ?? ""));
    for (const stream of [child.stdout, child.stderr]) {
      const lines = new JsonLines(name, Date.now);
      const write = (text: string): void => {
        if (text !== "") log.write(Buffer.from(text));
      };
      stream.on("data", (chunk: Buffer) => write(lines.take(chunk)));
      stream.on("end", () => write(lines.end()));
    }

    let isOver = false;
    const over = (why: string): void => {
      if (isOver || this.#isStopping) return;
      isOver = true;
      // What it started itself is of no use without it, and holds its port.
      signal(child, "SIGKILL");
      if (!this.#isReady) return this.#failed.resolve(`The ${name} ${why}; see ${log.file}.`);
      const wait = Date.now() - begun >= WELL_MS ? AGAIN_MIN_MS : waitMs;
      this.#options.say(
        `The ${name} ${why}; it is started again in ${wait / 1_000} s; see ${log.file}.`,
      );
      setTimeout(() => {
        if (!this.#isStopping)
          this.#spawn({ program, log, waitMs: Math.min(AGAIN_MAX_MS, wait * 2) });
      }, wait);
    };
    child.on("error", (error) => over(`could not be started: ${error.message}`));
    child.on("exit", (code, signalName) =>
      over(`ended unexpectedly (${signalName ?? `exit code ${code}`})`),
    );
    void this.#monitor(program, child, () => isOver || this.#isStopping).then(
      (why) => why !== null && over(why),
    );
  }

  /**
   * Resolves when nothing was answered for too long or too much memory is held, with what to say;
   * with null when it is over.
   */
  async #monitor(
    { answers = async () => true, memoryMax = Infinity }: Program,
    child: ChildProcess,
    isOver: () => boolean,
  ): Promise<string | null> {
    const { silentMs } = this.#options;
    for (let silent = 0; silent < LOOKS; silent++) {
      await sleep(silentMs / LOOKS, undefined, { ref: false });
      if (isOver()) return null;
      // Its first start is waited for by whoever began it.
      if (!this.#isReady || (await answers().catch(() => false))) silent = -1;
      const held = memoryMax === Infinity ? 0 : (residentBytes(child.pid ?? 0) ?? 0);
      if (held > memoryMax)
        return `held ${Math.round(held / 1_000_000)} MB, more than ${memoryMax / 1_000_000}`;
    }
    return `has not answered for ${silentMs / 1_000} s`;
  }

  /**
   * A file for whoever looks after the processes from outside. A full disk must not end what runs.
   */
  #note(file: string, text: string): void {
    try {
      writeFileSync(join(this.#options.directory, file), text);
    } catch (error) {
      this.#options.say(
        `${file} could not be written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

/** A child leads a group, so that what it started ends with it. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended already.
  }
}
