/**
 * Clients that describe themselves at an address of their own, which is their id (Client ID Metadata
 * Documents, draft-ietf-oauth-client-id-metadata-document-00). A document is asked for at a public
 * address over TLS only, follows no redirect, and is bounded in bytes and time. What it says is the
 * client's own claim; only the host of its address is known.
 *
 * @module
 */

import type { ClientInfo } from "@cloudflare/workers-oauth-provider";
import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import { BoundedMap } from "../../util/bounded-map.ts";
import { joinBytes } from "../../util/bytes.ts";
import { refusalOf } from "../../util/public-address.ts";

/** How long a document is waited for, ms. */
const FETCH_MS = 5_000;
/** How long what it said is believed, ms; and how many are remembered. */
const KEPT_MS = 300_000;
const KEPT = 200;
/** Characters of an address; addresses of a client. */
const URL_MAX = 2_000;
const URIS_MAX = 20;

const address = z.string().max(URL_MAX);
const document = z.looseObject({
  client_id: address,
  client_name: z.string().min(1).max(LIMITS.name_max),
  redirect_uris: z.array(address).min(1).max(URIS_MAX),
  client_uri: address.optional(),
  token_endpoint_auth_method: z.string().max(LIMITS.name_max).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).max(URIS_MAX).optional(),
});

/** Why a client is not known: its document cannot be had, or is none. */
export class ClientDocumentError extends Error {
  override readonly name = "ClientDocumentError";
}

/** Whether a client's id is the address of its description. */
export function isDocumentAddress(clientId: string): boolean {
  if (!clientId.startsWith("https://") || !URL.canParse(clientId)) return false;
  return new URL(clientId).pathname !== "/";
}

export class ClientDocuments {
  readonly #now: () => number;
  readonly #known = new BoundedMap<string, { client: ClientInfo; until: number }>(KEPT);

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws ClientDocumentError when it cannot be had, or says what it may not */
  async get(clientId: string): Promise<ClientInfo> {
    const known = this.#known.get(clientId);
    if (known && known.until > this.#now()) return known.client;

    const refusal = refusalOf(clientId, false);
    if (refusal !== null) throw new ClientDocumentError(`the client's id ${refusal}`);
    if (new URL(clientId).hash !== "")
      throw new ClientDocumentError("the client's id must have no fragment");
    const client = clientOf(clientId, await read(clientId));
    this.#known.set(clientId, { client, until: this.#now() + KEPT_MS });
    return client;
  }
}

async function read(url: string): Promise<string> {
  const signal = AbortSignal.timeout(FETCH_MS);
  let response: Response;
  try {
    const headers = { Accept: "application/json" };
    response = await fetch(url, { headers, redirect: "manual", signal });
  } catch {
    throw new ClientDocumentError("the client's description could not be fetched");
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new ClientDocumentError("the client's description was not answered with status 200");
  }
  try {
    return await textOf(response);
  } catch (error) {
    if (error instanceof ClientDocumentError) throw error;
    throw new ClientDocumentError("the client's description could not be read");
  }
}

/** @throws ClientDocumentError for one that is too large, an Error for what is not UTF-8 */
async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > LIMITS.oauth_document_max_bytes) {
      const bound = `${LIMITS.oauth_document_max_bytes} bytes`;
      throw new ClientDocumentError(`the client's description has more than ${bound}`);
    }
    parts.push(part);
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(joinBytes(parts));
}

/** What a document says, as far as it is used. */
function clientOf(clientId: string, text: string): ClientInfo {
  const parsed = document.safeParse(jsonOf(text));
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join(".") ?? "";
    throw new ClientDocumentError(`the client's description is at fault: ${field || "no JSON"}`);
  }
  const said = parsed.data;
  if (said.client_id !== clientId)
    throw new ClientDocumentError("the client's description names another client_id");
  const methods = said.token_endpoint_auth_methods_supported ?? [
    said.token_endpoint_auth_method ?? "none",
  ];
  if (!methods.includes("none"))
    throw new ClientDocumentError("the client must be a public one: authentication method none");
  return {
    clientId,
    clientName: said.client_name,
    redirectUris: said.redirect_uris,
    ...(said.client_uri !== undefined && { clientUri: said.client_uri }),
    grantTypes: ["authorization_code", "refresh_token"],
    responseTypes: ["code"],
    tokenEndpointAuthMethod: "none",
  };
}

/** undefined: it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
