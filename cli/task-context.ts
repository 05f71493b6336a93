/**
 * The context of a task, as options of commands say it.
 *
 * @module
 */

import { repeated } from "./parse.ts";
import { option, type OptionSpec, type Values } from "./spec.ts";

/** What the context of a task is said by. */
export const contextOptions: readonly OptionSpec[] = [
  option("--domain <name>", "the domain"),
  option("--language <name>", "the programming language"),
  option("--framework <name>", "the framework"),
  option("--complexity <how>", "how hard it is", { choices: ["simple", "moderate", "complex"] }),
  option("--context-tag <tag>", "a tag of the context; again for more", { parse: repeated }),
];

/** The context that the options name; absent fields stay absent. */
export function contextOf(values: Values): Record<string, unknown> {
  const { domain, language, framework, complexity, contextTag: tags } = values;
  return Object.fromEntries(
    Object.entries({ domain, language, framework, complexity, tags }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}
