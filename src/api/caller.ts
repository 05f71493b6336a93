/**
 * Who a request comes from, as its bearer key says. Whether the key may do what it asks is the
 * memory's to judge.
 *
 * @module
 */

import type { GrantBounds } from "../contract/call.ts";
import { BoundedMap } from "../util/bounded-map.ts";
import { sha256Hex } from "../util/hashing/hash.ts";
import { Problem } from "./problem.ts";

/** Whose secret may do everything. */
export interface Admin {
  name: string;
  token: string;
}

export interface Caller {
  /** SHA-256 of the bearer key in hex; null: none was asked for. */
  key_hash: string | null;
  /** The key is the ADMIN_TOKEN, or one of ADMIN_TOKENS. */
  root: boolean;
  /** Whose of these it is; null: it is none. */
  admin: string | null;
  /** What the grant allows that the caller's token is of; absent: it showed a key. */
  grant?: GrantBounds;
}

export const NOBODY: Caller = { key_hash: null, root: false, admin: null };

/** Parameters of an address by which clients are known to send a key. */
const KEY_PARAMETERS = ["key", "api_key", "apikey", "token", "access_token"] as const;

/** Keys whose hashes are remembered, so that strangers' guesses take no more memory than that. */
const KEYS_MAX = 1_000;

/**
 * Hashes of the keys that come with every request: a digest is made outside of JavaScript, and
 * waited for.
 */
export class KeyHashes {
  readonly #hashes = new BoundedMap<string, string>(KEYS_MAX);

  async of(key: string): Promise<string> {
    const known = this.#hashes.get(key);
    if (known !== undefined) return known;

    const hash = await sha256Hex(key);
    this.#hashes.set(key, hash);
    return hash;
  }
}

/**
 * Who the bearer key says the caller is.
 *
 * @throws Problem unauthenticated without a key, key_in_url for one in the address
 */
export async function identify(
  request: Request,
  url: URL,
  admins: readonly Admin[],
  keyHashes: KeyHashes,
): Promise<Caller> {
  if (url.search !== "") refuseKeyIn(url.searchParams);

  const key = bearerOf(request);
  if (key === null) {
    throw new Problem("unauthenticated", "Send a key as Authorization: Bearer KEY.", [], {
      "WWW-Authenticate": "Bearer",
    });
  }

  const key_hash = await keyHashes.of(key);
  let admin: string | null = null;
  // Each is looked at, so that the time does not tell which one it is like.
  for (const { name, token } of admins)
    if (isSameText(key_hash, await keyHashes.of(token))) admin = name;
  return { key_hash, root: admin !== null, admin };
}

/** The bearer key or token that a request shows; null: none. */
export function bearerOf({ headers }: Request): string | null {
  return /^Bearer +(\S{1,500})$/i.exec(headers.get("Authorization") ?? "")?.[1] ?? null;
}

function refuseKeyIn(parameters: URLSearchParams): void {
  for (const name of KEY_PARAMETERS) {
    if (!parameters.has(name)) continue;
    throw new Problem(
      "key_in_url",
      "Addresses end up in logs. Send the key as Authorization: Bearer KEY.",
      [{ path: name, message: "unknown field" }],
    );
  }
}

/** Compares in a time that does not depend on where two texts of one length differ. */
function isSameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
