/**
 * The routes that say what the API is, and the one by which agents reach it over the Model Context
 * Protocol.
 *
 * @module
 */

import { serveMcp } from "../mcp/index.ts";
import type { Reference } from "../openapi/index.ts";
import type { Route } from "./route.ts";

/** @param routes all routes, these among them */
export function metaRoutes(routes: () => readonly Route[]): readonly Route[] {
  // Made ready with the first request for it: no other should wait for that.
  let made: Reference | null = null;
  const reference = async (): Promise<Reference> => {
    const { createReference } = await import("../openapi/index.ts");
    made ??= createReference(routes);
    return made;
  };
  return [
    { method: "POST", path: "/mcp", scope: "read", handle: serveMcp },
    {
      method: "GET",
      path: "/openapi.json",
      scope: null,
      async handle({ options }) {
        return new Response((await reference()).document(options.version.version), {
          headers: { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" },
        });
      },
    },
    {
      method: "GET",
      path: "/docs",
      scope: null,
      async handle({ options }) {
        const { html, policy } = await (await reference()).page(options.version.version);
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
