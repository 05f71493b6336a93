/**
 * Judges whether a value is a secret, by what its name says and how it looks: a placeholder, the
 * name of a type, an expression of a program and a sentence are none. Pure.
 *
 * @module
 */

import { isRandom } from "../randomness.ts";
import { type SecretName, secretName } from "./names.ts";

/** Characters by which a value is judged. */
const JUDGED_MAX = 200;
const PASSWORD_MIN = 4;
const SECRET_MIN = 8;
const SIGNATURE_MIN = 20;

/** In place of a value. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(
  (
    "null none nil true false undefined string str text bytes boolean bool int number any object " +
    "array required optional required: missing invalid incorrect wrong expired empty unset set " +
    "changeme change_me example placeholder redacted hidden secret password passwd pwd token " +
    "apikey api_key key value input user username name admin yes no ok failed success error " +
    "authentication reset login prompt field type id n/a tbd todo masked removed filtered"
  ).split(" "),
);

/** Beginnings of what is put in later, or comes from elsewhere. */
const REFERENCES = [
  "$",
  "{",
  "<",
  "%(",
  "%s",
  "%{",
  "%env",
  "[",
  "(",
  "process.env",
  "os.environ",
  "os.getenv",
  "env.",
  "secrets.",
  "vault:",
  "op://",
  "arn:",
  "your_",
  "your-",
  "my_",
  "my-",
  "ref+",
  "file:",
] as const;

const IDENTIFIER = /^[A-Za-z_$][A-Za-z_$]{0,199}$/;
const PATH = /^[A-Za-z_$][\w$]{0,63}(?:\??\.[A-Za-z_$][\w$]{0,63}){1,8}$/;
const SAME = /^(.)\1*$/su;

/** How a value stands in its text. */
export interface Written {
  isQuoted: boolean;
  /** Right behind an equals sign, as in a file of variables or an address. */
  isEnvironment: boolean;
}

/** @param value without its quotes */
export function isSecretValue(value: string, name: SecretName, written: Written): boolean {
  const judged = value.slice(0, JUDGED_MAX);
  if (isPlaceholder(judged)) return false;
  if (name === "signature") return judged.length >= SIGNATURE_MIN && isRandom(judged);
  if (name === "password") return isPassword(judged, written);
  // Without quotes, letters alone are a name of the program, and brackets its code.
  const isCode = !written.isQuoted && (/[()]/.test(judged) || !/\d/.test(judged));
  if (isCode && !written.isEnvironment) return false;
  return judged.length >= SECRET_MIN && !judged.includes(" ") && isRandom(judged);
}

function isPassword(value: string, { isQuoted, isEnvironment }: Written): boolean {
  if (value.length < PASSWORD_MIN) return false;
  const isSentence = value.trim().includes(" ");
  if (isQuoted) return !isSentence || /\d/.test(value);
  if (value.endsWith("(") || value.includes("()")) return false;
  const isName = IDENTIFIER.test(value) || PATH.test(value);
  if (isName && secretName(value) !== null) return false;
  // "password: required" is prose, and "password=letmein" is none.
  return isEnvironment || !isName;
}

function isPlaceholder(value: string): boolean {
  const small = value.trim().toLowerCase();
  return small === "" || PLACEHOLDERS.has(small) || isReference(small);
}

/** Whether a value stands for another one, as `${PASSWORD}` and `****`. */
export function isReference(value: string): boolean {
  const small = value.slice(0, JUDGED_MAX).toLowerCase();
  return SAME.test(small) || REFERENCES.some((start) => small.startsWith(start));
}
