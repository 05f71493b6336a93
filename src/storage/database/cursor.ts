/**
 * Reads many rows of the database in one snapshot, as a stream: `POST /v3/cursor` of Hrana over
 * HTTP (github.com/tursodatabase/libsql, docs/HRANA_3_SPEC.md), which the client library does not
 * speak. Values come typed, so integers beyond 2^53 and text with NULs arrive as they are. A server
 * without cursors is asked by `/v2/pipeline`, whose answer is at most 10 MB.
 *
 * @module
 */

import { DatabaseError, kindOfCode, toDatabaseError } from "./errors.ts";
import { SilenceTimeout } from "./silence.ts";

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
   * The rows of all queries as of one moment, query by query; a query without rows has no page.
   * Stop iterating to abort the request.
   */
  read(queries: readonly Query[]): AsyncGenerator<RowPage, void>;
}

export interface CursorOptions {
  /** `http(s)://` or `libsql://`. */
  url: string;
  authToken: string | null;
  /** How long the server may be silent before the read fails with kind `timeout`, ms. */
  silenceMs: number;
  /**
   * Asks by `/v2/pipeline` from the start. Default: no; a server without `/v3/cursor` is found out
   * by its answer.
   */
  paged?: boolean;
}

interface HranaError {
  message: string;
  code?: string;
}
interface CursorEntry {
  type: "step_begin" | "step_end" | "step_error" | "row" | "error" | "replication_index";
  step?: number;
  row?: TypedValue[];
  error?: HranaError;
}
interface BatchResult {
  step_results: ({ rows: TypedValue[][] } | null)[];
  step_errors: (HranaError | null)[];
}
interface PipelineAnswer {
  results: { error?: HranaError; response?: { result: BatchResult } }[];
}

/** How long the closing of a stream may take, ms. */
const CLOSE_MS = 2_000;
/** Characters of an error's body that are kept. */
const ERROR_TEXT_MAX = 500;

/** A reader of the database at this address; nothing is sent before it is used. */
export function openSnapshots(options: CursorOptions): SnapshotReader {
  const server = new HranaServer(options);
  let hasCursor = !options.paged;

  return {
    async *read(queries) {
      if (hasCursor) {
        const silence = new SilenceTimeout(options.silenceMs);
        try {
          const body = await server.openCursor(queries, silence.signal);
          if (body) {
            yield* server.cursorRows(body, queries.length, silence);
            return;
          }
          hasCursor = false;
        } catch (error) {
          throw toDatabaseError(error);
        } finally {
          silence.end();
        }
      }
      yield* server.pipelineRows(queries);
    },
  };
}

class HranaServer {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #silenceMs: number;

  constructor({ url, authToken, silenceMs }: CursorOptions) {
    this.#base = url.replace(/^libsql:/, "https:").replace(/\/+$/, "");
    this.#silenceMs = silenceMs;
    this.#headers = {
      "content-type": "application/json",
      "accept-encoding": "identity",
      ...(authToken ? { authorization: `Bearer ${authToken}` } : {}),
    };
  }

  /** The body of a cursor's answer; null: the server has no cursors. */
  async openCursor(
    queries: readonly Query[],
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array> | null> {
    const asked = { baton: null, batch: { steps: stepsOf(queries) } };
    const response = await this.#post("/v3/cursor", asked, signal);
    if (response.status === 404 || response.status === 405) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok || !response.body) throw await responseError(response);
    return response.body;
  }

  async *cursorRows(
    body: ReadableStream<Uint8Array>,
    queries: number,
    silence: SilenceTimeout,
  ): AsyncGenerator<RowPage, void> {
    const stream: CursorStream = { baton: null };
    try {
      yield* streamedRows(body, queries, silence, stream);
    } finally {
      // Otherwise the server keeps a connection for it for ten seconds.
      if (stream.baton !== null) await this.#closeStream(stream.baton);
    }
  }

  async *pipelineRows(queries: readonly Query[]): AsyncGenerator<RowPage, void> {
    const { step_results, step_errors } = await this.#batch(queries);
    const error = step_errors.find((own) => own !== null);
    if (error) throw errorOf(error);
    for (const [query] of queries.entries()) {
      // The first step is BEGIN.
      const rows = step_results[query + 1]?.rows ?? [];
      if (rows.length > 0) yield { query, rows };
    }
  }

  async #batch(queries: readonly Query[]): Promise<BatchResult> {
    const asked = {
      requests: [{ type: "batch", batch: { steps: stepsOf(queries) } }, { type: "close" }],
    };
    try {
      const timeout = AbortSignal.timeout(this.#silenceMs);
      const response = await this.#post("/v2/pipeline", asked, timeout);
      if (!response.ok) throw await responseError(response);
      const { results }: PipelineAnswer = await response.json();
      const first = results[0];
      if (!first?.response) throw errorOf(first?.error ?? { message: "no result" });
      return first.response.result;
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  async #closeStream(baton: string): Promise<void> {
    const asked = { baton, requests: [{ type: "close" }] };
    await this.#post("/v3/pipeline", asked, AbortSignal.timeout(CLOSE_MS)).then(
      (response) => response.body?.cancel(),
      () => undefined,
    );
  }

  #post(path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    return fetch(this.#base + path, {
      method: "POST",
      headers: this.#headers,
      body: JSON.stringify(body),
      signal,
    });
  }
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

interface CursorStream {
  /** By which the server knows the stream; null: not told yet. */
  baton: string | null;
}

async function* streamedRows(
  body: ReadableStream<Uint8Array>,
  queries: number,
  silence: SilenceTimeout,
  stream: CursorStream,
): AsyncGenerator<RowPage, void> {
  let step = -1;
  let endedSteps = 0;
  let isHead = true;
  for await (const lines of linesOf(body, silence)) {
    let page: RowPage | null = null;
    for (const line of lines) {
      if (isHead) {
        stream.baton = (JSON.parse(line) as CursorStream).baton;
        isHead = false;
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
      else if (entry.type === "step_end") endedSteps += 1;
      else if (entry.error) throw errorOf(entry.error);
    }
    if (page) yield page;
  }
  // A stream that was cut may end between two lines.
  if (endedSteps !== queries + 2) throw new DatabaseError("unreachable", "CURSOR_CUT", null);
}

/** Whole lines as they come; empty ones are left out. */
async function* linesOf(
  body: ReadableStream<Uint8Array>,
  silence: SilenceTimeout,
): AsyncGenerator<string[], void> {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let unended: string[] = [];
  try {
    for (;;) {
      silence.wait();
      const { done, value } = await reader.read();
      silence.heard();

      const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      if (done || text.includes("\n")) {
        const lines = (unended.join("") + text).split("\n");
        unended = done ? [] : [lines.pop() ?? ""];
        const whole = lines.filter((line) => line !== "");
        if (whole.length > 0) yield whole;
      } else unended.push(text);
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function errorOf({ message, code = "SQLITE_UNKNOWN" }: HranaError): DatabaseError {
  return new DatabaseError(kindOfCode(code, message), code, new Error(message));
}

async function responseError(response: Response): Promise<DatabaseError> {
  const text = (await response.text()).slice(0, ERROR_TEXT_MAX);
  const cause = { status: response.status };
  return toDatabaseError(Object.assign(new Error(text), { code: "SERVER_ERROR", cause }));
}
