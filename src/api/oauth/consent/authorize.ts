/**
 * The authorization endpoint: a person whom a client sent enters a memory key once, picks what the
 * client may do, and is sent back with a code. The form is bound to the browser that was shown it
 * (a cookie and a handle that works once), and the key is judged before anything is granted. No
 * browser is sent anywhere by an error: the way back is a link.
 *
 * @module
 */

import type { ApprovedConsent, AuthRequest } from "@cloudflare/workers-oauth-provider";
import { Problem } from "../../problem.ts";
import type { RequestContext } from "../../request-context.ts";
import { isDocumentAddress } from "../client-documents.ts";
import { formOf, oauthOf, ownRequest, requireAdmitted } from "../endpoint.ts";
import { type Grantable, grantableOf, judgeKey } from "../judge.ts";
import { consentHtml, onwardHtml, PAGE_HEADERS, refusalHtml } from "./page.ts";
import { AuthorizationError, type AuthorizationServer, ClientDocumentError } from "../provider.ts";
import { sha256Hex } from "../../../util/hashing/hash.ts";
import { isLoopback } from "../../../util/public-address.ts";

/** As the service makes keys: their ids are in them. */
const KEY = /^mk_([0-9a-f]{12})_[0-9a-f]{48}$/;
const UNKNOWN_KEY = "The key is unknown, expired or revoked.";
/** Characters of a client's name that its grant keeps. */
const NAME_MAX = 100;

/** `GET`: the page on which a person decides. */
export async function showConsent(context: RequestContext): Promise<Response> {
  requireAdmitted(context, "authorize");
  const server = await oauthOf(context).server(context.url);
  return guarded(context, async () => {
    const request = await server.helpers.parseAuthRequest(ownRequest(context));
    requireChallenge(request);
    const scopes = request.scope.length === 0 ? ["read", "write"] : request.scope;
    const asked = { scopes: grantableOf(scopes), namespace: "", problem: null };
    const page = await consentPage(server, request, asked);
    oauthOf(context).ports.counted("consent_shown");
    return page;
  });
}

/** `POST`: what the person decided. */
export async function decideConsent(context: RequestContext): Promise<Response> {
  requireAdmitted(context, "authorize");
  requireOwnForm(context);
  const form = await formOf(context);
  const server = await oauthOf(context).server(context.url);
  return guarded(context, async () => {
    const request = ownRequest(context);
    const handle = form.get("handle") ?? "";
    if (form.get("decision") !== "allow") {
      const denied = await server.helpers.denyConsent(request, handle);
      oauthOf(context).ports.counted("denied");
      return html(onwardHtml("Not connected", denied.redirectTo), 200, denied.headers);
    }
    const scopes = grantableOf(form.getAll("scope"));
    const approved = await server.helpers.approveConsent(request, handle, { scope: scopes });
    const given = {
      key: (form.get("key") ?? "").trim(),
      namespace: (form.get("namespace") ?? "").trim(),
      scopes,
    };
    return grant(context, server, approved, given);
  });
}

interface Given {
  key: string;
  /** "": the key's default. */
  namespace: string;
  scopes: readonly Grantable[];
}

async function grant(
  context: RequestContext,
  server: AuthorizationServer,
  { request, headers }: ApprovedConsent,
  { key, namespace: wanted, scopes }: Given,
): Promise<Response> {
  const { ports } = oauthOf(context);
  const [, keyId] = KEY.exec(key) ?? [];
  const key_hash = await sha256Hex(key);
  const asked = { key_hash, namespace: wanted === "" ? null : wanted, scopes };
  const judged =
    keyId === undefined ? null : await judgeKey(ports.backend, asked, context.requestId);
  if (keyId === undefined || !judged?.ok) {
    const problem = judged && !judged.ok ? judged.error.detail : UNKNOWN_KEY;
    note(context, "consent_refused", judged && !judged.ok ? judged.error.code : "unauthenticated");
    return consentPage(server, request, { scopes, namespace: wanted, problem }, headers);
  }

  const { namespace } = judged;
  const client = await server.helpers.lookupClient(request.clientId);
  const name = (client?.clientName ?? "").slice(0, NAME_MAX).toWellFormed();
  const { redirectTo } = await server.helpers.completeAuthorization({
    request,
    userId: keyId,
    metadata: { name, namespace },
    scope: [...scopes],
    props: { key_hash, namespace },
  });
  // The code begins with the grant that it is of.
  const id = new URL(redirectTo).searchParams.get("code")?.split(":")[1] ?? "";
  const granted = { key: keyId, id, client: request.clientId, namespace, scopes };
  const to = { ...granted, state: "granted" as const, reason: null };
  await ports.note({ by: `key ${keyId}`, from: null, to });
  ports.log({ event: "oauth_granted", key: keyId, grant: id, request_id: context.requestId });
  ports.counted("granted");
  return html(onwardHtml("Connected", redirectTo), 200, headers);
}

/** @param headers what is to be said besides: that the last form is done with */
async function consentPage(
  server: AuthorizationServer,
  request: AuthRequest,
  asked: { scopes: readonly Grantable[]; namespace: string; problem: string | null },
  headers = new Headers(),
): Promise<Response> {
  const { clientId, clientName, redirectHost } = await server.helpers.describeConsent(request);
  const begun = await server.helpers.beginConsent(request);
  for (const cookie of begun.headers.getSetCookie()) headers.append("Set-Cookie", cookie);
  const facts = {
    ...asked,
    clientName,
    clientDomain: isDocumentAddress(clientId) ? new URL(clientId).host : null,
    redirectHost,
    isLocal: isLoopback(new URL(request.redirectUri)),
    handle: begun.handle,
  };
  return html(consentHtml(facts), asked.problem === null ? 200 : 400, headers);
}

/** The library asks it of public clients only. */
function requireChallenge({ codeChallenge, codeChallengeMethod }: AuthRequest): void {
  if (codeChallenge !== undefined && codeChallengeMethod === "S256") return;
  const description = "PKCE with S256 is needed: code_challenge, code_challenge_method=S256";
  throw new AuthorizationError("invalid_request", { description });
}

/** @throws Problem forbidden for a form of another site */
function requireOwnForm(context: RequestContext): void {
  const { headers } = context.request;
  const site = headers.get("Sec-Fetch-Site");
  const origin = headers.get("Origin");
  const own = oauthOf(context).originOf(context.url);
  const isOwn = (origin === null || origin === own) && (site === null || site === "same-origin");
  if (isOwn) return;
  note(context, "consent_refused", "another site");
  throw new Problem("forbidden", "This form was sent by another site.");
}

/** Shows what a person cannot mend as a page; what else goes wrong is a problem as everywhere. */
async function guarded(context: RequestContext, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClientDocumentError) {
      note(context, "consent_refused", error.message);
      return html(refusalHtml(`The app is not known: ${error.message}.`, null), 400);
    }
    if (!(error instanceof AuthorizationError)) throw error;
    note(context, "consent_refused", `${error.code}: ${error.description}`);
    return html(refusalHtml(`${error.description}.`, error.redirectTo ?? null), 400);
  }
}

function note(context: RequestContext, event: "consent_refused", reason: string): void {
  const { ports } = oauthOf(context);
  ports.counted(event);
  ports.log({
    event: "oauth_refused",
    step: "consent",
    reason: reason.slice(0, 200),
    request_id: context.requestId,
  });
}

function html(text: string, status: number, more = new Headers()): Response {
  const headers = new Headers(PAGE_HEADERS);
  for (const cookie of more.getSetCookie()) headers.append("Set-Cookie", cookie);
  return new Response(text, { status, headers });
}
