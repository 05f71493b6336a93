import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Step, StepResult } from "../../../../src/contract/episodes/record.ts";
import { makePlaybook } from "../../../../src/memory/learning/index.ts";
import { playbookInWords } from "../../../../src/memory/words/index.ts";
import { stepOf } from "../../../support/episodes.ts";
import { digestOfSteps, NOW, success } from "../../../support/knowledge.ts";

type Ran = readonly [command: string, result: StepResult];

const ok: StepResult = { type: "success", output: "done" };
const refused: StepResult = { type: "error", message: "Error: connect ECONNREFUSED" };
const denied: StepResult = { type: "error", message: "EACCES: permission denied" };
const notMine: StepResult = { type: "error", message: "chmod: Operation not permitted" };

/** What may have to be done before a test passes: two errors, each with its own way out, or nothing. */
const RUNS = {
  database: [
    ["npm test", refused],
    ["docker compose up -d db", ok],
    ["npm test", ok],
  ],
  /** The first attempt works as a command, and does not help. */
  rights: [
    ["npm test", denied],
    ["chmod +x run.sh", ok],
    ["npm test", denied],
    ["rm -rf dist", ok],
    ["npm test", ok],
  ],
  /** The same, and the first attempt fails itself. */
  rightsRefused: [
    ["npm test", denied],
    ["chmod +x run.sh", notMine],
    ["rm -rf dist", ok],
    ["npm test", ok],
  ],
  nothing: [["npm test", ok]],
} satisfies Record<string, readonly Ran[]>;
type Kind = keyof typeof RUNS;

const stepsOf = (ran: readonly Ran[]): Step[] =>
  ran.map(([command, result], i) => ({
    ...stepOf(i + 1, "Bash", result),
    parameters: { command },
  }));

type Recent = readonly { command: string; result: "success" | "error" }[];

const playbookOf = (runs: readonly (readonly Ran[])[], recent: Recent = []) =>
  playbookOfSteps(runs.map(stepsOf), recent);

function playbookOfSteps(runs: readonly (readonly Step[])[], recent: Recent = []) {
  const similar = runs.map((steps, i) => ({
    digest: digestOfSteps(`run-${i}`, `Make the tests pass, part ${i}`, success, steps),
    similarity: 0.9 - 0.01 * i,
  }));
  const taken = recent.map(({ command, result }) => ({
    tool: "Bash",
    result,
    parameters: { command },
  }));
  const playbook = makePlaybook({ task: "Make the tests pass", recent: taken }, similar, [], NOW);
  if (!playbook) throw new Error("there is a playbook");
  return playbook;
}

const of = (...kinds: readonly Kind[]) => playbookOf(kinds.map((kind) => RUNS[kind]));
const actionsOf = ({ steps }: ReturnType<typeof playbookOf>): string[] =>
  steps.map(({ action }) => action);
const waysOf = ({ steps }: ReturnType<typeof playbookOf>): string[] =>
  steps.flatMap(({ ways_out = [] }) =>
    ways_out.map(({ error, actions }) => `${error} ${actions.map((one) => one.action).join()}`),
  );

describe("a playbook of runs that met two errors", () => {
  it("does not put the ways out one behind the other: each stands with its error", () => {
    const playbook = of("database", "rights");
    expect(actionsOf(playbook)).toEqual(["Bash: npm test"]);
    expect(playbook.steps[0]?.ways_out).toMatchObject([
      {
        error: expect.stringContaining("permission denied"),
        actions: [{ action: "Bash: rm", tool: "Bash", key: "rm" }],
        episodes: ["run-1"],
        in_vain: 0,
        did_not_help: [{ action: "Bash: chmod", episodes: 1 }],
      },
      {
        error: expect.stringContaining("ECONNREFUSED"),
        actions: [{ action: "Bash: docker compose up" }],
        episodes: ["run-0"],
      },
    ]);
    const words = playbookInWords({ playbook }, { maxTokens: 1_200, evidence: false });
    expect(words).toContain(
      [
        "## If it fails",
        "- `Bash: npm test` fails with `EACCES: permission denied`: `Bash: rm`: worked 1 of 1; tried in vain: `Bash: chmod` in 1 run",
        "- `Bash: npm test` fails with `Error: connect ECONNREFUSED`: `Bash: docker compose up`: worked 1 of 1",
      ].join("\n"),
    );
  });

  it("has a way out among its steps where most runs go it, and the other's tests beside theirs", () => {
    const playbook = of("database", "database", "rights");
    expect(actionsOf(playbook)).toEqual([
      "Bash: npm test",
      "Bash: docker compose up",
      "Bash: npm test",
    ]);
    expect(playbook.steps.map(({ episodes }) => episodes.length)).toEqual([3, 2, 3]);
    expect(playbook.steps[0]?.success_rate).toBe(0);
    expect(waysOf(playbook)).toEqual([expect.stringContaining("denied Bash: rm")]);
  });

  it("has no dead end among its steps, and every way out, of however many runs of each kind", () => {
    const kinds = fc.constantFrom<Kind>("database", "rights", "rightsRefused", "nothing");
    fc.assert(
      fc.property(fc.array(kinds, { minLength: 1, maxLength: 12 }), (all) => {
        const playbook = of(...all);
        const [steps, ways] = [actionsOf(playbook), waysOf(playbook).join("\n")];
        expect(steps[0]).toBe("Bash: npm test");
        expect(steps).not.toContain("Bash: chmod");
        expect(steps).not.toContain("Bash");
        const denials = all.filter((kind) => kind.startsWith("rights")).length;
        const refusals = all.filter((kind) => kind === "database").length;
        for (const [action, met] of [
          ["Bash: rm", denials],
          ["Bash: docker compose up", refusals],
        ] as const) {
          const isMostly = 2 * met > all.length;
          expect(steps.includes(action), action).toBe(isMostly);
          if (met > 0 && !isMostly) expect(ways).toContain(action);
        }
        if (denials > 0) expect(JSON.stringify(playbook)).toContain("Bash: chmod");
      }),
    );
  });

  it("is still at what failed while its way out is gone", () => {
    const three = [RUNS.database, RUNS.rights, RUNS.nothing];
    const failed = { command: "npm test", result: "error" } as const;
    const started = { command: "docker compose up -d db", result: "success" } as const;
    for (const recent of [[failed], [failed, started]]) {
      const playbook = playbookOf(three, recent);
      expect(actionsOf(playbook)).toEqual(["Bash: npm test"]);
      expect(waysOf(playbook)).toHaveLength(2);
      expect(playbook.when_not_to_apply).toEqual([]);
    }
    const passed = { command: "npm test", result: "success" } as const;
    expect(actionsOf(playbookOf(three, [failed, started, passed]))).toEqual([]);
  });

  it("leaves a step of the line where it was taken between a failure and the next try", () => {
    const build: Ran = ["npm run build", ok];
    const noisy: readonly Ran[] = [["cat a.txt", denied], build, ["cat b.txt", ok]];
    expect(actionsOf(playbookOf([noisy, [build], [build, ["cat b.txt", ok]]]))).toContain(
      "Bash: npm run build",
    );
  });

  it("takes other parameters for what mended a call that its tool alone names", () => {
    const called = (card: string): Step[] => [
      { ...stepOf(1, "refund", denied), parameters: { card: "1111" } },
      { ...stepOf(2, "think", ok), parameters: {} },
      { ...stepOf(3, "refund", ok), parameters: { card } },
    ];
    const plain = [{ ...stepOf(1, "refund", ok), parameters: { card: "2222" } }];
    const waysWith = (card: string) =>
      waysOf(playbookOfSteps([called(card), plain, plain, plain])).join("\n");
    expect(waysWith("2222")).toBe("");
    expect(waysWith("1111")).toMatch(/denied think$/);
  });

  it("takes nothing for in vain where nothing led out of the error", () => {
    const never: readonly Ran[] = [
      ["npm test", denied],
      ["sed -i s/a/b/ a.txt", ok],
      ["npm test", denied],
      ["git commit -m fixed", ok],
    ];
    expect(actionsOf(playbookOf([never]))).toContain("Bash: sed");
  });
});
