/**
 * Joins a route's contract with its handler: what the contract asks for is read and validated here,
 * so that a handler gets values and not texts. And how operators' routes answer, and who asks.
 *
 * @module
 */

import type { OperatorCommandName, OperatorInput } from "../../contract/operations.ts";
import type * as z from "zod";
import { answer } from "../answer.ts";
import { problemOf } from "../problem.ts";
import { ifMatchOf } from "../edge/conditions.ts";
import type { RequestContext } from "../request-context.ts";
import { validate, validateField } from "../validate.ts";
import type { CommandResult } from "../../contract/call.ts";
import type { RouteContract } from "../../contract/route.ts";

type OutputOf<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a request of this route asks, as its schemas make it; undefined: the route takes none. */
export interface Asked<R extends RouteContract> {
  readonly params: { readonly [N in keyof R["params"]]: OutputOf<R["params"][N]> };
  readonly query: OutputOf<R["query"]>;
  /** undefined where the handler reads the body. */
  readonly body: R extends { bodyReadBy: "handler" } ? undefined : OutputOf<R["body"]>;
  /** The versions that the resource may have; null: any. */
  readonly ifMatch: readonly number[] | null;
}

type Answer = Promise<Response> | Response;

/** A handler for each of some routes. */
export type Handlers<R extends Readonly<Record<string, RouteContract>>> = {
  readonly [K in keyof R]: (context: RequestContext, asked: Asked<R[K]>) => Answer;
};

/** A route as the router finds it. */
export interface Route {
  readonly method: RouteContract["method"];
  readonly path: string;
  readonly scope: RouteContract["scope"];
  /** @throws Problem when the request is not as the contract asks */
  handle(context: RequestContext): Answer;
}

/** The route of a contract. */
export function routeOf(
  contract: RouteContract,
  handler: (context: RequestContext, asked: Asked<RouteContract>) => Answer,
): Route {
  const { method, path, scope } = contract;
  return {
    method,
    path,
    scope,
    handle: async (context) => handler(context, await read(contract, context)),
  };
}

async function read(
  contract: RouteContract,
  context: RequestContext,
): Promise<Asked<RouteContract>> {
  const params: Record<string, string> = {};
  for (const [name, schema] of Object.entries(contract.params ?? {})) {
    params[name] = validateField(name, schema, context.params[name]);
  }
  const ifMatch = contract.ifMatch ? ifMatchOf(context.request.headers) : null;
  const query = contract.query && validate(contract.query, context.query());
  const isBodyRead = contract.body !== undefined && contract.bodyReadBy !== "handler";
  const body = isBodyRead ? validate(contract.body, await context.json()) : undefined;
  return { params, query, body, ifMatch } as Asked<RouteContract>;
}

/**
 * Who changed something, for the audit: by whose token it came, and what the caller said of itself.
 */
export function actor(context: RequestContext): string {
  const name = (context.request.headers.get("X-Actor") ?? "")
    .replaceAll(/[^\x20-\x7e]/g, "")
    .trim();
  const admin = context.caller.admin ?? "root";
  return name === "" ? admin : `${admin} (${name.slice(0, 100)})`;
}

/** Answers with what was asked for, as `view` shows it. @throws Problem when it was refused */
export async function respond<T>(
  asked: Promise<CommandResult<T>>,
  view: (value: T) => unknown = (value) => value,
  status = 200,
): Promise<Response> {
  const result = await asked;
  if (!result.ok) throw problemOf(result.error);
  return answer(view(result.value), { status });
}

/** Answers with what a command came to. @throws Problem when it was refused */
export function command<N extends OperatorCommandName>(
  context: RequestContext,
  name: N,
  input: OperatorInput<N>,
): Promise<Response> {
  return respond(context.backend.command(name, input));
}
