/**
 * The authorization server of one origin, as the library makes it: OAuth 2.1 with PKCE (S256), by
 * public and confidential clients, tokens that are kept as hashes. A token's properties are sealed
 * with the token: the SHA-256 of the key that granted it, and the namespace.
 *
 * @module
 */

import {
  AuthorizationError,
  OAuthAuthorizationServer,
  OAuthError,
  type ClientRegistrationCallbackOptions,
  type OAuthHelpers,
  type TokenExchangeCallbackOptions,
} from "@cloudflare/workers-oauth-provider";
import { ClientDocuments } from "./client-documents.ts";
import { GRANT_S, GRANTABLE, isFinal, judgeKey } from "./judge.ts";
import type { OAuthPorts } from "./ports.ts";
import { AUTHORIZE_PATH, REGISTER_PATH, TOKEN_PATH } from "./paths.ts";
import { type Storage, storageOf } from "./storage.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Scope } from "../../contract/vocabulary.ts";
import { byteLength } from "../../util/bytes.ts";

export { AuthorizationError };
export { ClientDocumentError } from "./client-documents.ts";

/** How long an access token works, s. */
const ACCESS_S = 3_600;
/** How long a client stays registered that gets no token, s. */
const CLIENT_S = 30 * 86_400;
/** Characters of a reason in the log. */
const REASON_MAX = 200;

/** What is sealed into a token. */
export interface GrantProps {
  key_hash: string;
  namespace: string;
}

/** A token that holds. */
export interface ValidToken {
  props: GrantProps;
  scopes: Scope[];
}

export interface AuthorizationServer {
  /** Its metadata, its token endpoint (revocation too) and its registration endpoint. */
  fetch(request: Request): Promise<Response>;
  readonly helpers: OAuthHelpers;
  readonly storage: Storage;
  /** null: it is none of this origin, has expired, or was revoked. */
  validate(token: string): Promise<ValidToken | null>;
}

/** @param origin of the service, as clients know it */
export function authorizationServer(origin: string, ports: OAuthPorts): AuthorizationServer {
  const resource = `${origin}/mcp`;
  const server = new OAuthAuthorizationServer<object>({
    issuer: origin,
    resources: [resource],
    authorizeEndpoint: AUTHORIZE_PATH,
    tokenEndpoint: TOKEN_PATH,
    clientRegistrationEndpoint: REGISTER_PATH,
    scopesSupported: [...GRANTABLE],
    accessTokenTTL: ACCESS_S,
    refreshTokenTTL: GRANT_S,
    refreshTokenIdleTTL: GRANT_S,
    clientRegistrationTTL: CLIENT_S,
    clientRegistrationCallback: (asked) => registrationRefusal(ports, asked),
    tokenExchangeCallback: (asked) => requireKey(ports, asked),
    onError: ({ code, internal: { category, reason } }) => {
      const isRegistration = category === "client-registration";
      ports.counted(isRegistration ? "registration_refused" : "token_refused");
      refused(ports, category, `${reason}: ${code}`);
    },
  });
  const storage = storageOf(ports.kv, new ClientDocuments(ports.now));
  const env = { OAUTH_KV: storage };
  // Nothing is left to do when an answer is made, and nobody asks for its properties.
  const ctx = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };
  return {
    fetch: (request) => server.fetch(request, env, ctx as unknown as ExecutionContext),
    helpers: server.getOAuthApi(env),
    storage,
    validate: async (token) => {
      const found = await server.validateToken<GrantProps>(resource, token, env);
      return found && { props: found.props, scopes: found.scope as Scope[] };
    },
  };
}

function refused({ log }: OAuthPorts, step: string, reason: string): void {
  log({ event: "oauth_refused", step, reason: reason.slice(0, REASON_MAX) });
}

/** Why a client may not register itself; undefined: it may. */
async function registrationRefusal(
  { backend }: OAuthPorts,
  { clientMetadata }: ClientRegistrationCallbackOptions,
): Promise<{ code: string; description: string; status: number } | undefined> {
  const bound = LIMITS.oauth_client_max_bytes;
  if (byteLength(JSON.stringify(clientMetadata)) > bound) {
    const description = `What a client says of itself has at most ${bound} bytes`;
    return { code: "invalid_client_metadata", description, status: 413 };
  }
  const { granted, retry_after_s } = await backend.oauth.register();
  if (granted) return undefined;
  const description = `Too many clients have registered themselves; again in ${retry_after_s} s`;
  return { code: "temporarily_unavailable", description, status: 429 };
}

/**
 * Judges the key of a grant before a token of it is issued.
 *
 * @throws OAuthError invalid_grant, by which the library ends the grant
 */
async function requireKey(
  ports: OAuthPorts,
  { userId, grantId, clientId, scope, requestedScope, props }: TokenExchangeCallbackOptions<object>,
): Promise<void> {
  const { key_hash, namespace } = props as GrantProps;
  const scopes = requestedScope as Scope[];
  const asked = { key_hash, namespace, scopes };
  const judged = await judgeKey(ports.backend, asked, ports.randomUUID());
  if (judged.ok) return;

  const { code, detail } = judged.error;
  const internal = { category: "key", reason: code };
  if (!isFinal(judged.error))
    throw new OAuthError("temporarily_unavailable", {
      description: detail,
      statusCode: 503,
      internal,
    });
  const grant = { key: userId, id: grantId, client: clientId, namespace, scopes: scope };
  await ports.note({
    by: "oauth",
    from: { ...grant, state: "granted", reason: null },
    to: { ...grant, state: "refused", reason: code },
  });
  throw new OAuthError("invalid_grant", { description: detail, internal });
}
