/**
 * Asks the memory whether a key may what a grant of it would allow. A grant is never more than its
 * key: it is judged when it is made, when its token is refreshed, and by the instance at each call.
 *
 * @module
 */

import type { KeyJudge } from "./ports.ts";
import type { Call, Failure } from "../../contract/call.ts";
import type { Scope } from "../../contract/vocabulary.ts";
import { homeOf } from "../../memory/rendezvous.ts";

/** What a person may grant: what the tools of the Model Context Protocol need. */
export const GRANTABLE = ["read", "write"] as const satisfies readonly Scope[];
export type Grantable = (typeof GRANTABLE)[number];

/** How long a grant lasts that no client refreshes, s. */
export const GRANT_S = 30 * 86_400;

interface Asked {
  /** SHA-256 of the key in hex. */
  key_hash: string;
  /** null: the key's default. */
  namespace: string | null;
  scopes: readonly Scope[];
}

/** The namespace that the key would work in, or why it may not. */
export type Judgement = { ok: true; namespace: string } | { ok: false; error: Failure };

/** Those of some scopes that can be granted, with `read`, which every call needs. */
export function grantableOf(scopes: readonly string[]): Grantable[] {
  return GRANTABLE.filter((scope) => scope === "read" || scopes.includes(scope));
}

/** @param requestId under which the memory logs it */
export async function judgeKey(
  backend: KeyJudge,
  { key_hash, namespace, scopes }: Asked,
  requestId: string,
): Promise<Judgement> {
  const call: Call = {
    key_hash,
    root: false,
    namespace,
    request_id: requestId,
    traceparent: null,
    idempotency: null,
    wait_stored: false,
    timeout_ms: null,
    forwarded: false,
  };
  const home = homeOf(`ns:${namespace ?? "default"}`, await backend.instanceCount());
  let judged = "";
  for (const scope of scopes) {
    const { result } = await backend.execute(home, "authorize", { scope }, call);
    if (!result.ok) return { ok: false, error: result.error };
    judged = result.namespace;
  }
  return { ok: true, namespace: judged };
}

/** Whether a refusal is the key's own, and not one of the moment. */
export function isFinal({ code }: Failure): boolean {
  return code === "unauthenticated" || code === "forbidden";
}
