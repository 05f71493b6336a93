/**
 * Opens the database over HTTP with an address and a token, and turns whatever the client
 * library throws into a `DatabaseError`. Repeats nothing and limits nothing; that is its
 * caller's. The only file that imports the client library.
 *
 * @module
 */

import { createClient, type InArgs } from "@libsql/client/web";
import { toDatabaseError } from "./errors.ts";
import type { Database, Row, SqlValue } from "../sql.ts";

export interface DatabaseOptions {
  /** `http(s)://` or `libsql://`. */
  url: string;
  authToken: string | null;
  /**
   * Deadline of one request, body included. Below 5 s, after which the server may give a write lock
   * to another.
   */
  timeoutMs: () => number;
  /** The W3C traceparent of what asks; null: none. */
  traceparent?: () => string | null;
}

/**
 * A Worker may hold six connections at once; the rest wait, so asking for more only hides the
 * queue.
 */
const CONCURRENCY = 6;

/** A database that is asked by HTTP requests; none is sent before it is used. */
export function openDatabase(options: DatabaseOptions): Database {
  const client = createClient({
    url: options.url,
    ...(options.authToken ? { authToken: options.authToken } : {}),
    concurrency: CONCURRENCY,
    intMode: "number",
    fetch: (request: Request) => {
      const headers = new Headers(request.headers);
      // The server compresses with Brotli at its highest quality: a hundred times slower than none.
      headers.set("accept-encoding", "identity");
      const traceparent = options.traceparent?.() ?? null;
      if (traceparent !== null) headers.set("traceparent", traceparent);
      return fetch(new Request(request, { headers }), {
        signal: AbortSignal.timeout(options.timeoutMs()),
      });
    },
  });
  return {
    async all<T extends Row>(sql: string, ...args: SqlValue[]): Promise<T[]> {
      try {
        const result = await client.execute({ sql, args: bind(args) });
        return result.rows.map(
          (row) => Object.fromEntries(result.columns.map((name, i) => [name, row[i]])) as T,
        );
      } catch (error) {
        throw toDatabaseError(error);
      }
    },
    async write(statements) {
      try {
        await client.batch(
          statements.map(({ sql, args }) => ({ sql, args: bind(args) })),
          "write",
        );
      } catch (error) {
        throw toDatabaseError(error);
      }
    },
  };
}

/**
 * A number goes out as REAL unless it is a BigInt, and a STRICT column or a LIMIT wants an integer.
 */
function bind(args: readonly SqlValue[]): InArgs {
  return args.map((value) =>
    typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value,
  );
}
