/**
 * Times that mean the same on a slow and on a busy machine: each is measured beside a piece of
 * work whose cost is known, and counts as much less as that took longer.
 *
 * @module
 */

/** What the known work takes where nothing else runs, ms: two cores of 2 to 3 GHz. */
const KNOWN_MS = 10;
const TRIES = 6;

/** Milliseconds of some clock: those that passed, or those that the process computed. */
export type Clock = () => number;
const wall: Clock = () => performance.now();
/** Other threads of the process count as well. */
export const cpu: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Scans text, makes objects and throws them away, as what is timed does. */
function knownWork(): number {
  let found = 0;
  for (let i = 0; i < 100; i++) {
    const text = `${"word and number 17, ".repeat(100)}${i}`;
    const counts = new Map<string, number>();
    for (const word of text.match(/\w+/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
    found += JSON.stringify([...counts]).length;
  }
  return found;
}

async function timed(work: () => unknown, clock: Clock): Promise<number> {
  const begun = clock();
  await work();
  return clock() - begun;
}

/**
 * What the work takes, ms: the least of several tries, as if nothing else used the machine.
 *
 * @param enough ms; once it took no longer, it is not tried again
 */
export async function leastMs(
  work: () => unknown,
  enough: number,
  clock: Clock = wall,
): Promise<number> {
  let least = await timed(work, clock);
  for (let tries = 1; tries < TRIES && least > enough; tries++) {
    const before = await timed(knownWork, clock);
    const took = await timed(work, clock);
    const known = Math.min(before, await timed(knownWork, clock));
    least = Math.min(least, took / Math.max(1, known / KNOWN_MS));
  }
  return least;
}

/**
 * How many times as long as the other the work takes: of the least times of several tries, one
 * after the other.
 *
 * @param enough once it is no more, neither is tried again
 */
export async function leastRatio(
  work: () => unknown,
  other: () => unknown,
  enough: number,
): Promise<number> {
  let [one, two] = [Infinity, Infinity];
  for (let tries = 0; tries < 5 * TRIES && !(one / two <= enough); tries++) {
    two = Math.min(two, await timed(other, wall));
    one = Math.min(one, await timed(work, wall));
  }
  return one / two;
}
