/**
 * Gives parsers inputs that are made of samples, the same for the same seed, and says which they did
 * not bear: by a crash, or by more time than their size explains. How long a byte takes is measured
 * on the samples, in the same run.
 *
 * @module
 */

import { INPUT_BYTES_MAX, mutated } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Finding, Target } from "./target.ts";

/** What any input may take, ms, beside what its size explains. */
const SLOW_MS = 50;
/** An input may take so many times as long for a byte as the slowest sample did. */
const SLACK = 4;
/** Samples smaller than this are counted as if they had it: what a call costs is no matter of size. */
const COUNTED_BYTES_MIN = 2_048;
/** How often what was slow is tried again: another program may have had the core. */
const TRIES = 4;
const SHOWN_MAX = 400;
const WARM_UPS = 5;

export interface FuzzPlan {
  targets: readonly Target[];
  /** Of all targets together. */
  inputs: number;
  /** Ends before, for each target when it has had its share of so many seconds; null: never. */
  seconds?: number | null;
  seed: number;
  /** This input of each target alone; null: all. */
  only?: number | null;
  /** Called before each input: a watchdog may want to know which one does not end. */
  begin?: (target: string, input: number) => void;
}

export interface FuzzResult {
  /** By target: inputs, the slowest of them in ms, and ms that were allowed for that one. */
  targets: { name: string; inputs: number; slowest_ms: number; allowed_ms: number }[];
  findings: Finding[];
}

/** Findings of a target after which it is given no more inputs. */
const FINDINGS_MAX = 20;

export async function fuzz(plan: FuzzPlan): Promise<FuzzResult> {
  const result: FuzzResult = { targets: [], findings: [] };
  const each = Math.ceil(plan.inputs / plan.targets.length);
  for (const target of plan.targets) {
    const trial = await Trial.of(target, plan);
    const share = (1_000 * (plan.seconds ?? Infinity)) / plan.targets.length;
    const until = performance.now() + share;
    const inputs = plan.only === null || plan.only === undefined ? range(each) : [plan.only];
    for (const input of inputs) {
      await trial.give(input);
      if (trial.findings.length >= FINDINGS_MAX || performance.now() > until) break;
    }
    result.targets.push({ name: target.name, ...trial.slowest, inputs: trial.inputs });
    result.findings.push(...trial.findings);
  }
  return result;
}

function* range(count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield i;
}

class Trial {
  readonly #target: Target;
  readonly #plan: FuzzPlan;
  readonly #samples: readonly unknown[];
  readonly #msPerByte: number;
  readonly #problems = new Set<string>();
  readonly findings: Finding[] = [];
  slowest = { slowest_ms: 0, allowed_ms: 0 };
  inputs = 0;

  private constructor(target: Target, plan: FuzzPlan, samples: readonly unknown[], rate: number) {
    this.#target = target;
    this.#plan = plan;
    this.#samples = samples;
    this.#msPerByte = rate;
  }

  /** Throws where a sample is a finding: nothing could be told of what is made of it. */
  static async of(target: Target, plan: FuzzPlan): Promise<Trial> {
    const samples = await target.samples();
    let rate = 0;
    for (const sample of samples) {
      let best = Infinity;
      for (let i = 0; i < WARM_UPS; i++) {
        const { ms, problem } = await timed(target, sample);
        if (problem !== null) throw new Error(`${target.name}: a sample fails: ${problem}`);
        best = Math.min(best, ms);
      }
      rate = Math.max(rate, best / Math.max(COUNTED_BYTES_MIN, sizeOf(sample)));
    }
    return new Trial(target, plan, samples, rate);
  }

  async give(input: number): Promise<void> {
    const { seed, begin } = this.#plan;
    const made = this.#made(Random.of(seed, input));
    begin?.(this.#target.name, input);
    this.inputs += 1;
    const { ms, problem } = await timed(this.#target, made);
    if (problem !== null) this.#report(input, made, problem);

    const allowed_ms = SLOW_MS + SLACK * this.#msPerByte * sizeOf(made);
    const best = ms > allowed_ms ? await this.#again(made, ms) : ms;
    if (best > this.slowest.slowest_ms) this.slowest = { slowest_ms: best, allowed_ms };
    if (best > allowed_ms) {
      const size = `${sizeOf(made)} bytes, ${allowed_ms.toFixed(0)} ms allowed`;
      this.#report(input, made, `took ${best.toFixed(0)} ms for ${size}`, "slow");
    }
  }

  #made(random: Random): unknown {
    const sample = random.of(this.#samples);
    return this.#target.mutate
      ? this.#target.mutate(random, sample, this.#samples)
      : mutated(random, sample, this.#samples);
  }

  async #again(made: unknown, first: number): Promise<number> {
    let best = first;
    for (let i = 0; i < TRIES; i++) best = Math.min(best, (await timed(this.#target, made)).ms);
    return best;
  }

  /** @param alike findings of the same text here are told once */
  #report(input: number, made: unknown, problem: string, alike = problem.slice(0, 200)): void {
    if (this.#problems.has(alike)) return;
    this.#problems.add(alike);
    const shown = shownOf(made).slice(0, SHOWN_MAX);
    this.findings.push({ target: this.#target.name, input, problem, shown });
  }
}

async function timed(
  target: Target,
  input: unknown,
): Promise<{ ms: number; problem: string | null }> {
  const before = cpuMs();
  let problem: string | null = null;
  try {
    problem = (await target.run(input)) ?? null;
  } catch (error) {
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  return { ms: cpuMs() - before, problem };
}

/** What this thread has used of a core: a clock would count what other programs take. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function sizeOf(input: unknown): number {
  if (input instanceof Uint8Array || typeof input === "string") return input.length;
  return Math.min(INPUT_BYTES_MAX, shownOf(input).length);
}

function shownOf(input: unknown): string {
  if (typeof input === "string") return JSON.stringify(input);
  if (input instanceof Uint8Array) return `base64 ${Buffer.from(input).toString("base64")}`;
  return (
    JSON.stringify(input, (_key, value: unknown) =>
      value instanceof Uint8Array ? `base64 ${Buffer.from(value).toString("base64")}` : value,
    ) ?? "undefined"
  );
}
