/**
 * Static files that are deployed beside the Worker and served by it, each with the headers of this
 * service: the console, the OpenAPI document, and the document as a page; and the handlers of the
 * routes by which the service describes itself, and by which agents reach it over the Model Context
 * Protocol.
 *
 * @module
 */

import { serveMcp } from "../mcp/index.ts";
import { Problem } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";
import type { Handlers } from "./route.ts";
import type { REFERENCE_ROUTES } from "../../contract/reference/requests.ts";

/** The console's files load nothing and talk to nobody but this service. */
const CONSOLE_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
  "Cache-Control": "no-cache",
};

/** Of the style that the page holds; a test says when it is another one. */
const PAGE_STYLE_SHA256 = "sha256-hQdV80OFQxWY9yqpCg7S9m/s1HKooK7SPuyZSLu3eBI=";

const DOCUMENT_HEADERS = {
  "Content-Type": "application/json",
  "Access-Control-Allow-Origin": "*",
};
/** The page needs nothing from anywhere, and may have nothing. */
const PAGE_HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": `default-src 'none'; style-src '${PAGE_STYLE_SHA256}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "Referrer-Policy": "no-referrer",
};

/** @param path of a file of the console, name by name; anything else is a 404 */
export async function consoleFile(
  { options }: RequestContext,
  ...path: string[]
): Promise<Response> {
  const file = await options.asset(`console/${path.map(encodeURIComponent).join("/")}`);
  if (!file) throw new Problem("no_such_route", "The console has no such file.");

  const headers = new Headers(CONSOLE_HEADERS);
  headers.set("Content-Type", file.headers.get("Content-Type") ?? "application/octet-stream");
  const etag = file.headers.get("ETag");
  if (etag !== null) headers.set("ETag", etag);
  return new Response(file.body, { headers });
}

/** `openapi.json`. */
function openapiDocument(context: RequestContext): Promise<Response> {
  return referenceFile(context, "openapi.json", DOCUMENT_HEADERS);
}

/** The document as one HTML page. */
export function referencePage(context: RequestContext): Promise<Response> {
  return referenceFile(context, "index.html", PAGE_HEADERS);
}

async function referenceFile(
  { options }: RequestContext,
  name: string,
  headers: Record<string, string>,
): Promise<Response> {
  const file = await options.asset(`reference/${name}`);
  if (!file) throw new Error(`reference/${name} is not deployed: npm run openapi writes it`);
  return new Response(file.body, { headers });
}

export const REFERENCE_HANDLERS: Handlers<typeof REFERENCE_ROUTES> = {
  mcp: (context, { body }) => serveMcp(context, body),
  getDocument: openapiDocument,
  getReference: referencePage,
};
