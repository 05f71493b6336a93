/**
 * The token without which the local database takes no SQL: any web page can send requests to an
 * address of this machine. It is made once; the key that signed it is not kept.
 *
 * @module
 */

import { generateKeyPairSync, sign } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface DatabaseToken {
  token: string;
  /** The file that holds the token, for its owner only. */
  file: string;
  /** The file with the public key, for the database. */
  keyFile: string;
}

/** The token of this data directory; made when there is none. */
export function databaseToken(directory: string): DatabaseToken {
  const file = join(directory, "database-token");
  const keyFile = join(directory, "database-key.pem");
  if (!existsSync(file) || !existsSync(keyFile)) {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    writeFileSync(keyFile, publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(file, signed({ a: "rw", iat: Math.floor(Date.now() / 1_000) }, privateKey), {
      mode: 0o600,
    });
  }
  return { token: readFileSync(file, "utf8").trim(), file, keyFile };
}

/** A JSON Web Token, as libSQL's server reads it. */
function signed(claims: Record<string, unknown>, key: Parameters<typeof sign>[2]): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "EdDSA", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`;
}
