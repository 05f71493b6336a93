/**
 * What is kept out of the memory, as data: the kinds of secrets, and the patterns of its own that a
 * deployment may add. Such a pattern is a small language that is matched without going back, so that
 * none can be slow.
 *
 * @module
 */

/** The kinds of what is taken out: `[REDACTED:kind]`. private: between `<private>` tags. */
export const REDACTION_KINDS = [
  "private",
  "private_key",
  "api_key",
  "jwt",
  "bearer_token",
  "connection_string",
  "cookie",
  "password",
  "secret",
  "custom",
] as const;
export type RedactionKind = (typeof REDACTION_KINDS)[number];

/** block: a write that holds a secret is refused. off: only what is marked as private is taken out. */
export const REDACTION_MODES = ["redact", "block", "off"] as const;
export type RedactionMode = (typeof REDACTION_MODES)[number];

/** What a namespace may ask for; where the deployment is stricter, that is in force. */
export const NAMESPACE_REDACTIONS = ["as_deployment", "redact", "block"] as const;
export type NamespaceRedaction = (typeof NAMESPACE_REDACTIONS)[number];

/** The stricter of both. */
export function strictestRedaction(
  deployment: RedactionMode,
  namespace: NamespaceRedaction,
): RedactionMode {
  if (deployment === "block" || namespace === "block") return "block";
  return namespace === "redact" ? "redact" : deployment;
}

/** A character, or one of several, so many times. */
export interface PatternItem {
  /** The characters that it takes. */
  characters: ReadonlySet<string>;
  min: number;
  max: number;
}

/** A pattern of a deployment: what it begins with, and what follows. */
export interface SecretPattern {
  prefix: string;
  items: readonly PatternItem[];
}

const PATTERNS_MAX = 20;
const PATTERN_LENGTH_MAX = 200;
const PREFIX_MIN = 3;
/** Characters that a match may have. */
const MATCH_MAX = 300;

const DIGITS = "0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const WORD = `${LETTERS}${DIGITS}_`;
/** What stands for itself. */
const PLAIN = `${WORD}-.:/=+@#~%`;

/**
 * Patterns as a deployment writes them, parted by spaces. Each begins with at least three characters
 * that stand for themselves; then come characters, `\d`, `\w` and classes such as `[A-Za-z0-9_-]`,
 * each with `{n}` or `{n,m}` behind it or none. There are no choices, no groups and no `*`.
 *
 * @throws Error that says what is wrong with which
 */
export function parseSecretPatterns(text: string): SecretPattern[] {
  const written = text.split(" ").filter((one) => one !== "");
  if (written.length > PATTERNS_MAX) throw new Error(`at most ${PATTERNS_MAX} patterns are taken`);
  return written.map((one) => new PatternReader(one).read());
}

class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): SecretPattern {
    const text = this.#text;
    if (text.length > PATTERN_LENGTH_MAX) throw this.#wrong("is too long");
    while (PLAIN.includes(text[this.#at] ?? "\0") && text[this.#at + 1] !== "{") this.#at += 1;
    const prefix = text.slice(0, this.#at);
    if (prefix.length < PREFIX_MIN) {
      throw this.#wrong(`must begin with ${PREFIX_MIN} characters that stand for themselves`);
    }

    const items: PatternItem[] = [];
    while (this.#at < text.length) items.push({ characters: this.#characters(), ...this.#times() });
    const longest = items.reduce((sum, { max }) => sum + max, prefix.length);
    if (longest > MATCH_MAX) throw this.#wrong(`may match at most ${MATCH_MAX} characters`);
    return { prefix, items };
  }

  #characters(): Set<string> {
    const char = this.#text[this.#at++] ?? "";
    if (char === "[") return this.#classed();
    if (char === "\\") return new Set(this.#escaped());
    if (char !== "" && PLAIN.includes(char)) return new Set(char);
    throw this.#wrong(`has "${char}", which is not of this language`);
  }

  #escaped(): string {
    const char = this.#text[this.#at++] ?? "";
    if (char === "d") return DIGITS;
    if (char === "w") return WORD;
    throw this.#wrong(`has "\\${char}"; there are \\d and \\w`);
  }

  #classed(): Set<string> {
    const characters = new Set<string>();
    for (;;) {
      const char = this.#text[this.#at++] ?? "";
      if (char === "]" && characters.size > 0) return characters;
      if (char === "\\") for (const one of this.#escaped()) characters.add(one);
      else if (char === "" || !PLAIN.includes(char))
        throw this.#wrong("has a class without an end");
      else if (this.#text[this.#at] === "-" && this.#text[this.#at + 1] !== "]") {
        this.#at += 1;
        for (const one of this.#range(char, this.#text[this.#at++] ?? "")) characters.add(one);
      } else characters.add(char);
    }
  }

  #range(from: string, to: string): string {
    const alphabet = `${DIGITS} ${LETTERS}`;
    const [first, last] = [alphabet.indexOf(from), alphabet.indexOf(to)];
    if (to === "" || first < 0 || last < first) throw this.#wrong(`has the range ${from}-${to}`);
    return alphabet.slice(first, last + 1).replace(" ", "");
  }

  #times(): { min: number; max: number } {
    if (this.#text[this.#at] !== "{") return { min: 1, max: 1 };
    const end = this.#text.indexOf("}", this.#at);
    const [min, max = min, ...more] = this.#text
      .slice(this.#at + 1, end)
      .split(",")
      .map(Number);
    const isGood = min !== undefined && max !== undefined && min >= 0 && max >= 1 && max >= min;
    if (end < 0 || more.length > 0 || !isGood || !Number.isInteger(min + max)) {
      throw this.#wrong("has a number of times that is none: {n} or {n,m}");
    }
    this.#at = end + 1;
    return { min, max };
  }

  #wrong(what: string): Error {
    return new Error(`"${this.#text.slice(0, 50)}" ${what}`);
  }
}
