/**
 * What a route is: the part that the Worker runs on (`RouteContract`), and the part that only the
 * OpenAPI document needs (`RouteDoc`). Both are keyed by the route's id, the document's
 * operationId; a route without its doc, or a doc without its route, does not compile.
 *
 * @module
 */

import type * as z from "zod";
import type { ProblemCode } from "./call.ts";
import type { Scope } from "./vocabulary.ts";

/** The document calls a route by its key, in lowerCamelCase: generators name functions after it. */
export interface RouteContract {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Segments that begin with ":" are parameters, each with its schema in `params`. */
  readonly path: string;
  /** null: open to everybody. root: ADMIN_TOKEN only. */
  readonly scope: Scope | "root" | null;
  readonly params?: Readonly<Record<string, z.ZodType<string>>>;
  /** Absent: query parameters are ignored. */
  readonly query?: z.ZodObject;
  /** Absent: a body is not read. */
  readonly body?: z.ZodType;
  /** The handler reads and validates the body: it is a stream, or has one of several shapes. */
  readonly bodyReadBy?: "handler";
  /** application/json when absent. */
  readonly bodyType?: "application/x-ndjson";
  /** It may also come as bytes of this type. */
  readonly bodyOr?: "application/x-protobuf";
  /** Takes `If-Match`. */
  readonly ifMatch?: true;
}

type RouteMore = Omit<RouteContract, "method" | "path" | "scope">;

const routeOf =
  <M extends RouteContract["method"]>(method: M) =>
  <S extends RouteContract["scope"], const More extends RouteMore = object>(
    path: string,
    scope: S,
    more?: More,
  ) =>
    ({ method, path, scope, ...more }) as { method: M; path: string; scope: S } & More;

export const get = routeOf("GET");
export const post = routeOf("POST");
export const put = routeOf("PUT");
export const patch = routeOf("PATCH");
export const del = routeOf("DELETE");

/** A request that works. Its ids are those at the end of this file. */
export interface RequestExample {
  summary: string;
  body: unknown;
}

export type AnswerHeader = "ETag" | "Location";

interface RouteAnswer {
  status: 200 | 201 | 202 | 204 | 503;
  description: string;
  /** Absent: no body, or text. */
  schema?: z.ZodType;
  /** The schema is that of a request: the answer comes as it may be sent again. */
  asSent?: true;
  /** application/json when absent; of NDJSON the schema is that of a line. */
  type?:
    | "application/x-ndjson"
    | "text/html"
    | "text/javascript"
    | "text/plain"
    | "text/event-stream";
  /** It may also come as `text/event-stream`, an answer an event. */
  orStream?: true;
  /** It may also come as text of this type. */
  or?: "text/markdown";
  /** Beside the usual ones. */
  headers?: readonly AnswerHeader[];
}

/** What a parameter of the path is, with a value that works. */
interface ParameterDoc {
  description: string;
  example: string;
}

/**
 * What the document says of a route. Write it as a plain literal (no spread, no call, no property of
 * another object): a literal that nothing refers to is left out of the Worker's bundle, which a test
 * checks.
 */
export interface RouteDoc {
  tag: string;
  /** One line. */
  summary: string;
  description?: string;
  params?: Readonly<Record<string, ParameterDoc>>;
  /** Values of query parameters that work together. */
  queryExample?: Readonly<Record<string, string | number>>;
  /** Of each body at least one. */
  examples?: Readonly<Record<string, RequestExample>>;
  /** The body, where the document can say more than the Worker checks by itself. */
  body?: z.ZodType;
  answers: readonly RouteAnswer[];
  /** Errors beyond those that every route of its kind has. */
  errors?: readonly ProblemCode[];
  /** Errors of a protocol inside of HTTP, beside problems. */
  protocolErrors?: z.ZodType;
}

/** The docs of some routes: one for each, with each parameter and an example of each body. */
export type RouteDocs<R extends Readonly<Record<string, RouteContract>>> = {
  readonly [K in keyof R]: RouteDoc &
    (R[K] extends { params: infer P } ? { params: Record<keyof P, ParameterDoc> } : unknown) &
    (R[K] extends { body: z.ZodType } ? { examples: Record<string, RequestExample> } : unknown);
};

// The ids in examples. Each stands by itself, because a property of an object is no plain literal.
export const EPISODE_ID = "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b";
export const OTHER_EPISODE_ID = "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2c";
export const CHECKPOINT_ID = "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2d";
export const RECALL_ID = "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2e";
export const KEY_ID = "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2f";
export const GRANT_ID = "0197a1b2c3d4:example";
export const PATTERN_ID = "pattern-0197a1b2";
export const LESSON_ID = "lesson-0197a1b2c3d47e5f8a6b7c8d9e0f1a2b";
export const WEBHOOK_ID = "wh-0197a1b2c3d4";
export const BACKUP_ID = "20260131T020000Z-0197a1b2";
export const JOB_ID = "backup-0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a30";
