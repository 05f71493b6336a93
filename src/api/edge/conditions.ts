/**
 * Conditions that a request names: which versions a resource may have (RFC 9110, 13.1). Weak tags are
 * taken for strong ones, because proxies weaken the tags of what they compress.
 *
 * @module
 */

import { invalid } from "../validate.ts";

const TAG = /^(?:W\/)?"([^"]{0,200})"$/;
const VERSION = /^\d{1,15}$/;
const TAGS_MAX = 50;

/** `If-Match`: the versions that the resource may have; null: any. */
export function ifMatchOf(headers: Headers): number[] | null {
  const header = headers.get("If-Match")?.trim();
  if (header === undefined || header === "*") return null;
  return tagsOf(header)
    .filter((tag) => VERSION.test(tag))
    .map(Number);
}

function tagsOf(header: string): string[] {
  const listed = header.split(",", TAGS_MAX + 1);
  const tags = listed.map((tag) => TAG.exec(tag.trim())?.[1]);
  if (listed.length > TAGS_MAX || tags.includes(undefined)) {
    throw invalid("If-Match", 'must be * or ETags such as "3"');
  }
  return tags as string[];
}

/** `If-None-Match`: whether it names this version. */
export function isVersionKnown(headers: Headers, version: number): boolean {
  const header = headers.get("If-None-Match");
  const tags = header?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes("*") || tags.includes(`"${version}"`);
}
