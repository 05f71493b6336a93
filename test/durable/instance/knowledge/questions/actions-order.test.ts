import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Step, StepResult } from "../../../../../src/contract/episodes/record.ts";
import type { Digest } from "../../../../../src/memory/learning/types.ts";
import { stepOf } from "../../../../support/episodes.ts";
import {
  digestOfSteps,
  everythingLearned,
  failure,
  NOW,
  openKnowledge,
  success,
} from "../../../../support/knowledge.ts";

const results: StepResult[] = [
  { type: "success", output: '{"state": "open", "ids": ["#W1700", "#W1701"]}' },
  { type: "success", output: "all 12 passed" },
  { type: "error", message: "Exit code 1\nError: connect ECONNREFUSED 127.0.0.1:5432" },
  { type: "timeout" },
];
const calls = [
  ["Bash", { command: "npm test" }],
  ["Bash", { command: "docker compose up -d db" }],
  ["Edit", { file_path: "src/cart.test.ts" }],
  ["ask", { query: "SELECT a FROM orders" }],
  ["cancel", { order_id: "#W1700", why: "no longer needed" }],
] as const;

const step = fc.tuple(fc.constantFrom(...calls), fc.constantFrom(...results));
const run = fc.tuple(fc.array(step, { maxLength: 12 }), fc.boolean());

function digestOf(
  n: number,
  ran: readonly (readonly [(typeof calls)[number], StepResult])[],
  isGood: boolean,
): Digest {
  const steps = ran.map(([[tool, parameters], result], i): Step => ({
    ...stepOf(i + 1, tool, result),
    parameters,
  }));
  return digestOfSteps(
    `e${n}`,
    `mend order #W1700 of cart ${n % 3}`,
    isGood ? success : failure,
    steps,
  );
}

describe("what is learned of actions", () => {
  it("is the same in any order, and goes without a trace", async () => {
    const runs = fc.array(run, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(runs, fc.infiniteStream(fc.nat()), async (ran, random) => {
        const digests = ran.map(([steps, isGood], n) => digestOf(n, steps, isGood));
        const shuffled = digests
          .map((digest) => ({ digest, place: random.next().value as number }))
          .sort((a, b) => a.place - b.place);
        const [one, other] = [openKnowledge(), openKnowledge()];
        for (const digest of digests) one.learn(digest);
        for (const { digest } of shuffled) other.learn(digest);
        expect(everythingLearned(other, "n")).toEqual(everythingLearned(one, "n"));

        const input = {
          task: "mend order #W1700",
          context: {},
          recent_steps: [
            { tool: "Bash", result: "error" as const, message: "connect ECONNREFUSED 1" },
          ],
          next_tool: "cancel",
          error: null,
        };
        const [first, second] = [
          await one.knowledge.questions.advise("n", input, NOW),
          await other.knowledge.questions.advise("n", input, NOW),
        ];
        expect(second.next_actions).toEqual(first.next_actions);
        expect(second.recoveries).toEqual(first.recoveries);

        for (const { episode_id } of digests) other.forget("n", episode_id);
        const empty = openKnowledge();
        empty.learn(digestOf(9, [], true));
        empty.forget("n", "e9");
        expect(everythingLearned(other, "n")).toEqual(everythingLearned(empty, "n"));
      }),
      { numRuns: 20 },
    );
  });
});
