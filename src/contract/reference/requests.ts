/**
 * The routes by which the service describes itself, and the one by which agents reach it over the
 * Model Context Protocol. The Worker evaluates this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { get, post, type RouteContract } from "../route.ts";

/** Characters of a JSON-RPC id and of a method's name. */
const NAME_MAX = 200;

/** A JSON-RPC 2.0 message; what is in it the protocol judges. */
const rpcMessage = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string().max(NAME_MAX), z.number().int()]).exactOptional(),
  method: z
    .string()
    .min(1, "must have at least 1 character")
    .max(NAME_MAX, `must have at most ${NAME_MAX} characters`),
  params: z.looseObject({}).exactOptional(),
});

export const REFERENCE_ROUTES = {
  mcp: post("/mcp", "read", { body: rpcMessage }),
  getDocument: get("/openapi.json", null),
  getReference: get("/docs", null),
} as const satisfies Record<string, RouteContract>;
