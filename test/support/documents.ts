/**
 * What a page of the documents shows that somebody may rely on: its fenced blocks, and its figures.
 *
 * @module
 */

export interface Fenced {
  language: string;
  text: string;
  /** Of the fence in the page, from 1. */
  line: number;
}

/** Blocks that a command of the project writes, and a test compares. */
const WRITTEN =
  /<!-- (figures(?::[\w-]+)?|targets|worth|badges|demo|session|card|rows|alerts|drills) -->[\s\S]*?<!-- (?:\/\1|end) -->/g;
/** A number that was measured, or bounds something: with a unit, or a fraction. */
const FIGURE =
  /(?<![\w.,`/:-])\d[\d,.]*(?: (?:ms|s|min|MB|kB|KB|GB|USD|%|×|points|bytes)(?!\w)|(?<=(?<![\d.])0\.\d+)(?![\w.])(?!\.\d))/g;
/** What prints or holds a figure: a command, or a file that says it. */
const SOURCE = /`(?:npm run [\w:-]+|npx vitest run|(?:test|src|bench|scripts|cli|client)\/)/;

export function fencedOf(page: string): Fenced[] {
  const lines = page.split("\n");
  const found: Fenced[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, language] = /^```(\w*)/.exec(lines[at] ?? "") ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    found.push({ language, text: lines.slice(at + 1, end).join("\n"), line: at + 1 });
    at = end;
  }
  return found;
}

/**
 * The figures of a page's prose that stand in no written block, and in no paragraph that says where
 * they are from, by the heading that they stand under. A table is taken with the paragraph before it.
 */
export function looseFigures(page: string): Map<string, string[]> {
  const prose = page.replaceAll(WRITTEN, "").replaceAll(/^```[\s\S]*?^```$/gm, "");
  const loose = new Map<string, string[]>();
  let heading = "";
  let isSourced = false;
  for (const paragraph of prose.split(/\n{2,}|\n(?=- )/)) {
    heading = /^#+ (.*)/.exec(paragraph)?.[1] ?? heading;
    isSourced = (paragraph.startsWith("|") && isSourced) || SOURCE.test(paragraph);
    const figures = isSourced ? [] : [...paragraph.matchAll(FIGURE)].map(([figure]) => figure);
    if (figures.length > 0) loose.set(heading, [...(loose.get(heading) ?? []), ...figures]);
  }
  return loose;
}
