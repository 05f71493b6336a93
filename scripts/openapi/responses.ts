/**
 * The responses of an operation: its answers, and the problems that it may end with.
 *
 * @module
 */

import { type ProblemCode, PROBLEMS } from "../../src/contract/call.ts";
import type { AnswerHeader, RouteContract, RouteDoc } from "../../src/contract/route.ts";
import answers from "./answers.json" with { type: "json" };
import { answerSchema, bodySchema, mediaOf, type Json } from "./json-schema.ts";

/**
 * Answers to the first example of each operation, as a run of them gave (`npm run
 * openapi:answers`).
 */
const EXAMPLES: Readonly<Record<string, unknown>> = answers;

type ResponseHeader = AnswerHeader | "Memory-Durability";

const HEADER_DESCRIPTIONS: Readonly<Record<ResponseHeader, string>> = {
  ETag: "The version",
  Location: "Its address",
  "Memory-Durability": "queued or stored",
};

/** Responses that several operations have, by their names; filled as operations are described. */
export type SharedResponses = Record<string, Json>;

export function responsesOf(
  id: string,
  route: RouteContract,
  doc: RouteDoc,
  shared: SharedResponses,
): Json {
  const responses: Record<string, Json> = {};
  for (const answer of doc.answers) {
    const headers = [...usualHeaders(route), ...(answer.headers ?? [])];
    responses[answer.status] = answerResponse(id, answer, headers);
  }

  const codes = [...new Set([...usualErrors(route), ...(doc.errors ?? [])])];
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code][0]);
  for (const [status, ofStatus] of [...byStatus].sort(([a], [b]) => a - b)) {
    const name = ofStatus.sort().join("-or-");
    shared[name] ??= problemResponse(status, ofStatus);
    responses[status] = { $ref: `#/components/responses/${name}` };
    if (doc.protocolErrors && status === 400) {
      responses[status] = withProtocolErrors(problemResponse(status, ofStatus), doc.protocolErrors);
    }
  }

  const hasVersion = doc.answers.some(({ headers }) => headers?.includes("ETag"));
  if (hasVersion && route.method === "GET") {
    responses[304] = { description: "If-None-Match names the version that it has" };
  }
  return responses;
}

function answerResponse(
  id: string,
  { status, description, schema, asSent, type, orStream, or }: RouteDoc["answers"][number],
  headers: readonly ResponseHeader[],
): Json {
  const json = !schema ? { type: "string" } : asSent ? bodySchema(schema) : answerSchema(schema);
  const example = EXAMPLES[id];
  const content = {
    [type ?? "application/json"]: {
      ...mediaOf(type ?? "application/json", json),
      ...(example === undefined ? {} : { example }),
    },
    ...(orStream ? { "text/event-stream": { schema: json } } : {}),
    ...(or ? { [or]: { schema: { type: "string" } } } : {}),
  };
  const hasContent = status !== 204 && !(status === 202 && !schema);
  return {
    description,
    ...(headers.length > 0 ? { headers: headersOf(headers) } : {}),
    ...(hasContent ? { content } : {}),
  };
}

function headersOf(names: readonly ResponseHeader[]): Json {
  return Object.fromEntries(
    names.map((name) => [
      name,
      { description: HEADER_DESCRIPTIONS[name], schema: { type: "string" } },
    ]),
  );
}

/** Headers of the answers that a route has because of what it is: a write says how durable it is. */
function usualHeaders({ scope, bodyType }: RouteContract): ResponseHeader[] {
  return scope === "write" && bodyType === undefined ? ["Memory-Durability"] : [];
}

/** Problems that a route has because of what it is. */
function usualErrors(route: RouteContract): ProblemCode[] {
  const { scope, method, body, query, params } = route;
  const codes: ProblemCode[] = ["internal"];
  if (scope !== null) codes.push("unauthenticated", "forbidden", "key_in_url");
  if (body || query || params || scope !== null) codes.push("validation_failed");
  if (body) codes.push("body_too_large", "unsupported_media_type", "request_cut_off");
  if (scope === null) return codes;
  if (scope === "root") return [...codes, "not_ready"];

  codes.push("rate_limited", "overloaded", "not_ready", "deadline_exceeded");
  if (method === "POST" && scope !== "read") {
    codes.push("idempotency_conflict", "idempotency_in_flight", "conflict");
  }
  if (body && scope !== "read") codes.push("secret_found");
  return codes;
}

function problemResponse(status: number, codes: readonly ProblemCode[]): Json {
  const hasRetry = status === 429 || status === 503;
  const retry = { "Retry-After": { description: "Seconds", schema: { type: "integer" } } };
  return {
    description: codes.map((code) => `${code}: ${PROBLEMS[code][1]}`).join("; "),
    ...(hasRetry ? { headers: retry } : {}),
    content: {
      "application/problem+json": {
        schema: { $ref: "#/components/schemas/Problem" },
        "x-codes": codes,
      },
    },
  };
}

/**
 * Before a message is one of the protocol it is refused as any body is, afterwards as the protocol
 * says.
 */
function withProtocolErrors(
  problem: Json,
  protocolErrors: NonNullable<RouteDoc["protocolErrors"]>,
): Json {
  const content = {
    ...(problem["content"] as Json),
    "application/json": { schema: answerSchema(protocolErrors) },
  };
  return { ...problem, content };
}

/** The schema of a problem. */
export function problemSchema(): Json {
  return {
    type: "object",
    description: "RFC 9457 problem details.",
    properties: {
      type: { type: "string", description: "/problems/ and the code" },
      title: { type: "string" },
      status: { type: "integer" },
      code: {
        type: "string",
        enum: Object.keys(PROBLEMS).sort(),
        description: "Stable: for programs",
      },
      detail: { type: "string", description: "A sentence that a person can act on" },
      request_id: { type: "string" },
      errors: {
        type: "array",
        items: {
          type: "object",
          properties: {
            path: { type: "string", description: "Dotted: steps.3.tool" },
            message: { type: "string" },
          },
          required: ["path", "message"],
        },
      },
    },
    required: ["type", "title", "status", "code", "detail", "request_id"],
  };
}
