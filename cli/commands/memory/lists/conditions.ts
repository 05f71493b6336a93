/**
 * The options by which lists of episodes are filtered and ordered, for `episode list`, for the
 * filters that a namespace keeps, and for changes of many episodes.
 *
 * @module
 */

import type { Body } from "../../../../client/index.ts";
import { omitUndefined } from "../../../../client/runs/omit-undefined.ts";
import { repeated, time } from "../../../parse.ts";
import { option, type OptionSpec, type Values } from "../../../spec.ts";

export const TASK_TYPES = [
  "code_generation",
  "debugging",
  "refactoring",
  "testing",
  "analysis",
  "documentation",
  "other",
] as const;
export const OUTCOMES = ["success", "partial_success", "failure", "abstained"] as const;

const SORTS = ["started_at", "updated_at", "ended_at", "reward", "steps"] as const;

/** Which episodes are meant. */
export const filterOptions: readonly OptionSpec[] = [
  option("--status <status>", "only these", {
    choices: ["in_progress", "completed", "failed", "abandoned"],
  }),
  option("--outcome <outcome>", "only these", { choices: OUTCOMES }),
  option("--domain <name>", "only of this domain"),
  option("--language <name>", "only of this language"),
  option("--framework <name>", "only of this framework"),
  option("--tag <tag>", "only with this tag; again for others of which it has any", {
    parse: repeated,
  }),
  option("--all-tags", "only with all of these tags"),
  option("--type <type>", "only of this kind", { choices: TASK_TYPES }),
  option("--since <time>", 'only of the last "1h", "7d"', { parse: time }),
  option("--before <time>", 'only what began longer ago than "90d"', { parse: time }),
  option("--text <text>", "only whose task has this text"),
];

export const conditionOptions: readonly OptionSpec[] = [
  ...filterOptions,
  option("--archived <which>", "archived ones: only those, or any; none by default", {
    choices: ["only", "any"],
  }),
  option("--sort <key>", "with a hyphen the greatest first", {
    choices: SORTS.flatMap((key) => [`-${key}`, key]),
  }),
];

/** What the options say, as a filter is kept. */
export function conditionsOf(values: Values): Body<"saveFilter"> {
  const { status, outcome, domain, language, framework, type, text, archived, sort } = values;
  const tags = values["tag"] as string[] | undefined;
  return omitUndefined({
    status,
    outcome,
    domain,
    language,
    framework,
    tags,
    tags_match: values["allTags"] === true && tags ? "all" : undefined,
    task_type: type,
    started_after: agoOf(values["since"]),
    started_before: agoOf(values["before"]),
    text,
    archived,
    sort,
  } as Values) as Body<"saveFilter">;
}

/** @param ms a span of time, as an option was parsed */
function agoOf(ms: unknown): string | undefined {
  return typeof ms === "number" ? new Date(Date.now() - ms).toISOString() : undefined;
}
