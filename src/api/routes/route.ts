/**
 * What a route is, and how it reads its parameters.
 *
 * @module
 */

import type { Scope } from "../../contract/operations.ts";
import { invalid } from "../body.ts";
import type { Context } from "../context.ts";
import { idParameter } from "../schemas.ts";

export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Segments that begin with ":" are parameters. */
  path: string;
  /** null: open to everybody. root: ADMIN_TOKEN only. */
  scope: Scope | "root" | null;
  handle(context: Context): Promise<Response> | Response;
}

export const id = (context: Context): string => parameter(context, "id");

/** A parameter that is an id. Throws a Problem when it is not. */
export function parameter(context: Context, name: string): string {
  const value = context.params[name] ?? "";
  const result = idParameter.safeParse(value);
  if (!result.success) throw invalid(name, result.error.issues[0]?.message ?? "is not valid");
  return result.data;
}
