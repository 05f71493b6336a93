/**
 * The front door of the document: `/openapi.json` and `/docs`.
 *
 * @module
 */

import type { Route } from "../routes/route.ts";
import { buildDocument, type Json } from "./document.ts";
import { pageOf } from "./page.ts";

export interface Reference {
  /** The document as JSON. */
  document(version: string): string;
  /**
   * The document as a page that needs nothing from anywhere, and the policy that holds it to that.
   */
  page(version: string): Promise<{ html: string; policy: string }>;
}

/** Made when first asked for, and kept: it is the same for everybody. */
export function createReference(routes: () => readonly Route[]): Reference {
  let document: Json | null = null;
  let text: string | null = null;
  let page: Promise<{ html: string; policy: string }> | null = null;
  const made = (version: string): Json => (document ??= buildDocument(routes(), version));
  return {
    document: (version) => (text ??= JSON.stringify(made(version))),
    page: (version) => (page ??= pageOf(made(version))),
  };
}
