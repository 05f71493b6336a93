/**
 * Reads the single values of what a tool takes or answers, each with the path that it stands at:
 * JSON, what Python prints, or either of them cut off in the middle; and the words of plain text.
 * Tolerant: what cannot be read ends the reading, and what came before counts. Pure; linear in what
 * it reads.
 *
 * @module
 */

/** Characters that are read of one text, values that are taken, and levels that are gone down. */
const READ_MAX = 40_000;
const LEAVES_MAX = 1_500;
const DEPTH_MAX = 10;
/** Characters of a value, or of a name of a field, that is told from others. */
const VALUE_MAX = 200;
const FIELD_MAX = 40;
/** Words of a plain text that are taken. */
const WORDS_MAX = 400;

/** The path of a word inside of plain text, and what stands for the name of a field. */
const TEXT_PATH = "(text)";
const NAME_PATH = "{key}";

/** A single value. */
export interface Leaf {
  /** `items[].item_id`; `*` stands for a name that differs; "": the value is all there is. */
  path: string;
  /** As it stands. */
  value: string;
}

/** The single values of something that is structured, or of a text that may be. */
export function leavesOf(value: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  if (typeof value === "string") addText(leaves, value, "");
  else walk(leaves, value, "", 0);
  return leaves;
}

/** Values that are written differently and mean the same are the same; "": it says nothing. */
export function normalised(value: string): string {
  const text = value.trim().toLowerCase().replace(/^#/, "");
  const isNumber = /^-?\d{1,15}(?:\.\d{1,10})?$/.test(text) && !/^-?0\d/.test(text);
  return isNumber ? String(Number(text)) : text;
}

/** A name of a field that differs from case to case is `*`. */
function stepInto(path: string, field: string): string {
  const isOpen = field.length > FIELD_MAX || /^\d|\d{3}|[\s./#@]/.test(field);
  const name = isOpen ? "*" : field;
  return path === "" ? name : `${path}.${name}`;
}

function add(leaves: Leaf[], path: string, value: string): void {
  if (value === "" || value.length > VALUE_MAX || leaves.length >= LEAVES_MAX) return;
  leaves.push({ path, value });
}

function addField(leaves: Leaf[], inner: string, field: string): void {
  if (inner.endsWith("*")) add(leaves, `${inner.slice(0, -1)}${NAME_PATH}`, field);
}

function walk(leaves: Leaf[], value: unknown, path: string, depth: number): void {
  if (depth > DEPTH_MAX || leaves.length >= LEAVES_MAX) return;
  if (Array.isArray(value)) for (const item of value) walk(leaves, item, `${path}[]`, depth + 1);
  else if (value !== null && typeof value === "object") {
    for (const [field, own] of Object.entries(value)) {
      const inner = stepInto(path, field);
      addField(leaves, inner, field);
      walk(leaves, own, inner, depth + 1);
    }
  } else if (typeof value === "string") addText(leaves, value, path);
  else if (typeof value === "number" || typeof value === "boolean")
    add(leaves, path, String(value));
}

/** A text that is structured itself, a single value, or words. */
function addText(leaves: Leaf[], text: string, path: string): void {
  const read = text.slice(0, READ_MAX);
  const trimmed = read.trim();
  if (/^(?:\[\s*[[{("'\d\]tfTF-]|\{\s*["'}]|\(\s*["'\d(])/.test(trimmed))
    return new Reader(trimmed, leaves).read(path);
  add(leaves, path, trimmed);
  if (!/\s/.test(trimmed)) return;
  const inText = path === "" ? TEXT_PATH : `${path}${TEXT_PATH}`;
  let words = 0;
  for (const [word] of trimmed.matchAll(/[^\s,;'"`()[\]{}<>|=]{3,200}/g)) {
    if (words++ === WORDS_MAX) return;
    add(leaves, inText, word.replace(/(?<![.:!?])[.:!?]+$/, ""));
  }
}

/** Reads JSON, or what Python prints, until it ends or can be read no further. */
class Reader {
  readonly #text: string;
  readonly #leaves: Leaf[];
  #at = 0;

  constructor(text: string, leaves: Leaf[]) {
    this.#text = text;
    this.#leaves = leaves;
  }

  read(path: string): void {
    this.#value(path, 0);
  }

  /** False: it can be read no further. */
  #value(path: string, depth: number): boolean {
    if (depth > DEPTH_MAX || this.#leaves.length >= LEAVES_MAX) return false;
    const char = this.#skipSpace();
    if (char === "{") return this.#fields(path, depth);
    if (char === "[" || char === "(") return this.#items(path, depth);
    const text = char === '"' || char === "'" ? this.#quoted(char) : this.#bare();
    if (text === null) return false;
    if (text !== "null" && text !== "None") add(this.#leaves, path, text);
    return true;
  }

  #fields(path: string, depth: number): boolean {
    this.#at += 1;
    for (;;) {
      const char = this.#skipSpace();
      if (char === "}") return this.#pass();
      if (char === ",") {
        this.#at += 1;
        continue;
      }
      const field = char === '"' || char === "'" ? this.#quoted(char) : this.#bare();
      if (field === null || this.#skipSpace() !== ":") return false;
      this.#at += 1;
      const inner = stepInto(path, field);
      addField(this.#leaves, inner, field);
      if (!this.#value(inner, depth + 1)) return false;
    }
  }

  #items(path: string, depth: number): boolean {
    this.#at += 1;
    for (;;) {
      const char = this.#skipSpace();
      if (char === "]" || char === ")") return this.#pass();
      if (char === ",") this.#at += 1;
      else if (!this.#value(`${path}[]`, depth + 1)) return false;
    }
  }

  #pass(): boolean {
    this.#at += 1;
    return true;
  }

  /** The character that follows; "": none does. */
  #skipSpace(): string {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    return this.#text[this.#at] ?? "";
  }

  /** null: it does not end. */
  #quoted(quote: string): string | null {
    let text = "";
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at] ?? "";
      if (char === quote) {
        this.#at += 1;
        return text;
      }
      if (char === "\\") this.#at += 1;
      if (text.length <= VALUE_MAX) text += this.#text[this.#at] ?? "";
    }
    return null;
  }

  /** A number or a word; null: there is none, or it may go on behind the end. */
  #bare(): string | null {
    const from = this.#at;
    while (/[\w.+-]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    const isOpen = this.#at === from || this.#at >= this.#text.length;
    return isOpen ? null : this.#text.slice(from, this.#at).toLowerCase();
  }
}
