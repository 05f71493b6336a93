/**
 * One bash for a whole page: what a block exports, the next one has. A block ends at its first
 * command that fails.
 *
 * @module
 */

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A failed command returns from the block that it is in; at the prompt itself there is nothing to
 * return from.
 */
const STRICT = `set -o pipefail -o errtrace
trap 'status_of_failed=$?; if [ \${#BASH_SOURCE[@]} -gt 0 ]; then return $status_of_failed; fi' ERR
`;

export interface Ended {
  /** null: it did not end in time. */
  exit: number | null;
  output: string;
  ms: number;
}

export class Shell {
  readonly #directory = mkdtempSync(join(tmpdir(), "memory-runbook-"));
  readonly #child: ChildProcess;
  #output = "";
  #runs = 0;
  #wake: () => void = () => undefined;

  /** @param env the whole environment @param cwd where commands start */
  constructor(env: Record<string, string>, cwd: string) {
    // A group of its own, so that a block that hangs ends with what it started.
    this.#child = spawn("bash", ["--noprofile", "--norc"], {
      cwd,
      env,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
        this.#wake();
      });
    }
    this.#child.on("exit", () => this.#wake());
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stdin?.write(STRICT);
  }

  /** Runs the text as it stands. After a block that did not end in time the shell is gone. */
  async run(text: string, timeoutMs: number): Promise<Ended> {
    const endMark = `__ended_${++this.#runs}_`;
    const file = join(this.#directory, `block-${this.#runs}.sh`);
    writeFileSync(file, `${text}\n`);
    this.#output = "";
    const begun = performance.now();
    this.#child.stdin?.write(`source ${file} 2>&1 </dev/null; printf '\\n${endMark}%d\\n' $?\n`);
    const end = new RegExp(`\\n?\\n${endMark}(\\d+)\\n`);
    for (;;) {
      const found = end.exec(this.#output);
      const ms = performance.now() - begun;
      if (found) return { exit: Number(found[1]), output: this.#output.slice(0, found.index), ms };
      if (ms >= timeoutMs || this.#child.exitCode !== null || this.#child.signalCode !== null) {
        this.#kill();
        return { exit: null, output: this.#output, ms };
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs - ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #kill(): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  remove(): void {
    this.#kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
