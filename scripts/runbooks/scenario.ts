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
}

export async function runScenario(
  name: string,
  blocks: readonly Block[],
  world: World,
  shell: Shell,
  hooks: Hooks,
): Promise<Outcome> {
  const failures: string[] = [];
  const results: Result[] = [];
  const of = (role: Block["role"]): Block[] => blocks.filter((block) => block.role === role);
  /** @returns whether all of them ended as they should */
  const all = async (role: Block["role"], label: string = role ?? ""): Promise<boolean> => {
    for (const block of of(role)) {
      const result = await execute(shell, block);
      results.push(result);
      hooks.report(result, label);
      if (result.ok) continue;
      failures.push(`${block.id} (line ${block.line}): ${result.why}`);
      return false;
    }
    return true;
  };
  /** A control: the blocks of a role must not all end as they should. */
  const control = async (role: Block["role"], when: string): Promise<void> => {
    for (const block of of(role)) if (!(await execute(shell, block, 0)).ok) return;
    failures.push(`control: ${role} succeeds ${when}, so it shows nothing`);
  };

  const fault = FAULTS[of("detect").find((block) => block.fault !== null)?.fault ?? ""];
  if (!fault) throw new Error(`there is no such fault; known: ${Object.keys(FAULTS).join(", ")}`);
  await world.startService();
  await world.calm();
  const load = await Load.begin(world);
  let [detect_ms, recover_ms] = [0, 0];
  let heal = async (): Promise<void> => undefined;
  try {
    await control("detect", "before the fault");
    await hooks.quiet?.();
    const broken = performance.now();
    heal = await fault(world, load);
    await hooks.alert?.();
    if (hooks.alert) detect_ms = performance.now() - broken;
    const detected = await all("detect");
    if (!hooks.alert) detect_ms = performance.now() - broken;
    await control("verify", "without the mitigation");
    const begun = performance.now();
    if (detected && (await all("mitigate")) && (await all("verify"))) {
      recover_ms = performance.now() - begun;
      for (let i = 1; i < HEALTHY_TIMES; i++)
        await all("verify", `verify, ${i + 1} of ${HEALTHY_TIMES}`);
    }
    await heal();
    heal = async () => undefined;
    await all("after");
  } finally {
    // Also when the drill broke off: nothing may go on misbehaving.
    await heal();
    await load.end();
  }
  const lost = await load.lost();
  if (lost.length > 0)
    failures.push(`lost of what was acknowledged: ${lost.slice(0, 5).join(", ")} (${lost.length})`);
  const human_ms = results.reduce(
    (sum, { block }) => sum + (block.role === "after" ? 0 : block.human_ms),
    0,
  );
  const repeated =
    (HEALTHY_TIMES - 1) * of("verify").reduce((sum, { human_ms: one }) => sum + one, 0);
  const acknowledged = load.acknowledged;
  return {
    scenario: name,
    results,
    detect_ms,
    recover_ms,
    human_ms: human_ms - repeated,
    acknowledged,
    failures,
  };
}
