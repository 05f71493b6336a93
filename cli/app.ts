/**
 * What every command works with: the client under the right key, and the terminal. A command asks
 * for a client when it needs one; only then is a missing key an error.
 *
 * @module
 */

import { MemoryClient, MemoryError } from "../client/index.ts";
import { EXIT } from "./exit.ts";
import { resolveTarget, type Target } from "./profile.ts";
import type { Io } from "./terminal/io.ts";
import {
  colorsFor,
  render,
  safeLines,
  type Colors,
  type Format,
  type Shown,
} from "./terminal/output.ts";
import { Progress } from "./terminal/progress.ts";
import { askSecret, confirm } from "./terminal/prompt.ts";

export interface GlobalOptions {
  profile?: string;
  url?: string;
  namespace?: string;
  format: Format;
  color: boolean;
  quiet?: boolean;
  requestTimeout?: number;
}

/** Columns of an output that does not say how wide it is. */
const WIDTH = 120;

export class App {
  readonly options: GlobalOptions;
  readonly io: Io;
  readonly colors: Colors;
  readonly #errorColors: Colors;
  #target: Target | null = null;

  constructor(options: GlobalOptions, io: Io) {
    this.options = options;
    this.io = io;
    this.colors = colorsFor(io.stdout, io.env, options.color);
    this.#errorColors = colorsFor(io.stderr, io.env, options.color);
  }

  get target(): Target {
    return (this.#target ??= resolveTarget(this.options, this.io.env));
  }

  /**
   * Asks with the agent's key, or the ADMIN_TOKEN where there is none.
   *
   * @param namespace instead of the one that the command was given
   */
  async memory(namespace?: string): Promise<MemoryClient> {
    const { key, admin_token } = this.target;
    const secret =
      key ??
      admin_token ??
      (await askSecret(
        this.io,
        "Key: ",
        "There is no key. Set MEMORY_KEY, or save one: memory-cli profile add NAME --url URL",
      ));
    return this.#client(secret, { namespace });
  }

  /** Asks with the ADMIN_TOKEN. */
  async admin(): Promise<MemoryClient> {
    const token =
      this.target.admin_token ??
      (await askSecret(
        this.io,
        "ADMIN_TOKEN: ",
        "This needs the ADMIN_TOKEN. Set MEMORY_ADMIN_TOKEN, or save it: memory-cli profile add NAME --url URL --admin",
      ));
    return this.#client(token);
  }

  /** Asks what needs no secret. A secret that is there is sent along, because its owner gets more details. */
  anyone(more: { retries?: number; timeoutMs?: number } = {}): MemoryClient {
    return this.#client(this.target.admin_token ?? this.target.key, more);
  }

  #client(
    key: string | undefined,
    more: { retries?: number; timeoutMs?: number; namespace?: string | undefined } = {},
  ): MemoryClient {
    const { url } = this.target;
    const { namespace = this.target.namespace, ...others } = more;
    const { requestTimeout } = this.options;
    return new MemoryClient({
      url,
      ...(key === undefined ? {} : { key }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(requestTimeout === undefined ? {} : { timeoutMs: requestTimeout * 1_000 }),
      onRetry: ({ waitMs, error }) =>
        this.note(`${error.message} Trying again in ${Math.ceil(waitMs / 1_000)} s.`),
      ...others,
    });
  }

  /** The answer, or null where the service has no such route: it may be of another version. */
  async ifRouteExists<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof MemoryError && error.code === "no_such_route") return null;
      throw error;
    }
  }

  /** @param what is done, "importing" @param unit what is counted, "lines" */
  progress(what: string, unit: string): Progress {
    const isQuiet = this.options.quiet === true;
    return new Progress({ what, unit, isQuiet, stream: this.io.stderr });
  }

  /** Asks before what cannot be undone. @param isConfirmed whether --yes was given */
  confirm(question: string, isConfirmed: boolean): Promise<void> {
    return confirm(this.io, question, isConfirmed);
  }

  /** A line for the person at the terminal, beside the result. */
  note(text: string): void {
    if (this.options.quiet !== true)
      this.io.stderr.write(`${this.#errorColors.dim(safeLines(text))}\n`);
  }

  /** Writes the result. @returns the exit code */
  async print(shown: Shown): Promise<number> {
    const { isTTY, columns } = this.io.stdout;
    const width = isTTY ? columns || WIDTH : Number.POSITIVE_INFINITY;
    this.io.stdout.write(await render(shown, this.options.format, this.colors, width));
    return shown.exit ?? EXIT.ok;
  }
}
