/**
 * `npm run bench:flip`: after how many failures advice turns away from what used to work, for three
 * settings of the change detection, beside what the decayed evidence alone would take; and how often
 * it turns by mistake. Simulated, without the service.
 *
 * @module
 */

import { assessPattern } from "../../src/memory/learning/index.ts";
import {
  CHANGE,
  changeIn,
  type ChangeSettings,
  type Uses,
} from "../../src/memory/learning/evidence/change.ts";
import type { Bucket } from "../../src/memory/learning/types.ts";
import { printTable } from "./report.ts";

const SETTINGS: readonly (readonly [string, ChangeSettings])[] = [
  ["cautious", { ...CHANGE, bound: 6 }],
  ["default", CHANGE],
  ["eager", { ...CHANGE, bound: 2.9 }],
];
/** Uses before the change, and failures that are waited for. */
const WORKED = 50;
const FAILURES_MAX = 200;
/** Simulations of each rate, and uses in each. */
const SIMULATIONS = 400;
const DAY_MS = 86_400_000;

/** The constants are those of W. H. Press et al., "Numerical Recipes". */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
}

/** Fifty uses of which this share worked, in an order by chance. */
function history(rate: number, random: Random): Uses[] {
  return Array.from({ length: WORKED }, () => {
    const hasWorked = random.next() < rate;
    return { success: hasWorked ? 1 : 0, failure: hasWorked ? 0 : 1 };
  });
}

const FAILED: Uses = { success: 0, failure: 1 };

/** Failures until it turns, one after another; null: not within the bound. */
function failuresNeeded(uses: readonly Uses[], settings: ChangeSettings): number | null {
  const all = [...uses];
  for (let failures = 1; failures <= FAILURES_MAX; failures++) {
    all.push(FAILED);
    if (changeIn(all, settings).hasChanged) return failures;
  }
  return null;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.POSITIVE_INFINITY;
}

/** Failures, one a day, until the decayed evidence without change detection warns. */
function withoutDetection(rate: number): number {
  const bucket = (day: number, success: number, failure: number): Bucket => {
    const more = { reward: 0, episodes: success + failure, occurrences: 1, latency_ms: 0 };
    return { domain: "d", day, success: 1000 * success, failure: 1000 * failure, ...more };
  };
  for (let failures = 1; failures <= FAILURES_MAX; failures++) {
    // All in one bucket of successes, so that no change is seen in it.
    const buckets = [bucket(0, WORKED * rate, WORKED * (1 - rate) + failures)];
    const base = { rate: () => (WORKED * rate) / (WORKED + failures) };
    if (assessPattern({ buckets, feedback: [] }, base, DAY_MS).polarity === "avoid")
      return failures;
  }
  return Number.POSITIVE_INFINITY;
}

const rows = [1, 0.95, 0.9, 0.8, 0.7, 0.6].map((rate): (string | number)[] => {
  const cells = SETTINGS.map(([, settings]): string => {
    const random = new Random(1 + Math.round(1000 * rate));
    const needed: number[] = [];
    let mistaken = 0;
    for (let i = 0; i < SIMULATIONS; i++) {
      const uses = history(rate, random);
      if (changeIn(uses, settings).hasChanged) mistaken += 1;
      else needed.push(failuresNeeded(uses, settings) ?? FAILURES_MAX);
    }
    const most = needed.reduce((max, value) => Math.max(max, value), 0);
    return `${median(needed)} (at most ${most}); ${((100 * mistaken) / SIMULATIONS).toFixed(1)} %`;
  });
  const alone = withoutDetection(rate);
  return [`${100 * rate} %`, ...cells, Number.isFinite(alone) ? String(alone) : "never"];
});
printTable(
  "flip",
  `Failures in a row until advice turns, after ${WORKED} uses; and how often it had turned by mistake`,
  ["it worked", ...SETTINGS.map(([name]) => name), "decayed evidence alone"],
  rows,
);

const strays = SETTINGS.map(([, settings]): string => {
  let turned = 0;
  for (let first = 0; first <= WORKED; first++) {
    for (let second = first; second <= WORKED; second++) {
      const uses = Array.from({ length: WORKED }, (): Uses => ({ success: 1, failure: 0 }));
      uses.splice(first, 0, FAILED);
      uses.splice(second, 0, FAILED);
      if (changeIn(uses, settings).hasChanged) turned += 1;
    }
  }
  return String(turned);
});
const back = SETTINGS.map(([, settings]): string => {
  const uses = [...history(1, new Random(1)), ...Array.from({ length: 30 }, () => FAILED)];
  let successes = 0;
  for (; changeIn(uses, settings).hasChanged && successes < FAILURES_MAX; successes++)
    uses.push({ success: 1, failure: 0 });
  return String(successes);
});
printTable(
  "flip-back",
  "Two stray failures, and back again",
  ["", ...SETTINGS.map(([name]) => name)],
  [
    ["turned by two stray failures, of all 1,326 places", ...strays],
    ["successes until it turns back, after 30 failures", ...back],
  ],
);
