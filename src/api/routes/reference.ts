/**
 * Handlers of the routes by which the service describes itself, and of the one by which agents
 * reach it over the Model Context Protocol.
 *
 * @module
 */

import type { REFERENCE_ROUTES } from "../../contract/reference/requests.ts";
import { serveMcp } from "../mcp/index.ts";
import { openapiDocument, referencePage } from "./files.ts";
import type { Handlers } from "./route.ts";

export const REFERENCE_HANDLERS: Handlers<typeof REFERENCE_ROUTES> = {
  mcp: (context, { body }) => serveMcp(context, body),
  getDocument: openapiDocument,
  getReference: referencePage,
};
