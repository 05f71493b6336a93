/**
 * Signs what webhooks send, as Standard Webhooks have it (https://www.standardwebhooks.com): the
 * HMAC-SHA256 of the id, the time and the body, under a secret that the receiver has, too.
 *
 * @module
 */

import { utf8, type Bytes } from "../../util/hashing/hash.ts";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return `${PREFIX}${base64Of(bytes)}`;
}

export interface Signed {
  /** The same each time that a message is sent. */
  id: string;
  /** Seconds since the epoch: a receiver refuses what is old. */
  timestamp: number;
  body: string;
}

/** The value of `webhook-signature`. */
export async function signatureOf(
  secret: string,
  { id, timestamp, body }: Signed,
): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytesOf(secret), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8(`${id}.${timestamp}.${body}`));
  return `v1,${base64Of(new Uint8Array(signature))}`;
}

function bytesOf(secret: string): Bytes {
  return Uint8Array.from(atob(secret.slice(PREFIX.length)), (char) => char.charCodeAt(0));
}

function base64Of(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
