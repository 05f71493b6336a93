/**
 * What OAuth's addresses have in common: that they are admitted, read within bounds, and asked of
 * the library under the origin by which clients know the service.
 *
 * @module
 */

import { readBody } from "../body.ts";
import { typeOf } from "../edge/content.ts";
import { Problem } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";
import type { OAuthStep } from "./admission.ts";
import type { OAuth } from "./oauth.ts";
import { LIMITS } from "../../contract/limits.ts";

/** Its routes are there only where it is on. */
export function oauthOf({ options }: RequestContext): OAuth {
  if (!options.oauth) throw new Error("a route of OAuth was found without it");
  return options.oauth;
}

/** @throws Problem rate_limited */
export function requireAdmitted(context: RequestContext, step: OAuthStep): void {
  const { admission, ports } = oauthOf(context);
  const wait = admission.refusalOf(step, context.request);
  if (wait === null) return;
  ports.counted("limited");
  const detail = "Too many requests of OAuth from this address. Try again later.";
  throw new Problem("rate_limited", detail, [], { "Retry-After": String(wait) });
}

/** The body's bytes. @throws Problem body_too_large */
export function bodyOf({ request }: RequestContext): Promise<Uint8Array<ArrayBuffer>> {
  // Nobody is to be judged: what is read has a bound of its own.
  return readBody(request, () => Promise.resolve(), LIMITS.oauth_body_max_bytes);
}

/** The fields of a form. @throws Problem body_too_large, unsupported_media_type */
export async function formOf(context: RequestContext): Promise<URLSearchParams> {
  if (typeOf(context.request) !== "application/x-www-form-urlencoded")
    throw new Problem("unsupported_media_type", "Send application/x-www-form-urlencoded.");
  return new URLSearchParams(new TextDecoder().decode(await bodyOf(context)));
}

/** The request as the library is asked, with no more of its headers than that needs. */
export function ownRequest(context: RequestContext, body?: BodyInit): Request {
  const { request, url } = context;
  const headers = new Headers();
  for (const name of ["Accept", "Authorization", "Content-Type", "Cookie"]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const address = `${oauthOf(context).originOf(url)}${url.pathname}${url.search}`;
  const method = request.method === "HEAD" ? "GET" : request.method;
  return new Request(address, { method, headers, ...(body !== undefined && { body }) });
}
