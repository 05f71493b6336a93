/**
 * Judges whether the name of a field, a variable, a header or an option says that its value is a
 * secret, and how surely. Pure.
 *
 * @module
 */

import { BoundedMap } from "../../../util/bounded-map.ts";

/**
 * password: whatever stands there. secret: what is no word of a language. header: all of the line.
 * cookie: all of the line, when it has a value.
 */
export type SecretName = "password" | "secret" | "header" | "cookie" | "signature";

/** Characters of a name that are read. */
export const NAME_MAX = 64;

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const PASSWORDS = set("password passwords passwd pwd passphrase passwort passcode pw");
const SECRETS = set(
  "secret secrets token tokens apikey apitoken accesskey secretkey privatekey authkey authtoken " +
    "accesstoken refreshtoken bearertoken clientsecret signingkey encryptionkey credential " +
    "credentials creds phpsessid jsessionid csrftoken pass auth",
);
const HEADERS = set("authorization");
const COOKIES = set("cookie cookies");
/** What stands for the value of what is named beside it. */
export const isValueName = (name: string): boolean => name.toLowerCase() === "value";
const SIGNATURES = set("sig signature");

/** Before "key", these make it a secret; */
const SECRET_KEYS = set(
  "api access secret private auth signing encryption master account service admin shared ssh " +
    "webhook deploy app hmac license crypto",
);
/** and before "token" or "pass", these make it none. */
const NO_SECRETS = set(
  "next page continuation sync prev previous pagination cursor max min num total input output " +
    "prompt completion eos bos pad unk mask sep cls stop special cancel cancellation count per " +
    "used remaining first last budget reasoning cached",
);
/** What may stand behind a name without changing what it is. */
const SUFFIXES = set(
  "prod production dev development staging stage test live sandbox local default new old value " +
    "b64 base64 env var str string current primary secondary base",
);

/** Ends of names that are written as one word: PGPASSWORD, githubtoken. */
const GLUED_PASSWORDS = ["password", "passwd", "passphrase", "dbpass", "userpass"] as const;
const GLUED_SECRETS = [
  "token",
  "apikey",
  "secret",
  "secretkey",
  "accesskey",
  "privatekey",
] as const;

function endsLike(word: string, ends: readonly string[]): boolean {
  const end = ends.find((one) => word.endsWith(one));
  return end !== undefined && !NO_SECRETS.has(word.slice(0, -end.length));
}

/** Words of a name as programs write it: `dbPassword`, `DB_PASSWORD`, `db-password1`. */
function wordsOf(name: string): string[] {
  const parted = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2");
  const words = (parted.toLowerCase().match(/[a-z]+|\d+/g) ?? []).filter((word) => word !== "");
  while (words.length > 1 && (SUFFIXES.has(words.at(-1) ?? "") || /^\d/.test(words.at(-1) ?? "")))
    words.pop();
  return words;
}

/**
 * What names that were asked for lately say: a text has few, and most of its signs stand behind one.
 * It changes no result, so that `secretName` is as pure as without it.
 */
const REMEMBERED_MAX = 5_000;
const remembered = new BoundedMap<string, SecretName | "none">(REMEMBERED_MAX);

/** null: the name says nothing of a secret. */
export function secretName(name: string): SecretName | null {
  // Times and numbers, which logs are full of, are no names.
  if (!/[A-Za-z]{2}/.test(name)) return null;
  const asked = name.slice(-NAME_MAX);
  let said = remembered.get(asked);
  if (said === undefined) {
    said = judgedName(asked) ?? "none";
    remembered.set(asked, said);
  }
  return said === "none" ? null : said;
}

function judgedName(name: string): SecretName | null {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  const before = words.at(-2) ?? "";
  if (PASSWORDS.has(last) || endsLike(last, GLUED_PASSWORDS)) return "password";
  if (SECRETS.has(last)) return NO_SECRETS.has(before) ? null : "secret";
  if (last === "key" && SECRET_KEYS.has(before)) return "secret";
  if (endsLike(last, GLUED_SECRETS)) return "secret";
  if (HEADERS.has(last)) return "header";
  if (COOKIES.has(last)) return "cookie";
  return SIGNATURES.has(last) ? "signature" : null;
}
