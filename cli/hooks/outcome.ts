/**
 * Judges how a session went from what happened in it: a table of rules, each with how sure it is. A
 * person's word counts before everything; of the rest the last thing that says something counts.
 * Unknown stays unknown. Pure.
 *
 * @module
 */

import { object } from "../../client/calls/values.ts";
import type { Happened } from "./event.ts";

export interface Judged {
  /** The rule's name, as docs/hooks.md has it. */
  rule: string;
  /** 0…1 */
  confidence: number;
  isGood: boolean;
  /** For people, in the episode's outcome. */
  reason: string;
}

/** How sure each rule is. */
export const RULES = {
  said: 1,
  accepted: 0.8,
  corrected: 0.7,
  check_passed: 0.7,
  check_failed: 0.7,
  committed: 0.6,
} as const;

/** Characters of what a person says that may be nothing but a judgement. */
const JUDGEMENT_MAX = 120;
const ACCEPTED =
  /^(?:(?:ok(?:ay)?|yes|yep|great|cool|nice|awesome|super|ah)[,.! ]+)*(?:thanks?\b|thank you\b|thx\b|perfect\b|great (?:job|work)\b|well done\b|nice work\b|looks? good\b|lgtm\b|(?:it|that|this|everything) works?\b(?! (?:only|but))|works (?:now|great|perfectly|fine)\b|(?:that|it)(?:'s| is) (?:it|right|correct|fixed|perfect)\b)/i;
const CORRECTED =
  /^(?:no+\b[,.! ]|nope\b|wrong\b|(?:that|this|it)(?:'s| is) (?:wrong|not (?:right|what|correct|working))|(?:that|this|it) (?:still )?(?:doesn'?t|does not|didn'?t|did not) (?:work|help|compile|fix)|still (?:fail|broken|not|the same|doesn)|(?:please )?(?:revert|undo)\b|not what i)/i;

/** Commands that check work: tests, builds, types, linters. */
const CHECKS: readonly RegExp[] = [
  /(?:^|[;&|]\s*|\s)(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:test|t|build|check|lint|types?|typecheck)\b/,
  /(?:^|[;&|]\s*|\s)(?:vitest|jest|mocha|playwright test|tsc|eslint|oxlint|ava)\b/,
  /(?:^|[;&|]\s*|\s)(?:pytest|unittest|mypy|ruff|tox|nox)\b/,
  /(?:^|[;&|]\s*|\s)cargo\s+(?:test|build|check|clippy|nextest)\b/,
  /(?:^|[;&|]\s*|\s)go\s+(?:test|build|vet)\b/,
  /(?:^|[;&|]\s*|\s)(?:make|just|task)\s+(?:test|check|build|lint|all)\b/,
  /(?:^|[;&|]\s*|\s)(?:mvn|gradle|\.\/gradlew|\.\/mvnw)\s+\S*(?:test|verify|build|package|check)\b/,
  /(?:^|[;&|]\s*|\s)(?:dotnet|swift|mix|zig|sbt|bazel|deno|rake|bundle exec)\s+(?:test|build|check|spec|rspec)\b/,
  /(?:^|[;&|]\s*|\s)(?:rspec|phpunit|ctest)\b/,
];
const COMMIT = /(?:^|[;&|]\s*|\s)git\s+(?:-C\s+\S+\s+)?commit\b/;
/** Characters of a command that are read. */
const COMMAND_MAX = 4_000;

/** null: nothing says how it went. */
export function judge(events: readonly Happened[]): Judged | null {
  let last: Judged | null = null;
  let said: Judged | null = null;
  let asked = 0;
  for (const event of events) {
    if (event.type === "verdict") {
      const { isGood, reason } = event;
      said = { rule: "said", confidence: RULES.said, isGood, reason };
    } else if (event.type === "prompt") {
      asked += 1;
      // The first is the task. What is neither asks for more, and leaves open how that ends.
      last = asked === 1 ? null : judgedPrompt(event.text);
    } else if (event.type === "stop" && event.how === "aborted") last = null;
    else if (event.type === "result") last = judgedResult(event, last);
  }
  return said ?? last;
}

function judgedPrompt(text: string): Judged | null {
  const said = text.trim();
  if (said.length > JUDGEMENT_MAX) return null;
  if (CORRECTED.test(said)) return judged("corrected", false, said);
  return ACCEPTED.test(said) ? judged("accepted", true, said) : null;
}

function judgedResult(
  { tool, parameters, result, isInterrupted }: Happened & { type: "result" },
  last: Judged | null,
): Judged | null {
  // Whoever interrupts says that something is wrong, and not what.
  if (isInterrupted) return null;
  const command = commandOf(parameters);
  if (command === "" || result === null) return last;
  const isGood = result.type === "success";
  if (CHECKS.some((check) => check.test(command)))
    return judged(isGood ? "check_passed" : "check_failed", isGood, `${tool}: ${command}`);
  // A commit does not mend a check that failed.
  if (!COMMIT.test(command) || !isGood || last?.rule === "check_failed") return last;
  return last?.rule === "check_passed" ? last : judged("committed", true, `${tool}: ${command}`);
}

function judged(rule: keyof typeof RULES, isGood: boolean, reason: string): Judged {
  return { rule, confidence: RULES[rule], isGood, reason: reason.slice(0, 500) };
}

function commandOf(parameters: unknown): string {
  const { command, cmd, script } = object(parameters);
  const said = command ?? cmd ?? script;
  const text = Array.isArray(said) ? said.map(String).join(" ") : said;
  return typeof text === "string" ? text.slice(0, COMMAND_MAX) : "";
}
