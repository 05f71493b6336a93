/**
 * Takes what programs put around a person's words away: `<system-reminder>…</system-reminder>`,
 * `<ide_opened_file>…</ide_opened_file>`. Linear in the text. Pure.
 *
 * @module
 */

/** A tag that a program begins a text with: its name is of several words. */
const LEADING = /^<([A-Za-z]{1,40}(?:[-_][A-Za-z]{1,40}){1,6})(?:\s[^<>]{0,200})?>/;
/** Tags of one name, and tags at the beginning, that are taken away at most. */
const TAGS_MAX = 1_000;

/** What a text says in a tag; null: it has no such tag. */
export function inTag(text: string, name: string): string | null {
  const from = text.indexOf(`<${name}>`);
  if (from < 0) return null;
  const start = from + name.length + 2;
  const end = text.indexOf(`</${name}>`, start);
  return end < 0 ? null : text.slice(start, end);
}

/**
 * The text without what is in tags of these names, wherever they are, and in tags that it begins
 * with whose names are of several words: programs add new ones, and people write `<div>`.
 */
export function withoutTags(text: string, names: readonly string[]): string {
  let kept = text;
  for (const name of names) kept = without(kept, name);
  kept = kept.trim();
  for (let count = 0; count < TAGS_MAX; count++) {
    const name = LEADING.exec(kept)?.[1];
    const close = name === undefined ? -1 : kept.indexOf(`</${name}>`);
    if (name === undefined || close < 0) break;
    kept = kept.slice(close + name.length + 3).trimStart();
  }
  return kept;
}

function without(text: string, name: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let count = 0; count < TAGS_MAX; count++) {
    const open = text.indexOf(`<${name}`, from);
    const end = open < 0 ? -1 : text.indexOf(`</${name}`, open);
    const close = end < 0 ? -1 : text.indexOf(">", end);
    if (close < 0) break;
    pieces.push(text.slice(from, open));
    from = close + 1;
  }
  return pieces.join("") + text.slice(from);
}
