/**
 * What the document says of itself, and of the Model Context Protocol. The Worker imports nothing
 * from here.
 *
 * @module
 */

import * as z from "zod";
import { text } from "../answer-fields.ts";
import type { RouteDocs } from "../route.ts";
import type { REFERENCE_ROUTES } from "./requests.ts";

const rpcAnswer = z.looseObject({ jsonrpc: z.literal("2.0") });
const openapi = z.looseObject({ openapi: text });

export const REFERENCE_DOCS: RouteDocs<typeof REFERENCE_ROUTES> = {
  mcp: {
    tag: "Model Context Protocol",
    summary: "The memory as tools, resources and prompts for agents",
    description:
      "Streamable HTTP, stateless: each message is a request of its own. The tools run under the key's scopes. Errors of the protocol itself are JSON-RPC errors.",
    examples: {
      list: {
        summary: "Which tools there are",
        body: { jsonrpc: "2.0", id: 1, method: "tools/list" },
      },
    },
    answers: [
      { status: 200, description: "A JSON-RPC answer", schema: rpcAnswer, orStream: true },
      { status: 202, description: "A notification was taken" },
    ],
    protocolErrors: rpcAnswer,
  },
  getDocument: {
    tag: "About",
    summary: "This document",
    answers: [{ status: 200, description: "OpenAPI 3.1", schema: openapi }],
  },
  getReference: {
    tag: "About",
    summary: "This document as a page",
    answers: [{ status: 200, description: "HTML", type: "text/html" }],
  },
};
