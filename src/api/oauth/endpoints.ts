/**
 * What OAuth clients ask by themselves: the metadata, tokens, revocation (RFC 7009), registration
 * (RFC 7591). The library answers, in the forms of those documents; what is refused before it is
 * asked is a problem as everywhere.
 *
 * @module
 */

import type { RequestContext } from "../request-context.ts";
import { bodyOf, formOf, oauthOf, ownRequest, requireAdmitted } from "./endpoint.ts";
import { MCP_PATH } from "./paths.ts";
import { ClientDocumentError, type AuthorizationServer } from "./provider.ts";

/** Headers of the library's answers that are handed on. */
const HANDED_ON = ["Content-Type", "WWW-Authenticate", "Retry-After", "Pragma"];

/** Where tokens for `/mcp` come from (RFC 9728). */
export function resourceMetadata(context: RequestContext): Response {
  const origin = oauthOf(context).originOf(context.url);
  return Response.json({
    resource: `${origin}${MCP_PATH}`,
    authorization_servers: [origin],
    bearer_methods_supported: ["header"],
    resource_name: "memory-service",
  });
}

/** What the authorization server can (RFC 8414). */
export async function serverMetadata(context: RequestContext): Promise<Response> {
  const server = await oauthOf(context).server(context.url);
  const answer = await server.fetch(ownRequest(context));
  const metadata = (await answer.json()) as Record<string, unknown>;
  return Response.json({ ...metadata, client_id_metadata_document_supported: true });
}

/** Issues a token for a code or a refresh token, or revokes one. */
export async function token(context: RequestContext): Promise<Response> {
  requireAdmitted(context, "token");
  const { ports } = oauthOf(context);
  const form = await formOf(context);
  const server = await oauthOf(context).server(context.url);
  const revoked = form.has("grant_type") ? null : await grantOf(server, form.get("token") ?? "");
  const answer = await asked(context, server, form.toString());
  if (answer.status === 200 && form.has("grant_type")) ports.counted("issued");
  if (revoked && !(await grantOf(server, form.get("token") ?? ""))) {
    ports.counted("revoked");
    const to = { ...revoked, state: "revoked" as const };
    await ports.note({ by: "client", from: revoked, to });
  }
  return answer;
}

/** Lets a client register itself. */
export async function register(context: RequestContext): Promise<Response> {
  requireAdmitted(context, "register");
  const body = await bodyOf(context);
  const server = await oauthOf(context).server(context.url);
  const answer = await asked(context, server, body);
  if (answer.status === 201) oauthOf(context).ports.counted("registered");
  return answer;
}

/** The library's answer, without what it says to browsers: that is said by our own edge. */
async function asked(
  context: RequestContext,
  server: AuthorizationServer,
  body: BodyInit,
): Promise<Response> {
  try {
    const answer = await server.fetch(ownRequest(context, body));
    const headers = new Headers();
    for (const name of HANDED_ON) {
      const value = answer.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    return new Response(await answer.text(), { status: answer.status, headers });
  } catch (error) {
    if (!(error instanceof ClientDocumentError)) throw error;
    oauthOf(context).ports.counted("token_refused");
    const said = { error: "invalid_client", error_description: error.message };
    return Response.json(said, { status: 401 });
  }
}

/** The grant that a token is of, by its own words; null: there is none. */
async function grantOf(server: AuthorizationServer, text: string) {
  const [key = "", id = ""] = text.split(":");
  if (!/^[0-9a-f]{12}$/.test(key)) return null;
  const { items } = await server.helpers.listUserGrants(key);
  const found = items.find((grant) => grant.id === id);
  if (!found) return null;
  const { clientId: client, scope: scopes, metadata } = found;
  const { namespace = "" } = metadata as { namespace?: string };
  return { key, id, client, namespace, scopes, state: "granted" as const, reason: null };
}
