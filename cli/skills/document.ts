/**
 * Reads a file that was generated, and brings it up to date: what a person changed in a generated
 * part, and what stands outside of it, stays. Pure.
 *
 * @module
 */

import { generatedPart, hashOf, endMark } from "../../src/memory/skills/document.ts";

/** A generated text, and what was generated in front of it. */
export interface Generated {
  /** Front matter; "": the file has none. */
  front: string;
  body: string;
}

/** A file with a generated part. */
export interface Marked {
  /** Front matter; "": there is none that was generated. */
  front: string;
  /** Between the front matter and the part, and behind the part. */
  before: string;
  body: string;
  after: string;
  isFrontTouched: boolean;
  isBodyTouched: boolean;
}

const FENCE = "---\n";

/** null: the file has no generated part of this kind, or only half of its marks. */
export function readMarked(kind: string, text: string): Marked | null {
  const plain = text.replaceAll("\r\n", "\n");
  const lines = plain.split("\n");
  const begins = lines.findIndex((line) => hashesIn(kind, line) !== null);
  const ends = lines.indexOf(endMark(kind), begins + 1);
  if (begins < 0 || ends < 0) return null;
  const hashes = hashesIn(kind, lines[begins] ?? "");
  const head = lines
    .slice(0, begins)
    .map((line) => `${line}\n`)
    .join("");
  const front = hashes?.front === hashOf("") ? "" : frontOf(head);
  const body = lines
    .slice(begins + 1, ends)
    .map((line) => `${line}\n`)
    .join("");
  return {
    front,
    before: head.slice(front.length),
    body,
    after: lines.slice(ends + 1).join("\n"),
    isFrontTouched: hashOf(front) !== hashes?.front,
    isBodyTouched: hashOf(body) !== hashes?.body,
  };
}

/** The hashes that the first mark of a part has; null: the line is none. */
function hashesIn(kind: string, line: string): { front: string; body: string } | null {
  const [open, mark, front = "", body = "", close, ...more] = line.split(" ");
  const isMark = open === "<!--" && mark === `memory:${kind}` && close === "-->";
  if (!isMark || more.length > 0) return null;
  if (!front.startsWith("front=") || !body.startsWith("body=")) return null;
  return { front: front.slice("front=".length), body: body.slice("body=".length) };
}

function frontOf(head: string): string {
  if (!head.startsWith(FENCE)) return "";
  const end = head.indexOf(`\n${FENCE}`, FENCE.length - 1);
  return end < 0 ? "" : head.slice(0, end + 1 + FENCE.length);
}

/**
 * The file with what was generated anew. Front matter that a person changed stays; so does the
 * file as a whole, where the part itself was changed.
 */
export function renewed(kind: string, marked: Marked, { front, body }: Generated): string | null {
  if (marked.isBodyTouched) return null;
  const { before, after } = marked;
  const top = marked.isFrontTouched ? marked.front : front;
  return `${top}${before}${generatedPart(kind, body, front)}${after}`;
}
