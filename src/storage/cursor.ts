/**
 * Reads many rows of the database in one snapshot, as a stream: `POST /v3/cursor` of Hrana over
 * HTTP (github.com/tursodatabase/libsql, docs/HRANA_3_SPEC.md), which the client library does not
 * speak. Values come typed, so integers beyond 2^53 and text with NULs arrive as they are. A server
 * without it is asked by `/v2/pipeline`, whose answer is at most 10 MB.
 *
 * @module
 */

import { DatabaseError, kindOfCode, toDatabaseError } from "./errors.ts";

/** A value as Hrana writes it. */
export type TypedValue =
  | { type: "null" }
  | { type: "integer"; value: string }
  | { type: "float"; value: number }
  | { type: "text"; value: string }
  | { type: "blob"; base64?: string };

export interface Query {
  sql: string;
  args: readonly (string | number | null)[];
}

/** Rows of one query, in order. */
export interface RowPage {
  /** Index of the query. */
  query: number;
  rows: TypedValue[][];
}

/** Reads in one read transaction. Every method throws `DatabaseError`. */
export interface SnapshotReader {
  /**
   * The rows of all queries, as of one moment, query by query. Stop iterating to abort the request.
   * @param pageMs how long the server may be silent, ms
   */
  read(queries: readonly Query[]): AsyncGenerator<RowPage, void>;
}

export interface CursorOptions {
  /** `http(s)://` or `libsql://`. */
  url: string;
  authToken: string | null;
  /** How long the server may be silent, ms. */
  silenceMs: number;
  /**
   * Asks the way that has no stream; for servers without `/v3/cursor`, which is also found out by
   * asking.
   */
  paged?: boolean;
}

interface CursorEntry {
  type: "step_begin" | "step_end" | "step_error" | "row" | "error" | "replication_index";
  step?: number;
  row?: TypedValue[];
  error?: { message: string; code?: string };
}
interface BatchResult {
  step_results: ({ rows: TypedValue[][] } | null)[];
  step_errors: ({ message: string; code?: string } | null)[];
}

const JSON_TYPE = "application/json";

export function openSnapshots(options: CursorOptions): SnapshotReader {
  const base = options.url.replace(/^libsql:/, "https:").replace(/\/+$/, "");
  let streamed = !options.paged;
  const headers: Record<string, string> = {
    "content-type": JSON_TYPE,
    "accept-encoding": "identity",
  };
  if (options.authToken) headers["authorization"] = `Bearer ${options.authToken}`;

  return {
    async *read(queries) {
      if (streamed) {
        const watch = new Silence(options.silenceMs);
        try {
          const response = await fetch(`${base}/v3/cursor`, {
            method: "POST",
            headers,
            body: JSON.stringify({ baton: null, batch: { steps: stepsOf(queries) } }),
            signal: watch.signal,
          });
          if (response.status !== 404 && response.status !== 405) {
            if (!response.ok || !response.body) throw await failed(response);
            const open = { baton: null as string | null };
            try {
              yield* streamedRows(response.body, queries.length, watch, open);
            } finally {
              // Otherwise the server keeps a connection for it for ten seconds.
              if (open.baton !== null) await closeStream(base, headers, open.baton);
            }
            return;
          }
          await response.body?.cancel();
          streamed = false;
        } catch (error) {
          throw toDatabaseError(error);
        } finally {
          watch.end();
        }
      }
      yield* batchedRows(base, headers, queries, options.silenceMs);
    },
  };
}

/** BEGIN, the queries, COMMIT; each only if the one before succeeded. */
function stepsOf(queries: readonly Query[]): unknown[] {
  const texts = [{ sql: "BEGIN", args: [] }, ...queries, { sql: "COMMIT", args: [] }];
  return texts.map(({ sql, args }, step) => ({
    ...(step > 0 ? { condition: { type: "ok", step: step - 1 } } : {}),
    stmt: { sql, args: args.map(typed), want_rows: true },
  }));
}

function typed(value: string | number | null): TypedValue {
  if (value === null) return { type: "null" };
  if (typeof value === "string") return { type: "text", value };
  return Number.isSafeInteger(value)
    ? { type: "integer", value: String(value) }
    : { type: "float", value };
}

async function* streamedRows(
  body: ReadableStream<Uint8Array>,
  queries: number,
  watch: Silence,
  open: { baton: string | null },
): AsyncGenerator<RowPage, void> {
  let step = -1;
  let ended = 0;
  let head = true;
  for await (const lines of linesOf(body, watch)) {
    let page: RowPage | null = null;
    for (const line of lines) {
      if (head) {
        open.baton = (JSON.parse(line) as { baton: string | null }).baton;
        head = false;
        continue;
      }
      const entry = JSON.parse(line) as CursorEntry;
      if (entry.type === "row" && entry.row) {
        if (page?.query !== step - 1) {
          if (page) yield page;
          page = { query: step - 1, rows: [] };
        }
        page.rows.push(entry.row);
      } else if (entry.type === "step_begin") step = entry.step ?? -1;
      else if (entry.type === "step_end") ended += 1;
      else if (entry.error) throw errorOf(entry.error);
    }
    if (page) yield page;
  }
  // A stream that was cut may end between two lines.
  if (ended !== queries + 2) throw new DatabaseError("unreachable", "CURSOR_CUT", null);
}

/** Whole lines as they come. */
async function* linesOf(
  body: ReadableStream<Uint8Array>,
  watch: Silence,
): AsyncGenerator<string[], void> {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let parts: string[] = [];
  try {
    for (;;) {
      watch.wait();
      const { done, value } = await reader.read();
      watch.heard();
      const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      if (done || text.includes("\n")) {
        const lines = (parts.join("") + text).split("\n");
        parts = done ? [] : [lines.pop() ?? ""];
        const whole = lines.filter((line) => line !== "");
        if (whole.length > 0) yield whole;
      } else parts.push(text);
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function* batchedRows(
  base: string,
  headers: Record<string, string>,
  queries: readonly Query[],
  silenceMs: number,
): AsyncGenerator<RowPage, void> {
  let results: BatchResult;
  try {
    const response = await fetch(`${base}/v2/pipeline`, {
      method: "POST",
      headers,
      body: JSON.stringify({
        requests: [{ type: "batch", batch: { steps: stepsOf(queries) } }, { type: "close" }],
      }),
      signal: AbortSignal.timeout(silenceMs),
    });
    if (!response.ok) throw await failed(response);
    const body: {
      results: { error?: { message: string; code?: string }; response?: { result: BatchResult } }[];
    } = await response.json();
    const first = body.results[0];
    if (!first?.response) throw errorOf(first?.error ?? { message: "no result" });
    results = first.response.result;
  } catch (error) {
    throw toDatabaseError(error);
  }
  const fault = results.step_errors.find((error) => error !== null);
  if (fault) throw errorOf(fault);
  for (const [query] of queries.entries()) {
    const rows = results.step_results[query + 1]?.rows ?? [];
    if (rows.length > 0) yield { query, rows };
  }
}

async function closeStream(
  base: string,
  headers: Record<string, string>,
  baton: string,
): Promise<void> {
  const body = JSON.stringify({ baton, requests: [{ type: "close" }] });
  const close = { method: "POST", headers, body, signal: AbortSignal.timeout(2_000) };
  await fetch(`${base}/v3/pipeline`, close).then(
    (response) => response.body?.cancel(),
    () => undefined,
  );
}

function errorOf({
  message,
  code = "SQLITE_UNKNOWN",
}: {
  message: string;
  code?: string;
}): DatabaseError {
  return new DatabaseError(kindOfCode(code, message), code, new Error(message));
}

async function failed(response: Response): Promise<DatabaseError> {
  const text = (await response.text()).slice(0, 500);
  const error = Object.assign(new Error(text), {
    code: "SERVER_ERROR",
    cause: { status: response.status },
  });
  return toDatabaseError(error);
}

/**
 * Aborts a request whose server says nothing for a time. One timer for all of it: a stream has
 * thousands of pieces, and a timer for each would cost more than reading them. Hence the time is
 * kept to within half of itself.
 */
class Silence {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #waiting = true;
  #ticks = 0;

  constructor(ms: number) {
    this.#timer = setInterval(() => {
      this.#ticks = this.#waiting ? this.#ticks + 1 : 0;
      if (this.#ticks > 2)
        this.#controller.abort(new DOMException("the server is silent", "TimeoutError"));
    }, ms / 2);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  /** The server is waited for from now on. */
  wait(): void {
    this.#waiting = true;
  }
  /** It said something; the consumer may take its time. */
  heard(): void {
    this.#waiting = false;
    this.#ticks = 0;
  }
  end(): void {
    clearInterval(this.#timer);
  }
}
