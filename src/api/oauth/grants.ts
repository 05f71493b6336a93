/**
 * What was granted, as operators see it and take it back: of each grant its key, its client, and
 * when it was last renewed, read from the storage in which the library keeps them. Never a token,
 * nor a hash of one. A page takes a bounded number of reads, whatever it is filtered by.
 *
 * @module
 */

import type { GrantNote } from "../../contract/access/grants.ts";
import type { GrantsView, GrantView, KeyView } from "../../contract/access/answers.ts";
import type { GrantsQuery } from "../../contract/access/requests.ts";
import type { Scope } from "../../contract/vocabulary.ts";
import { isoTime, isoTimeOrNull } from "../../util/time.ts";
import { answer } from "../answer.ts";
import { Problem, problemOf } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";
import { GRANT_S } from "./judge.ts";
import type { OAuth } from "./oauth.ts";
import type { Storage } from "./storage.ts";

const GRANTS = "grant:";
/** Parts of the list that are read for one page: most have nothing of the client that is asked for. */
const LISTS_MAX = 20;

/** What is read of a grant as the library stores it; times are s since the epoch. */
interface StoredGrant {
  id: string;
  userId: string;
  clientId: string;
  scope: Scope[];
  metadata: { name?: string; namespace?: string } | null;
  createdAt: number;
  /** Absent: its client has not got a token yet. */
  expiresAt?: number;
}

/** `GET`: a page of the grants. */
export async function listGrants(context: RequestContext, query: GrantsQuery): Promise<Response> {
  const { storage } = await requireOAuth(context).server(context.url);
  const keys = await context.backend.command("keys.list", null);
  if (!keys.ok) throw problemOf(keys.error);

  const { grants, next_cursor } = await pageOf(storage, query);
  const known = new Map(keys.value.map((key) => [key.id, key]));
  const now = context.options.now();
  const shown = grants.map((grant) => viewOf(grant, known.get(grant.userId) ?? null, now));
  return answer({ grants: shown, next_cursor } satisfies GrantsView);
}

/** `DELETE`: takes a grant back, with all of its tokens. @param by who does, for the audit */
export async function revokeGrant(
  context: RequestContext,
  id: string,
  by: string,
): Promise<Response> {
  const oauth = requireOAuth(context);
  const { helpers, storage } = await oauth.server(context.url);
  const stored = await storage.get<StoredGrant>(`${GRANTS}${id}`, { type: "json" });
  if (!stored) throw new Problem("not_found", `There is no grant ${id}.`);

  await helpers.revokeGrant(stored.id, stored.userId);
  oauth.ports.counted("revoked");
  const from = noteOf(stored);
  await oauth.ports.note({ by, from, to: { ...from, state: "revoked" } });
  return new Response(null, { status: 204 });
}

/** @throws Problem not_found where it is off */
function requireOAuth({ options: { oauth }, url }: RequestContext): OAuth {
  if (!oauth) {
    const detail = "OAuth is off: the deployment has no KV namespace OAUTH_KV (docs/oauth.md).";
    throw new Problem("not_found", detail);
  }
  if (oauth.isOn(url)) return oauth;
  const detail = "OAuth is off at this address: ask over https, or set OAUTH_ORIGIN.";
  throw new Problem("not_found", detail);
}

/** A page of the grants, as they are stored. */
export async function pageOf(
  storage: Storage,
  { limit, cursor, key_id, client_id }: GrantsQuery,
): Promise<{ grants: StoredGrant[]; next_cursor: string | null }> {
  const prefix = key_id === undefined ? GRANTS : `${GRANTS}${key_id}:`;
  const grants: StoredGrant[] = [];
  let place: string | null = cursor ?? null;
  for (let lists = 0; lists < LISTS_MAX && grants.length < limit; lists++) {
    // A place can be gone on from only where a part of the list ended: none has more than fits.
    const part = { prefix, limit: limit - grants.length, cursor: place };
    const listed = await storage.list<{ clientId?: string }>(part);
    // Of most grants the list itself says whose they are.
    const asked = listed.keys.filter(({ metadata }) => isOf(client_id, metadata?.clientId));
    const read = await Promise.all(
      asked.map(({ name }) => storage.get<StoredGrant>(name, { type: "json" })),
    );
    // One that ended meanwhile is not there.
    for (const grant of read) if (grant && isOf(client_id, grant.clientId)) grants.push(grant);
    place = listed.list_complete ? null : listed.cursor;
    if (place === null) break;
  }
  return { grants, next_cursor: place };
}

/** @param client undefined: any; @param its undefined: the list does not say */
function isOf(client: string | undefined, its: string | undefined): boolean {
  return client === undefined || its === undefined || its === client;
}

/** @param key null: there is none any more */
export function viewOf(grant: StoredGrant, key: KeyView | null, now: number): GrantView {
  const { userId, id, clientId, scope, metadata, createdAt, expiresAt } = grant;
  const ends = expiresAt ?? null;
  return {
    id: `${userId}:${id}`,
    key_id: userId,
    key_name: key?.name ?? null,
    client_id: clientId,
    client_name: metadata?.name ?? "",
    namespace: metadata?.namespace ?? "",
    scopes: scope,
    active: key !== null && key.revoked_at === null && !isOver(key.expires_at, now),
    created_at: isoTime(createdAt * 1_000),
    // With each token the grant is given its whole time again.
    last_token_at: isoTimeOrNull(ends === null ? null : (ends - GRANT_S) * 1_000),
    expires_at: isoTimeOrNull(ends === null ? null : ends * 1_000),
  };
}

function isOver(time: string | null, now: number): boolean {
  return time !== null && Date.parse(time) <= now;
}

function noteOf({ userId, id, clientId, scope, metadata }: StoredGrant): GrantNote {
  return {
    key: userId,
    id,
    client: clientId,
    namespace: metadata?.namespace ?? "",
    scopes: scope,
    state: "granted",
    reason: null,
  };
}
