/**
 * A skill as a file (`SKILL.md`, https://agentskills.io/specification): front matter, and a part
 * that was generated, between two marks. The first mark has the hashes of both as they were
 * generated, so that what a person changed is seen. Pure.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { toHex, utf8 } from "../../util/hashing/hash.ts";

export interface SkillText {
  /** Lower-case letters, digits, hyphens: the folder's name. */
  name: string;
  description: string;
  /** Markdown. */
  body: string;
}

/** Bytes of a hash in a mark: it tells a change, not a forgery. */
const HASH_BYTES = 8;
const KIND = "skill";

export function skillFile(skill: SkillText): string {
  const front = frontMatterOf(skill);
  return `${front}\n# ${titleOf(skill.name)}\n\n${generatedPart(KIND, skill.body, front)}`;
}

/** Strings as JSON writes them are YAML, whatever is in them. */
export function frontMatterOf({ name, description }: SkillText): string {
  return [
    "---",
    `name: ${name}`,
    `description: ${JSON.stringify(description)}`,
    "metadata:",
    '  generated-by: "memory-service"',
    "---",
    "",
  ].join("\n");
}

function titleOf(name: string): string {
  const words = name.replaceAll("-", " ");
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

/** A generated text between its marks. @param front what stands before it and was generated, too */
export function generatedPart(kind: string, body: string, front = ""): string {
  const hashes = `front=${hashOf(front)} body=${hashOf(body)}`;
  return `<!-- memory:${kind} ${hashes} -->\n${body}${endMark(kind)}\n`;
}

export function endMark(kind: string): string {
  return `<!-- memory:${kind} end -->`;
}

export function hashOf(text: string): string {
  return toHex(sha256(utf8(text)).subarray(0, HASH_BYTES));
}
