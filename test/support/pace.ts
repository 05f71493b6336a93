/**
 * Times that mean the same on a slow and on a busy machine: each is measured beside a piece of
 * work whose cost is known, and counts as much less as that took longer.
 *
 * @module
 */

/** What the known work takes where nothing else runs, ms, once it is compiled. */
const KNOWN_MS = 3.5;
/** Before it is measured, so that it is compiled; and how often it is then. */
const WARM_UPS = 10;
const KNOWN_TRIES = 3;
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

/** How many times slower the machine is now; 1: as where nothing else runs, or faster. */
async function slowness(clock: Clock): Promise<number> {
  let least = Infinity;
  for (let tries = 0; tries < KNOWN_TRIES; tries++)
    least = Math.min(least, await timed(knownWork, clock));
  return Math.max(1, least / KNOWN_MS);
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
    if (tries === 1) for (let i = 0; i < WARM_UPS; i++) knownWork();
    // Only as slow as it was before and after the work is it taken to have been.
    const before = await slowness(clock);
    const took = await timed(work, clock);
    least = Math.min(least, took / Math.min(before, await slowness(clock)));
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
