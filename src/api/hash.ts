async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** SHA-256 in hexadecimal. */
export async function sha256Hex(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  return Array.from(await sha256(data), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 in Base64, as a Content-Security-Policy names it. */
export async function sha256Base64(data: string): Promise<string> {
  return btoa(String.fromCharCode(...(await sha256(data))));
}

/**
 * Keys whose hashes are remembered; then all are forgotten, so that strangers' guesses take no more
 * memory than this.
 */
const REMEMBERED_MAX = 1_000;
const remembered = new Map<string, string>();

/**
 * `sha256Hex` of a key, for those that come with every request: a digest is made outside of
 * JavaScript, and waited for.
 */
export async function keyHash(key: string): Promise<string> {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const hash = await sha256Hex(key);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(key, hash);
  return hash;
}
