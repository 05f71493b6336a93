/**
 * Asks a memory about what it knows nothing of: tasks of other domains, and gibberish. Silence is
 * right. Beside it its own held-back tasks, which must not lose their answer.
 *
 * @module
 */

import type { AdviceView, RecallView } from "../../../src/contract/recall/answers.ts";
import type { Memory } from "../memory.ts";
import { generator, pick, shuffled } from "../random.ts";

export const FOREIGN = 85;
export const GIBBERISH = 15;
const OWN_MAX = 60;
const SEED = 85;

/** Tasks by the domain that they are of. */
export type TasksByDomain = ReadonlyMap<string, readonly string[]>;

/** As many of each other domain, in an order that a seed decides. */
export function foreignTasks(own: string, tasks: TasksByDomain, count = FOREIGN): string[] {
  const random = generator(SEED);
  const others = [...tasks]
    .filter(([domain]) => domain !== own)
    .map(([, texts]) => shuffled([...new Set(texts)], random));
  const longest = Math.max(...others.map(({ length }) => length));
  const turns = Array.from({ length: longest }, (_, i) =>
    others.flatMap((texts) => texts[i] ?? []),
  );
  return turns.flat().slice(0, count);
}

/** Words of no language, and blows on a keyboard. */
export function gibberish(count = GIBBERISH): string[] {
  const random = generator(SEED);
  const consonants = "bcdfghjklmnpqrstvwxz".split("");
  const vowels = "aeiou".split("");
  const word = (): string =>
    Array.from({ length: 2 + Math.floor(random() * 3) }, () =>
      [pick(random, consonants), pick(random, vowels), pick(random, consonants)].join(""),
    ).join("");
  const blow = (): string =>
    Array.from({ length: 4 + Math.floor(random() * 8) }, () =>
      pick(random, "asdfghjkl;qwertyuiop[]".split("")),
    ).join("");
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: 4 + Math.floor(random() * 8) }, i % 3 === 0 ? blow : word).join(" "),
  );
}

/** Whether anything at all is said to the task. */
async function answered(
  memory: Memory,
  namespace: string,
  task: string,
): Promise<{ recall: boolean; advice: boolean }> {
  return {
    recall: speaksInRecall(await memory.recall(namespace, { task })),
    advice: speaksInAdvice(await memory.advise(namespace, { task })),
  };
}

function speaksInRecall(view: RecallView): boolean {
  const { episodes, patterns, heuristics, playbook, next_tools } = view;
  return (
    [episodes, patterns, heuristics, next_tools].some(({ length }) => length > 0) || !!playbook
  );
}

function speaksInAdvice({ next_tools, expected_tools, avoid, outlook }: AdviceView): boolean {
  return [next_tools, expected_tools, avoid].some(({ length }) => length > 0) || outlook !== null;
}

/** The row of a memory: how many of each kind of question got an answer. */
export async function foreignRow(
  memory: Memory,
  namespace: string,
  tasks: TasksByDomain,
  held: readonly string[],
): Promise<string[]> {
  const own = [...new Set(held)].slice(0, OWN_MAX);
  const counted = async (questions: readonly string[]): Promise<string[]> => {
    const counts = { recall: 0, advice: 0 };
    for (const task of questions) {
      const { recall, advice } = await answered(memory, namespace, task);
      counts.recall += Number(recall);
      counts.advice += Number(advice);
    }
    return [counts.recall, counts.advice].map((count) => `${count} of ${questions.length}`);
  };
  return [
    namespace,
    ...(await counted(foreignTasks(namespace, tasks))),
    ...(await counted(gibberish())),
    ...(await counted(own)),
  ];
}
