/**
 * A scenario as its runbook tells it: break, detect, mitigate, verify. With controls, so that it
 * cannot pass by itself: before the fault the detection must fail, and before the mitigation the
 * verification must fail.
 *
 * @module
 */

import { execute, type Result } from "./execute.ts";
import { FAULTS } from "./faults.ts";
import { Load } from "./load.ts";
import type { Block } from "./page.ts";
import type { Shell } from "./shell.ts";
import type { World } from "./world.ts";

/** Recovered is what is healthy so many times in a row. */
const HEALTHY_TIMES = 3;
/** Of what was lost, in the report. */
const LOST_SHOWN = 5;

type Role = NonNullable<Block["role"]>;

export interface Outcome {
  scenario: string;
  results: Result[];
  /** From the fault to the alert, or without an alert to the page's own detection, ms. */
  detect_ms: number;
  /** The page's commands until the service was healthy for the first of three times, ms. */
  recover_ms: number;
  /** What a person needs at the steps that say so, ms. */
  human_ms: number;
  acknowledged: number;
  /** What is wrong with the page or the service; empty: nothing. */
  failures: string[];
}

export interface Hooks {
  report: (result: Result, role: string) => void;
  /** Is called before the fault: nothing may be firing. Throws what is. */
  quiet?: () => Promise<void>;
  /** Waits until the alert of the scenario fires; throws when it does not. */
  alert?: () => Promise<void>;
  /** Asks what is wrong, before the fault and while it lasts. @returns what was answered wrongly */
  diagnose?: (isBroken: boolean) => Promise<string[]>;
}

export async function runScenario(
  name: string,
  blocks: readonly Block[],
  world: World,
  shell: Shell,
  hooks: Hooks,
): Promise<Outcome> {
  const drill = new Drill(blocks, shell, hooks);
  const fault = FAULTS[drill.fault];
  if (!fault)
    throw new Error(`there is no such fault; there are ${Object.keys(FAULTS).join(", ")}`);
  await world.startService();
  await world.calm();
  const load = await Load.begin(world);
  let times = { detect_ms: 0, recover_ms: 0 };
  let heal = async (): Promise<void> => undefined;
  try {
    times = await drill.run(async () => (heal = await fault(world, load)));
    await heal();
    heal = async () => undefined;
    await drill.all("after");
  } finally {
    // Also when the drill broke off: nothing may go on misbehaving.
    await heal();
    await load.end();
  }

  const lost = await load.lost();
  if (lost.length > 0) drill.fail(`lost of what was acknowledged: ${some(lost)} (${lost.length})`);
  const { results, failures, human_ms } = drill;
  return { scenario: name, results, ...times, human_ms, acknowledged: load.acknowledged, failures };
}

const some = (texts: readonly string[]): string => texts.slice(0, LOST_SHOWN).join(", ");

/** A scenario's blocks, run by their roles. */
class Drill {
  readonly results: Result[] = [];
  readonly failures: string[] = [];
  readonly #blocks: readonly Block[];
  readonly #shell: Shell;
  readonly #hooks: Hooks;

  constructor(blocks: readonly Block[], shell: Shell, hooks: Hooks) {
    this.#blocks = blocks;
    this.#shell = shell;
    this.#hooks = hooks;
  }

  /** The name of what is broken. */
  get fault(): string {
    return this.#of("detect").find((block) => block.fault !== null)?.fault ?? "";
  }

  /** What a person needs, ms: each block once, although the verification is repeated. */
  get human_ms(): number {
    const counted = this.results.filter(({ block }) => block.role !== "after");
    const blocks = new Set(counted.map(({ block }) => block));
    return [...blocks].reduce((sum, { human_ms }) => sum + human_ms, 0);
  }

  fail(failure: string): void {
    this.failures.push(failure);
  }

  /** From the control before the fault to the third verification. @param breakIt injects it */
  async run(breakIt: () => Promise<unknown>): Promise<{ detect_ms: number; recover_ms: number }> {
    const { alert, quiet } = this.#hooks;
    await this.#control("detect", "before the fault");
    await this.#diagnose(false);
    await quiet?.();
    const broken = performance.now();
    await breakIt();
    await alert?.();
    let detect_ms = performance.now() - broken;
    const isDetected = await this.all("detect");
    if (!alert) detect_ms = performance.now() - broken;

    await this.#diagnose(true);
    await this.#control("verify", "without the mitigation");
    const begun = performance.now();
    if (!isDetected || !(await this.all("mitigate")) || !(await this.all("verify")))
      return { detect_ms, recover_ms: 0 };
    const recover_ms = performance.now() - begun;
    for (let i = 2; i <= HEALTHY_TIMES; i++)
      await this.all("verify", `verify, ${i} of ${HEALTHY_TIMES}`);
    return { detect_ms, recover_ms };
  }

  async #diagnose(isBroken: boolean): Promise<void> {
    for (const wrong of (await this.#hooks.diagnose?.(isBroken)) ?? []) this.fail(wrong);
  }

  /** Runs the blocks of a role, to the first that fails. @returns whether none did */
  async all(role: Role, label: string = role): Promise<boolean> {
    for (const block of this.#of(role)) {
      const result = await execute(this.#shell, block);
      this.results.push(result);
      this.#hooks.report(result, label);
      if (result.ok) continue;
      this.fail(`${block.id} (line ${block.line}): ${result.why}`);
      return false;
    }
    return true;
  }

  /** The blocks of a role must not all end as they should. */
  async #control(role: Role, when: string): Promise<void> {
    for (const block of this.#of(role)) if (!(await execute(this.#shell, block, 0)).ok) return;
    this.fail(`control: ${role} succeeds ${when}, so it shows nothing`);
  }

  #of(role: Role): Block[] {
    return this.#blocks.filter((block) => block.role === role);
  }
}
