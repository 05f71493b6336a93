/**
 * The table of docs/access.md: what each key may, made of the contract's routes.
 *
 * @module
 */

import { ROUTES } from "../../src/contract/operations.ts";
import type { RouteContract } from "../../src/contract/route.ts";

const OPEN = "open to everybody";
const ROOT = "ADMIN_TOKEN";

/** A row a scope, with its routes in the order of the contract. */
export function accessTable(): string {
  const scopes = Map.groupBy(Object.values<RouteContract>(ROUTES), ({ scope }) => scope);
  const rows = [...scopes].map(([scope, routes]) => {
    const name = scope === null ? OPEN : scope === "root" ? ROOT : scope;
    const listed = routes.map(({ method, path }) => `\`${method} ${path}\``);
    return `| ${name} | ${listed.join("<br>")} |`;
  });
  return ["| scope | routes |", "|---|---|", ...rows].join("\n");
}
