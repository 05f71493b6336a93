/**
 * The files that are made of the contract, as text: the document for people and as it is served, the
 * document as a page, and the types of both clients. `npm run openapi` writes them, a test compares them.
 *
 * @module
 */

import { typesText } from "./client-types.ts";
import { buildDocument } from "./document.ts";
import { pageText } from "./page.ts";
import { pythonText } from "./python-types.ts";

/** Path from the root of the repository → text. @param version of the service */
export function generatedFiles(version: string): Record<string, string> {
  const document = buildDocument(version);
  return {
    "docs/openapi.json": `${JSON.stringify(document, null, 2)}\n`,
    "console/public/reference/openapi.json": JSON.stringify(document),
    "console/public/reference/index.html": pageText(document),
    "client/schema.ts": typesText(document),
    "python/src/memory_service/_generated.py": pythonText(document),
  };
}
