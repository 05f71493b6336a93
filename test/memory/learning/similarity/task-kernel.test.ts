import { expect, it } from "vitest";
import { TaskKernel } from "../../../../src/memory/learning/similarity/task-kernel.ts";
import { taskTermHashes } from "../../../../src/memory/learning/texts/task-terms.ts";

const TASKS = [
  "cancel the order of a lamp",
  "return the lamp and the chair",
  "cancel the order of a chair",
  "migrate the ledger",
  "",
];

/** As the kernel is described: the cosine of terms, each weighted by the square root of its rarity. */
function cosine(a: string, b: string): number {
  const held = TASKS.map((task) => new Set(taskTermHashes(task)));
  const squareOf = (term: number): number => {
    const n = held.filter((terms) => terms.has(term)).length;
    return Math.log(1 + (TASKS.length - n + 0.5) / (n + 0.5));
  };
  const known = (task: string): number[] =>
    [...taskTermHashes(task)].filter((term) => held.some((terms) => terms.has(term)));
  const sum = (terms: readonly number[]): number =>
    terms.reduce((all, term) => all + squareOf(term), 0);
  const common = known(a).filter((term) => known(b).includes(term));
  return sum(common) / Math.sqrt((sum(known(a)) || 1) * (sum(known(b)) || 1));
}

const kernel = new TaskKernel(TASKS.map((task) => ({ task })));

it.each([...TASKS, "cancel the order of a sofa"])("the likeness of %j to others", (task) => {
  const others = TASKS.filter((other) => other !== task);
  const alike = kernel.similaritiesTo(task, others);
  for (const [i, other] of others.entries()) {
    expect(alike[i]).toBeCloseTo(cosine(task, other), 5);
    expect(kernel.similarity(task, other)).toBe(alike[i]);
    expect(kernel.similarity(other, task)).toBe(alike[i]);
  }
});

it("is the same to the last digit in whatever order the tasks come", () => {
  const turned = new TaskKernel(TASKS.toReversed().map((task) => ({ task })));
  for (const one of TASKS)
    for (const other of TASKS)
      expect(turned.similarity(one, other)).toBe(kernel.similarity(one, other));
});

it("is one for a task and itself, in a triangle too", () => {
  const rows = kernel.similarities(TASKS);
  for (const [i, row] of rows.entries()) {
    expect(row[i]).toBe(1);
    for (const [j, value] of row.slice(0, i).entries())
      expect(value).toBe(kernel.similarity(TASKS[i] ?? "", TASKS[j] ?? ""));
  }
});

it("tells which terms a task holds", () => {
  const [lamp = 0] = taskTermHashes("lamp");
  const [ledger = 0] = taskTermHashes("ledger");
  const [sofa = 0] = taskTermHashes("sofa");
  expect([...kernel.held(TASKS[0] ?? "", [lamp, ledger, sofa])]).toEqual([1, 0, 0]);
});
