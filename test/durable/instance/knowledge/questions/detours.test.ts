import { describe, expect, it } from "vitest";
import type { Step, StepResult } from "../../../../../src/contract/episodes/record.ts";
import { recallBody } from "../../../../../src/contract/recall/requests.ts";
import { recallInWords } from "../../../../../src/memory/words/index.ts";
import { stepOf } from "../../../../support/episodes.ts";
import {
  digestOfSteps,
  failure,
  NOW,
  openKnowledge,
  success,
} from "../../../../support/knowledge.ts";

const TASK = "Load the sales of orders.csv into a table";
const ok: StepResult = { type: "success", output: "done" };
const undecodable: StepResult = {
  type: "error",
  message: "UnicodeDecodeError: invalid start byte",
};
const oneColumn: StepResult = { type: "error", message: "ParserError: expected 1 field, saw 3" };

type Ran = readonly [tool: string, result: StepResult, parameters?: Record<string, string>];

const path = (ran: readonly Ran[]): Step[] =>
  ran.map(([tool, result, parameters = {}], i) => ({
    ...stepOf(i + 1, tool, result),
    parameters,
  }));

/** What an agent does that tries what comes to mind first, and finds the way each time. */
const found: readonly Ran[] = [
  ["read_utf8", undecodable, { path: "orders.csv" }],
  ["read_latin1", ok, { path: "orders.csv" }],
  ["load_table", oneColumn, { sep: "," }],
  ["load_table", ok, { sep: ";" }],
];
/** One that knows the way. */
const knew: readonly Ran[] = found.filter(([, result]) => result === ok);

function memoryOf(...runs: readonly (readonly Ran[])[]) {
  const { knowledge, learn } = openKnowledge();
  for (const [i, ran] of runs.entries())
    learn(digestOfSteps(`run-${i}`, `${TASK} for quarter ${i}`, success, path(ran)));
  const recall = () => knowledge.questions.recall("n", recallBody.parse({ task: TASK }), NOW);
  const advise = (next_tool: string | null, ...taken: readonly Ran[]) =>
    knowledge.questions.advise(
      "n",
      {
        task: TASK,
        context: {},
        recent_steps: taken.map(([tool, result, parameters]) => ({
          tool,
          result: result.type,
          ...(parameters && { parameters }),
        })),
        next_tool,
        error: null,
      },
      NOW,
    );
  return { recall, advise };
}

const memories = [
  ["five runs that tried it", Array.from({ length: 5 }, () => found)],
  ["two runs that tried it", [found, found]],
  ["runs that tried it, and later ones that did not", [found, found, found, knew, knew, knew]],
] as const;

describe.each(memories)("what never worked, after %s", (_, runs) => {
  const tried = runs.filter((ran) => ran === found).length;

  it("is not done next, nor in the playbook, and is warned of in words", async () => {
    const answer = await memoryOf(...runs).recall();
    expect(answer.next_tools[0]?.tool).toBe("read_latin1");
    expect(answer.next_tools[0]?.probability).toBeGreaterThan(0.5);
    expect(answer.next_tools.map(({ tool }) => tool)).not.toContain("read_utf8");
    expect(answer.playbook?.steps.map(({ tool }) => tool)).toEqual(["read_latin1", "load_table"]);
    expect(answer.playbook?.detours).toMatchObject([
      { tool: "read_utf8", way_out: expect.stringContaining("read_latin1") },
    ]);
    expect(answer.playbook?.detours?.[0]?.episodes).toHaveLength(tried);
    const text = recallInWords(
      { ...answer, lessons: [] } as unknown as Parameters<typeof recallInWords>[0],
      { maxTokens: 1_200, evidence: false },
    );
    const [, avoided = ""] = text.split("## Avoid");
    expect(avoided).toContain(`read_utf8`);
    expect(avoided).toContain(`failed each time, in ${tried} runs`);
    expect(text.split("## Avoid")[0]).not.toContain("read_utf8");
  });

  it("is warned of before the call, with what worked then", async () => {
    const { advise } = memoryOf(...runs);
    const { proposed, avoid, next_tools } = await advise("read_utf8");
    expect(proposed?.verdict).toBe("avoid");
    expect(proposed?.why).toMatch(/^it failed in all \d+ similar runs that tried it; read_latin1/);
    expect(avoid.map(({ tool }) => tool)).toEqual(["read_utf8"]);
    expect(next_tools[0]?.tool).toBe("read_latin1");
  });

  it("leaves what comes after it as it is, with the value that worked", async () => {
    const { advise } = memoryOf(...runs);
    for (const taken of [found.slice(0, 2), knew.slice(0, 1)]) {
      const { next_actions, next_tools } = await advise(null, ...taken);
      expect(next_tools[0]?.tool).toBe("load_table");
      const [next] = next_actions ?? [];
      expect(next?.parameters).toMatchObject([{ name: "sep", value: ";" }]);
    }
    const after = await advise(null, ...found.slice(0, 1));
    expect(after.next_tools[0]?.tool).toBe("read_latin1");
  });
});

it("what worked once is no detour, however often it failed", async () => {
  const worked: readonly Ran[] = [
    ["read_utf8", ok],
    ["load_table", ok, { sep: ";" }],
  ];
  const often = Array.from({ length: 30 }, () => found);
  const never = await memoryOf(...often).advise("read_utf8");
  expect(never.proposed).toMatchObject({
    verdict: "avoid",
    why: expect.stringContaining("in all 30 similar runs"),
  });
  const once = await memoryOf(...often, worked).advise("read_utf8");
  expect(once.avoid).toEqual([]);
  expect(once.next_tools[0]?.tool).toBe("read_utf8");
});

it("what works at times is no detour", async () => {
  const worked: readonly Ran[] = [
    ["read_utf8", ok],
    ["load_table", ok, { sep: ";" }],
  ];
  const { advise, recall } = memoryOf(found, found, found, worked, worked);
  expect((await advise("read_utf8")).proposed?.verdict).not.toBe("avoid");
  expect((await recall()).next_tools.map(({ tool }) => tool)).toContain("read_utf8");
});

it("what fails before the same tool works is no detour: a test is run to see it fail", async () => {
  const mended: readonly Ran[] = [
    ["run_tests", oneColumn],
    ["edit", ok],
    ["run_tests", ok],
  ];
  const { recall, advise } = memoryOf(mended, mended, mended);
  expect((await recall()).playbook?.steps.map(({ tool }) => tool)).toEqual([
    "run_tests",
    "edit",
    "run_tests",
  ]);
  expect((await advise("run_tests")).proposed?.verdict).toBe("usual");
});

describe("the line about what failed in all similar runs", () => {
  const outOfSync: StepResult = { type: "error", message: "replica is not in sync" };
  const fetched: Ran = ["fetch_schema", ok];
  const refused: Ran = ["run_migration", outOfSync];
  /** How an agent that migrates tables fares with a tool, and with what it took before. */
  const migrating = (runs: readonly (readonly Ran[])[]) => {
    const { knowledge, learn } = openKnowledge();
    for (const [i, ran] of runs.entries())
      learn(digestOfSteps(`run-${i}`, `Migrate table t${i}`, failure, path(ran)));
    return (next_tool: string, ...taken: readonly Ran[]) =>
      knowledge.questions.advise(
        "n",
        {
          task: "Migrate table t9",
          context: {},
          recent_steps: taken.map(([tool, { type }]) => ({ tool, result: type })),
          next_tool,
          error: null,
        },
        NOW,
      );
  };

  it("does not warn of the work itself, where nothing that was done about it helped", async () => {
    const advise = migrating([
      [fetched, refused],
      [fetched, refused, ["vacuum", ok], refused],
    ]);
    for (const taken of [[], [fetched], [fetched, refused]] as const) {
      const { line, avoid, next_tools } = await advise("run_migration", ...taken);
      expect({ line, avoid }).toEqual({ line: null, avoid: [] });
      expect(next_tools.length).toBeGreaterThan(0);
    }
  });

  it("nor where runs gave up after it, whatever worked then", async () => {
    const gaveUp = [fetched, refused, ["vacuum", ok]] as const;
    const { line, avoid } = await migrating([gaveUp, gaveUp])("run_migration", fetched);
    expect({ line, avoid }).toEqual({ line: null, avoid: [] });
  });

  it("says what worked then, and what others went on with where there are others", async () => {
    const warning =
      /^`read_utf8`: it failed in all 2 similar runs that tried it; `read_latin1.*` worked then/;
    const alone = await memoryOf(found, found).advise("read_utf8");
    expect(alone.line).toMatch(warning);
    expect(alone.line).not.toContain("Others");
    const among = await memoryOf(found, found, knew).advise("read_utf8");
    expect(among.line).toMatch(warning);
    expect(among.line).toContain(" Others went on with `read_latin1`.");
  });

  it("is silent once the present run took it with success", async () => {
    const { advise } = memoryOf(found, found, found);
    const { line, avoid, proposed } = await advise("read_utf8", ["read_utf8", ok]);
    expect({ line, avoid }).toEqual({ line: null, avoid: [] });
    expect(proposed?.verdict).not.toBe("avoid");
  });
});
