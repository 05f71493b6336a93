/**
 * The routes that say what the API is, and the one by which agents reach it over the Model Context Protocol.
 *
 * @module
 */

import { serveMcp } from "./mcp/index.ts";
import { createReference } from "./openapi/index.ts";
import type { Route } from "./route.ts";

/** @param routes all routes, these among them */
export function waysRoutes(routes: () => readonly Route[]): readonly Route[] {
  const reference = createReference(routes);
  return [
    { method: "POST", path: "/mcp", scope: "read", handle: serveMcp },
    {
      method: "GET",
      path: "/openapi.json",
      scope: null,
      handle: ({ options }) =>
        new Response(reference.document(options.version.version), {
          headers: { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" },
        }),
    },
    {
      method: "GET",
      path: "/docs",
      scope: null,
      async handle({ options }) {
        const { html, policy } = await reference.page(options.version.version);
        return new Response(html, {
          headers: {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
          },
        });
      },
    },
  ];
}
