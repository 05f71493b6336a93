/**
 * Makes one coding session of a kind of error: a little work, a command that fails, what was tried
 * in vain, what mended it, and the command that passes.
 *
 * @module
 */

import { pick, shuffled, type Random } from "../random.ts";
import type { ErrorKind } from "./kind.ts";
import { drawTask, drawWords, fill, type Words } from "./words.ts";

export interface CodingStep {
  n: number;
  tool: string;
  args: Record<string, string>;
  thought: null;
  result: string;
  ok: boolean;
}

/** An error of a session, and what the session shows of it. */
export interface CodingError {
  kind: string;
  /** Number of the step that fails. */
  step: number;
  /** Number of the step that mends it; null: nothing did. */
  mended_by: number | null;
  /** What an answer must name. */
  names: string;
}

export interface CodingEpisode {
  id: string;
  source: "made";
  domain: string;
  agent_variant: string;
  task_id: number;
  task: string;
  steps: CodingStep[];
  errors: CodingError[];
  /** learned: the memory is given it. seen: asked about, its kind was learned. unseen: it was not. */
  part: "learned" | "seen" | "unseen";
  outcome: { success: boolean };
}

type Action = Omit<CodingStep, "n" | "thought">;

const bash = (command: string, result: string, ok = true): Action => ({
  tool: "Bash",
  args: { command },
  result,
  ok,
});

/** Most sessions try something in vain first. */
const ATTEMPT_SHARE = 0.6;
const REPEAT_SHARE = 0.35;

export function makeSession(
  kind: ErrorKind,
  { number, part, isMended }: { number: number; part: CodingEpisode["part"]; isMended: boolean },
  random: Random,
): CodingEpisode {
  const words = drawWords(random);
  const failing = bash(fill(kind.command, words), failureOf(kind, words, random), false);
  const before = workBefore(words, random);
  const vain = attempts(kind, failing, words, random);
  const mending = isMended ? mendOf(kind, words) : [];
  const after = isMended
    ? [bash(failing.args["command"] ?? "", preamble(kind, words) + fill(kind.passes, words))]
    : [failing];
  const actions = [...before, failing, ...vain, ...mending, ...after];
  if (isMended && random() < 0.5 && kind.stack !== "git") actions.push(...commit(words));
  const mendedBy = isMended ? before.length + vain.length + 1 + mending.length : null;
  return {
    id: `coding-${String(number).padStart(3, "0")}`,
    source: "made",
    domain: `coding/${kind.stack}`,
    agent_variant: "made",
    task_id: number,
    task: drawTask(random, words),
    steps: actions.map((action, i) => ({ n: i + 1, thought: null, ...action })),
    errors: [{ kind: kind.kind, step: before.length + 1, mended_by: mendedBy, names: kind.names }],
    part,
    outcome: { success: isMended },
  };
}

/** What npm prints before a script's own output. */
function preamble({ script }: ErrorKind, words: Words): string {
  return script === undefined ? "" : fill(`> {project}@{version} ${script}\n\n`, words);
}

function failureOf(kind: ErrorKind, words: Words, random: Random): string {
  const error = preamble(kind, words) + fill(pick(random, kind.errors), words);
  // Some agents get the exit code first.
  return random() < 0.5 ? `Exit code 1\n${error}` : error;
}

function workBefore(words: Words, random: Random): Action[] {
  const file = fill("{file}", words);
  const updated = `The file ${file} has been updated.`;
  const all: Action[] = [
    { tool: "Read", args: { file_path: file }, result: "1  export const x = 1;", ok: true },
    { tool: "Grep", args: { pattern: fill("{column}", words) }, result: `${file}:12`, ok: true },
    { tool: "Edit", args: { file_path: file }, result: updated, ok: true },
    bash("git status --short", ` M ${file}`),
  ];
  return shuffled(all, random).slice(0, 1 + Math.floor(random() * 3));
}

/** What was tried in vain: looking around, another command, the same once more. */
function attempts(kind: ErrorKind, failing: Action, words: Words, random: Random): Action[] {
  const vain: Action[] = [];
  if (random() < ATTEMPT_SHARE) {
    const { command, said, fails } = pick(random, kind.attempts);
    vain.push(bash(fill(command, words), fill(said, words), fails !== true));
  }
  const isOnlyRepeated = kind.mend !== null && fill(kind.mend, words).endsWith(kind.command);
  if (!isOnlyRepeated && random() < REPEAT_SHARE) vain.push(failing);
  return vain;
}

function mendOf(kind: ErrorKind, words: Words): Action[] {
  const said = fill(kind.said, words);
  if (kind.mend !== null) return [bash(fill(kind.mend, words), said)];
  return [{ tool: "Edit", args: { file_path: fill("{file}", words) }, result: said, ok: true }];
}

function commit(words: Words): Action[] {
  const made = fill("[{branch} {hash2}] {subject}", words);
  return [bash(fill('git add -A && git commit -m "{subject}"', words), made)];
}
