/**
 * What every command works with: the client under the right key, and how to show something.
 *
 * @module
 */

import { MemoryClient, MemoryError } from "../client/index.ts";
import { CliError, EXIT } from "./exit.ts";
import {
  colorsFor,
  details,
  render,
  table,
  type Column,
  type Colors,
  type Format,
  type Row,
  type Shown,
} from "./terminal/output.ts";
import { resolveTarget, type Target } from "./profile.ts";
import { Progress } from "./terminal/progress.ts";
import { askSecret } from "./terminal/prompt.ts";

export interface GlobalOptions {
  profile?: string;
  url?: string;
  namespace?: string;
  format: Format;
  color: boolean;
  quiet?: boolean;
  requestTimeout?: number;
}

const WIDTH = 120;

export class App {
  readonly options: GlobalOptions;
  readonly colors: Colors;
  readonly errorColors: Colors;
  #target: Target | null = null;

  constructor(options: GlobalOptions) {
    this.options = options;
    this.colors = colorsFor(process.stdout, options.color);
    this.errorColors = colorsFor(process.stderr, options.color);
  }

  get target(): Target {
    return (this.#target ??= resolveTarget(this.options));
  }

  get width(): number {
    return process.stdout.isTTY ? process.stdout.columns || WIDTH : WIDTH;
  }

  /** Asks with the agent's key, or without one. */
  async memory(): Promise<MemoryClient> {
    const { key, admin_token } = this.target;
    const secret =
      key ??
      admin_token ??
      (await askSecret(
        "Key: ",
        "There is no key. Set MEMORY_KEY, or save one: memory-cli profile add NAME --url URL",
      ));
    return this.#client(secret);
  }

  /** Asks with the ADMIN_TOKEN. */
  async admin(): Promise<MemoryClient> {
    const token =
      this.target.admin_token ??
      (await askSecret(
        "ADMIN_TOKEN: ",
        "This needs the ADMIN_TOKEN. Set MEMORY_ADMIN_TOKEN, or save it: memory-cli profile add NAME --url URL --admin",
      ));
    return this.#client(token);
  }

  /** Asks what everybody may ask; who shows a secret is told more. */
  open(more: { retries?: number; timeoutMs?: number } = {}): MemoryClient {
    return this.#client(this.target.admin_token ?? this.target.key, more);
  }

  #client(
    key: string | undefined,
    more: { retries?: number; timeoutMs?: number } = {},
  ): MemoryClient {
    const { url, namespace } = this.target;
    const quiet = this.options.quiet === true;
    return new MemoryClient({
      url,
      ...(key === undefined ? {} : { key }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(this.options.requestTimeout === undefined
        ? {}
        : { timeoutMs: this.options.requestTimeout * 1_000 }),
      onRetry: ({ waitMs, error }) => {
        if (!quiet) this.note(`${error.message} Trying again in ${Math.ceil(waitMs / 1_000)} s.`);
      },
      ...more,
    });
  }

  /** What the client answered, or null when there is no such route at this service. */
  async known<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof MemoryError && error.code === "no_such_route") return null;
      throw error;
    }
  }

  progress(what: string, unit: string): Progress {
    return new Progress(what, unit, this.options.quiet === true);
  }

  /** To whom reads along; not into a pipe. */
  note(text: string): void {
    if (this.options.quiet !== true) process.stderr.write(`${this.errorColors.dim(text)}\n`);
  }

  print(shown: Shown): number {
    process.stdout.write(render(shown, this.options.format, this.colors, this.width));
    return shown.exit ?? EXIT.ok;
  }
}

/** A list as a table; more pages are said. */
export function listed(data: unknown, key: string, columns: readonly Column[]): Shown {
  const page = data as { [name: string]: unknown };
  const rows = (Array.isArray(data) ? data : (page[key] ?? [])) as Row[];
  return {
    data,
    text: (colors, width) => {
      const lines = [table(rows, columns, colors, width)];
      if (page["degraded"] === true)
        lines.push(colors.yellow("The database is out of reach: this is what the instances hold."));
      if (typeof page["next_cursor"] === "string")
        lines.push(colors.dim(`More: --cursor ${page["next_cursor"]}`));
      return lines.join("\n");
    },
  };
}

/** One thing, field by field. */
export function viewed(data: unknown, title?: (data: Row, colors: Colors) => string): Shown {
  return {
    data,
    text: (colors) => {
      const row = (typeof data === "object" && data !== null ? data : { result: data }) as Row;
      return `${title ? `${title(row, colors)}\n` : ""}${details(row, colors)}`;
    },
  };
}

/** A sentence. */
export function told(data: unknown, text: string | ((colors: Colors) => string)): Shown {
  return { data, text: (colors) => (typeof text === "string" ? text : text(colors)) };
}

/** Columns by field name. */
export const columns = (...names: string[]): Column[] =>
  names.map((name) => [name.toUpperCase().replaceAll("_", " "), (row) => row[name]]);

/** JSON that the command line gives. */
export function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CliError(`${what} is not JSON: ${(error as Error).message}`);
  }
}
