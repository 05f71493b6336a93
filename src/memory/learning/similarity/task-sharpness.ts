/**
 * Chooses how much the likeness of two tasks tells of what comes next: as much as foretells best
 * what the runs of each known task did from the runs of the others. Where like words lead to like
 * actions a little likeness is worth much; where they do not, what is usual is the better guess.
 * Leave-one-out likelihood of a kernel: R. P. W. Duin, "On the choice of smoothing parameters for
 * Parzen estimators of probability density functions", IEEE Trans. Computers 25 (1976). Pure, and
 * the same in whatever order runs came; the work is bounded by the tasks that are foretold.
 *
 * @module
 */

import type { TaskKernel } from "./task-kernel.ts";

/** What a run did where the present one stands: by name, with its weight there. */
export interface RunVotes {
  task: string;
  weights: ReadonlyMap<string, number>;
}

/** What is chosen where the runs do not tell: fitted on customer service. */
const USUAL = 4;
/** From 1 on, each twice the one before: one exponential gives all of them. */
const CHOICES = 5;
/**
 * What it must gain, as a logarithm, to be twice or half of the usual one; to be four times or a
 * quarter of it four times that.
 */
const DOUBLED = 0.5;
/** Tasks that are foretold, the most similar ones, and of how many; too few tell nothing. */
const FORETOLD_MAX = 40;
const FORETOLD_MIN = 4;
const TASKS_MAX = 100;
/** How much of a prediction is what all others did, so that one that was wrong is not hopeless. */
const ALL_SHARE = 0.05;

/** What the runs of each task did together. */
interface Table {
  tasks: readonly string[];
  names: number;
  /** By task, and in it by name. */
  weights: Float64Array;
  /** By task, of all names. */
  masses: Float64Array;
}

/**
 * A task whose likeness is 1 weighs e to the power of this more than one that has nothing in common
 * with the present one.
 *
 * @param runs the most similar first
 */
export function taskSharpness(runs: readonly RunVotes[], kernel: TaskKernel): number {
  const table = tableOf(runs);
  const count = Math.min(FORETOLD_MAX, table.tasks.length);
  if (count < FORETOLD_MIN || table.names < 2) return USUAL;

  const most = Math.max(...table.masses.subarray(0, count));
  const likelihoods = new Float64Array(CHOICES);
  let [sum, squares] = [0, 0];
  for (let task = 0; task < count; task++) {
    const share = (table.masses[task] ?? 0) / most;
    if (!(share > 0)) continue;
    sum += share;
    squares += share * share;
    const similarities = kernel.similaritiesTo(table.tasks[task] ?? "", table.tasks);
    const own = likelihoodsOf(task, table, similarities);
    for (let choice = 0; choice < CHOICES; choice++)
      likelihoods[choice] = (likelihoods[choice] ?? 0) + share * (own[choice] ?? 0);
  }
  if (sum === 0) return USUAL;
  // As many tasks as would say as much if all stood equally near to where the present run is.
  const effective = (sum * sum) / squares;
  return bestOf(likelihoods.map((likelihood) => (effective * likelihood) / sum));
}

function tableOf(runs: readonly RunVotes[]): Table {
  const [tasks, names] = [new Map<string, number>(), new Map<string, number>()];
  for (const { task, weights } of runs) {
    if (!tasks.has(task)) {
      if (tasks.size === TASKS_MAX) continue;
      tasks.set(task, tasks.size);
    }
    for (const name of weights.keys()) if (!names.has(name)) names.set(name, names.size);
  }
  const weights = new Float64Array(tasks.size * names.size);
  const masses = new Float64Array(tasks.size);
  for (const run of runs) {
    const task = tasks.get(run.task);
    if (task === undefined) continue;
    for (const [name, weight] of run.weights) {
      const at = task * names.size + (names.get(name) ?? 0);
      weights[at] = (weights[at] ?? 0) + weight;
      masses[task] = (masses[task] ?? 0) + weight;
    }
  }
  return { tasks: [...tasks.keys()], names: names.size, weights, masses };
}

/** Of each choice, and behind them if likeness told nothing: what all weigh, and those who did a thing. */
interface Votes {
  totals: Float64Array;
  /** By the things that were done, in their order. */
  votes: Float64Array;
}

/** The choices, and that likeness tells nothing. */
const WIDTH = CHOICES + 1;

/** What the other tasks foretell of one. @param did names, by their places */
function votesOfOthers(
  task: number,
  did: readonly number[],
  { tasks, names, weights, masses }: Table,
  similarities: Float64Array,
): Votes {
  const factors = new Float64Array(WIDTH);
  const totals = new Float64Array(WIDTH);
  const votes = new Float64Array(did.length * WIDTH);
  for (let other = 0; other < tasks.length; other++) {
    if (other === task) continue;
    let factor = Math.exp(similarities[other] ?? 0);
    const mass = masses[other] ?? 0;
    for (let choice = 0; choice < WIDTH; choice++) {
      factors[choice] = choice < CHOICES ? factor : 1;
      totals[choice] = (totals[choice] ?? 0) + (factors[choice] ?? 0) * mass;
      factor *= factor;
    }
    for (let n = 0; n < did.length; n++) {
      const weight = weights[other * names + (did[n] ?? 0)] ?? 0;
      if (weight === 0) continue;
      for (let choice = 0; choice < WIDTH; choice++) {
        const at = n * WIDTH + choice;
        votes[at] = (votes[at] ?? 0) + (factors[choice] ?? 0) * weight;
      }
    }
  }
  return { totals, votes };
}

/** How likely each choice makes what the runs of a task did, by those of the others. */
function likelihoodsOf(task: number, table: Table, similarities: Float64Array): Float64Array {
  const own = table.weights.subarray(task * table.names, (task + 1) * table.names);
  const did = Array.from(own.keys()).filter((name) => (own[name] ?? 0) > 0);
  const { totals, votes } = votesOfOthers(task, did, table, similarities);
  const likelihoods = new Float64Array(CHOICES);
  for (const [n, name] of did.entries()) {
    const share = (choice: number): number =>
      (votes[n * WIDTH + choice] ?? 0) / (totals[choice] ?? 1);
    const all = share(CHOICES);
    // What no other task leads to, no choice foretells.
    if (!(all > 0)) continue;
    const weight = (own[name] ?? 0) / (table.masses[task] ?? 1);
    for (let choice = 0; choice < CHOICES; choice++) {
      const foretold = (1 - ALL_SHARE) * share(choice) + ALL_SHARE * all;
      likelihoods[choice] = (likelihoods[choice] ?? 0) + weight * Math.log(foretold);
    }
  }
  return likelihoods;
}

function bestOf(likelihoods: Float64Array): number {
  let [best, most] = [USUAL, Number.NEGATIVE_INFINITY];
  for (const [choice, likelihood] of likelihoods.entries()) {
    const sharpness = 2 ** choice;
    const worth = likelihood - DOUBLED * Math.log2(sharpness / USUAL) ** 2;
    if (worth > most) [best, most] = [sharpness, worth];
  }
  return best;
}
