/**
 * What was recorded of the demo, as docs/trying.md holds it, and the picture of it.
 *
 * @module
 */

import { terminalSvg, THEMES } from "./terminal.ts";

export { THEMES };

/** Where a page holds what was recorded under a name. */
export const recordedAs = (name: string): RegExp =>
  new RegExp(`(<!-- ${name} -->\\n)([\\s\\S]*?)(<!-- /${name} -->)`);

/** What the demo prints, without its fence. Throws when the page has no such place. */
export function demoText(page: string): string {
  const text = /```console\n([\s\S]*?)```/.exec(recordedAs("demo").exec(page)?.[2] ?? "")?.[1];
  if (text === undefined) throw new Error("the page has no <!-- demo --> … <!-- /demo -->");
  return text;
}

const LABEL =
  "npm run demo: an agent fails, the next one is told the way out, and nothing is lost when the database dies";

/** The story; where to look afterwards is for who has run it. */
export const pictureOf = (text: string, theme: keyof typeof THEMES): string =>
  terminalSvg(text.replace(/\n\n\d+ episodes and [\s\S]*/, "\n"), THEMES[theme], LABEL);
