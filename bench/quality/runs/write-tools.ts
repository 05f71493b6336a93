/**
 * Asks, before the first step of held-back tasks, which tools that change something the run will
 * use: what advice expects, what the playbook shows, and what most of the nearest successes used.
 *
 * @module
 */

import { differenceText, interval } from "../bootstrap.ts";
import type { Memory } from "../memory.ts";
import { f1 } from "../measures.ts";
import type { Run, RunSet } from "../sets/run-set.ts";
import { questionOf } from "./question.ts";

/**
 * A tool this probable is predicted: for the best F1 the threshold is half of it (Z. C. Lipton et
 * al., 2014).
 */
const PREDICTED = 0.3;
/** Votes of the three nearest successes that predict a tool. */
const NEAREST = 3;
const AGREED = 2;
/**
 * By convention, a tool whose name begins so changes nothing; only the measure knows this, the
 * memory does not.
 */
const READS =
  /^(?:get|find|list|search|read|check|lookup|show|query|calculate|think|transfer)(?:_|$)/;

interface Case {
  task: Run["task_id"];
  expected: ReadonlySet<string>;
  advised: ReadonlySet<string>;
  played: ReadonlySet<string>;
  voted: ReadonlySet<string>;
}

const writes = (tools: readonly string[]): Set<string> =>
  new Set(tools.filter((tool) => !READS.test(tool)));

/** A case for each held-back task that says which tools a correct run uses; else none. */
async function casesOf(memory: Memory, { name, asked }: RunSet): Promise<Case[]> {
  const tasks = [...new Map(asked.map((run) => [run.task_id, run])).values()];
  const cases: Case[] = [];
  for (const run of tasks) {
    if (!run.expected_tools) continue;
    const question = questionOf(run, 0, "everything");
    const { expected_tools } = await memory.advise(name, question);
    const nearest = { task: run.task, limit: 50, include: ["episodes"] };
    const { episodes } = await memory.recall(name, nearest);
    const { playbook } = await memory.recall(name, { ...question, include: ["playbook"] });
    const best = episodes.filter(({ outcome }) => outcome === "success").slice(0, NEAREST);
    const votes = best.flatMap(({ tools }) => [...new Set(tools)]);
    const likely = expected_tools.filter(({ probability }) => probability >= PREDICTED);
    cases.push({
      task: run.task_id,
      expected: writes(run.expected_tools),
      advised: writes(likely.map(({ tool }) => tool)),
      played: writes((playbook?.steps ?? []).map(({ tool }) => tool)),
      voted: writes(votes.filter((tool) => votes.filter((one) => one === tool).length >= AGREED)),
    });
  }
  return cases;
}

type Way = "advised" | "played" | "voted";
const WAYS: readonly (readonly [Way, string])[] = [
  ["voted", `${AGREED} of the ${NEAREST} nearest successes`],
  ["played", "memory: the playbook's steps"],
  ["advised", "memory: expected_tools"],
];

export async function writeToolRows(memory: Memory, set: RunSet): Promise<(string | number)[][]> {
  const cases = await casesOf(memory, set);
  if (cases.length === 0) return [];
  const scoreOf = (some: readonly Case[], way: Way): { micro: number; macro: number } =>
    f1(some.map((one) => ({ said: one[way], expected: one.expected })));
  return WAYS.map(([way, title]) => {
    const { micro, macro } = scoreOf(cases, way);
    const more = interval(
      cases,
      ({ task }) => task,
      (drawn) => scoreOf(drawn, way).micro - scoreOf(drawn, "voted").micro,
    );
    const difference = way === "voted" ? "" : differenceText(more);
    return [`${set.name} (${cases.length}): ${title}`, micro, macro, difference];
  });
}

/** F1 of `expected_tools`, over all predictions together; NaN: the set does not say. */
export async function writeToolF1(memory: Memory, set: RunSet): Promise<number> {
  const cases = await casesOf(memory, set);
  if (cases.length === 0) return Number.NaN;
  return f1(cases.map(({ advised, expected }) => ({ said: advised, expected }))).micro;
}
