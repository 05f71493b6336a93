import { describe, expect, it } from "vitest";
import type { Outcome, Step } from "../../../../src/contract/episodes/record.ts";
import type { AdviceView } from "../../../../src/contract/recall/answers.ts";
import { stepOf } from "../../../support/episodes.ts";
import { digestOfSteps, failure, NOW, openKnowledge, success } from "../../../support/knowledge.ts";

type Ran = readonly (readonly [tool: string, error?: string | undefined, command?: string])[];

const EXISTS = "EEXIST: file already exists, open lock";
const MISSING = "ENOTDIR: not a directory, open report";

function stepsOf(ran: Ran): Step[] {
  return ran.map(([tool, error, command], i) => ({
    ...stepOf(
      i + 1,
      tool,
      error === undefined ? { type: "success", output: "ok" } : { type: "error", message: error },
    ),
    ...(command === undefined ? {} : { parameters: { command } }),
  }));
}

/** Three runs that met a lock, and dropped it. */
function learned() {
  const { knowledge, learn } = openKnowledge();
  const ended = (id: string, outcome: Outcome, ran: Ran) =>
    digestOfSteps(id, `stock report of ${id}`, outcome, stepsOf(ran));
  for (const id of ["a", "b", "c"])
    learn(ended(id, success, [["take_lock", EXISTS], ["drop_lock"], ["take_lock"], ["write"]]));
  const ask = (): Promise<AdviceView> =>
    knowledge.questions.advise(
      "n",
      {
        task: "stock report of d",
        context: {},
        recent_steps: [{ tool: "take_lock", result: "error", message: EXISTS }],
        next_tool: null,
        error: null,
      },
      NOW,
    );
  /** A run that was told so, and how it went. */
  const advised = async (id: string, outcome: Outcome, ran: Ran): Promise<void> => {
    const { recall_id } = await ask();
    const digest = ended(id, outcome, ran);
    knowledge.learn({ digest, recall_id }, NOW);
  };
  return { ask, advised };
}

describe("what a run was told is judged by its outcome", () => {
  it("only where it followed: the failure of one that met another error counts against nothing", async () => {
    const { ask, advised } = learned();
    const { recoveries: before, line } = await ask();
    expect(line).toBe("After this error `drop_lock` led on in 3 of 3.");
    await advised("d", failure, [["render"], ["take_lock", MISSING]]);
    const { recoveries: after, line: again } = await ask();
    expect(again).toBe(line);
    expect(after[0]?.support).toEqual(before[0]?.support);
  });

  it("of one that went the way it counts for it", async () => {
    const { ask, advised } = learned();
    const [before] = (await ask()).recoveries;
    await advised("d", success, [["take_lock", EXISTS], ["drop_lock"], ["take_lock"]]);
    const [after] = (await ask()).recoveries;
    // Its own evidence, and the judgement.
    expect(after?.support.success).toBeCloseTo((before?.support.success ?? 0) + 2, 1);
    expect(after?.support.failure).toBe(before?.support.failure);
  });
});

describe("the line about a way out", () => {
  const refused = "Error: connect ECONNREFUSED 127.0.0.1:5432";

  /** What is said after runs that mended it by these commands, one each. */
  async function lineAfter(mends: readonly string[]): Promise<string | null> {
    const { knowledge, learn } = openKnowledge();
    for (const [i, mend] of mends.entries()) {
      const ran: Ran = [
        ["Bash", refused, "npm test -w billing"],
        ["Bash", undefined, mend],
        ["Bash", undefined, "npm test -w billing"],
      ];
      learn(digestOfSteps(`r${i}`, `mend the billing of part ${i}`, success, stepsOf(ran)));
    }
    const message = refused.replace("5432", "6432");
    const parameters = { command: "npm test -w orders" };
    const { line } = await knowledge.questions.advise(
      "n",
      {
        task: "mend the orders of part 9",
        context: {},
        recent_steps: [{ tool: "Bash", result: "error", message, parameters }],
        next_tool: null,
        error: null,
        only_line: true,
      },
      NOW,
    );
    return line ?? null;
  }

  it("says what was done as it was, where it was the same each time, and of what failed its name", async () => {
    expect(await lineAfter(["docker compose up -d db", "docker compose up -d db"])).toBe(
      "After this error `Bash: docker compose up -d db`, then `Bash: npm test` led on in 2 of 2.",
    );
  });

  it("names it where it differed, or is long, or of several lines", async () => {
    const named =
      "After this error `Bash: docker compose up`, then `Bash: npm test` led on in 2 of 2.";
    expect(await lineAfter(["docker compose up -d db", "docker compose up -d postgres"])).toBe(
      named,
    );
    const long = `docker compose up -d ${"database-".repeat(12)}`;
    expect(await lineAfter([long, long])).toBe(named);
    const lines = "docker compose up \\\n  -d db";
    expect(await lineAfter([lines, lines])).toBe(named);
  });
});
