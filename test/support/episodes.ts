/**
 * Episodes for tests: arbitrary ones, and ones written out.
 *
 * @module
 */

import fc from "fast-check";
import type { Episode, Outcome, Step, StepResult } from "../../src/contract/episodes/record.ts";

const tools = fc.constantFrom("find", "read", "write", "ask", "send");
const results = fc.constantFrom<StepResult | null>(
  null,
  { type: "success", output: "ok" },
  { type: "error", message: "order 17 not found" },
  { type: "timeout" },
);
export const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant<Outcome>({ type: "success", verdict: "v", artifacts: [] }),
  fc.constant<Outcome>({ type: "failure", reason: "r", details: null }),
  fc.constant<Outcome>({ type: "abstained", reason: "r", signals: [] }),
  fc.record({
    type: fc.constant("partial_success" as const),
    verdict: fc.constant("v"),
    completed: fc.array(fc.constant("x"), { maxLength: 5 }),
    failed: fc.array(fc.constant("y"), { maxLength: 5 }),
  }),
);

export const stepLists: fc.Arbitrary<Step[]> = fc
  .array(fc.record({ tool: tools, result: results, latency: fc.option(fc.nat(5_000)) }), {
    maxLength: 12,
  })
  .map((list) => list.map(({ tool, result, latency }, i) => stepOf(i + 1, tool, result, latency)));

export function stepOf(
  number: number,
  tool: string,
  result: StepResult | null = { type: "success", output: "" },
  latency_ms: number | null = null,
): Step {
  return {
    number,
    at: "2026-01-01T00:00:00.000Z",
    tool,
    action: "",
    parameters: { number },
    result,
    latency_ms,
    tokens: null,
    metadata: {},
  };
}

export function episodeOf(
  id: string,
  outcome: Outcome | null,
  more: Partial<Episode> = {},
): Episode {
  const at = "2026-01-01T00:00:00.000Z";
  return {
    id,
    namespace: "n",
    task: `task of ${id}`,
    task_type: "other",
    context: { domain: "d", language: null, framework: null, complexity: "simple", tags: [] },
    status: outcome ? "completed" : "abandoned",
    started_at: at,
    ended_at: at,
    updated_at: at,
    outcome,
    reward: null,
    reflection: null,
    pattern_ids: [],
    tags: [],
    checkpoints: [],
    metadata: {},
    step_count: 0,
    version: 1,
    ...more,
  };
}

/**
 * A line of an import: an episode that repairs a crane with many tools, different for each seed, so
 * that it teaches much.
 *
 * @param outputBytes of each step
 */
export function largeEpisode(
  seed: number,
  steps: number,
  outputBytes: number,
): Record<string, unknown> {
  let state = seed * 2_654_435_761 + 1;
  const draw = (below: number): number => {
    // A linear congruential generator (Numerical Recipes): the same numbers on every machine.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
  return {
    type: "episode",
    task: `repair the harbour crane number ${seed} before the tide`,
    context: { domain: "harbour", language: "typescript" },
    outcome:
      seed % 4 === 0 ? { type: "failure", reason: "the crane is stuck" } : { type: "success" },
    steps: Array.from({ length: steps }, (_, i) => {
      const failed = draw(9) === 0;
      const text = `step ${i} of ${seed} `.padEnd(outputBytes, "wire ");
      return {
        tool: `tool_${draw(18)}`,
        action: `look at part ${draw(40)} of the crane`,
        result: failed
          ? { type: "error", message: `part ${draw(30)} is missing` }
          : { type: "success", output: text },
      };
    }),
  };
}
