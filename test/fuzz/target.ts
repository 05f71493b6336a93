/**
 * What is fuzzed: a parser with samples of what it reads.
 *
 * @module
 */

import type { Random } from "./random.ts";

/** A parser. What it throws is a finding: it must refuse in its own way. */
export interface Target<T = unknown> {
  name: string;
  /** What it reads and takes; inputs are made of these. */
  samples(): readonly T[] | Promise<readonly T[]>;
  /** Another way to change a sample than `mutated`. */
  mutate?(random: Random, sample: T, samples: readonly T[]): T;
  /** Reads it. Throws, or answers with a text that says what is wrong, for a finding. */
  run(input: T): string | void | Promise<string | void>;
}

/** An input that a parser did not bear. */
export interface Finding {
  target: string;
  /** Which input of the run: `--target NAME --seed S --only INPUT` makes it again. */
  input: number;
  problem: string;
  /** The beginning of the input. */
  shown: string;
}
