/**
 * What the document says of a route beside its method, path and scope.
 *
 * @module
 */

import type { z } from "zod";
import type { ProblemCode } from "../problem.ts";

/** A request that works. Its ids are those of `EXAMPLE_IDS`. */
export interface RequestExample {
  summary: string;
  body?: unknown;
}

interface Answer {
  status: 200 | 201 | 202 | 204 | 503;
  description: string;
  /** Absent: no body. */
  schema?: z.ZodType;
  /** The schema is one of what may be sent: it comes out as it goes in. */
  asSent?: true;
  /** `application/json` when not given; of NDJSON the schema is that of a line. */
  type?: "application/x-ndjson" | "text/html" | "text/plain";
  /** It may also come as `text/event-stream`, an answer an event. */
  orStream?: true;
  /** It may also come as text of this type. */
  or?: "text/markdown";
  /** Header → what it says. */
  headers?: Readonly<Record<string, string>>;
}

interface Parameter {
  schema: z.ZodType;
  description: string;
  example: string;
}

export interface RouteDoc {
  /** Unique, in lowerCamelCase: generators name a function after it. */
  id: string;
  tag: string;
  /** One line. */
  summary: string;
  description?: string;
  /** By the name that the path has. */
  params?: Readonly<Record<string, Parameter>>;
  query?: z.ZodObject;
  /** Values of query parameters that work together. */
  queryExample?: Readonly<Record<string, string | number>>;
  body?: {
    schema: z.ZodType;
    type?: "application/x-ndjson";
    examples: Readonly<Record<string, RequestExample>>;
  };
  /** Errors of a protocol inside of HTTP, beside problems. */
  protocolErrors?: z.ZodType;
  /** Takes `If-Match`. */
  ifMatch?: true;
  answers: readonly Answer[];
  /** Beyond those that every route of its kind has. */
  errors?: readonly ProblemCode[];
}

/** The ids in examples. The test that runs them puts real things in their place. */
export const EXAMPLE_IDS = {
  episode: "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b",
  other: "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2c",
  checkpoint: "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2d",
  recall: "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2e",
  key: "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2f",
  pattern: "pattern-0197a1b2",
  backup: "20260131T020000Z-0197a1b2",
  job: "backup-0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a30",
  namespace: "example",
} as const;
