import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Step, StepResult } from "../../../../src/contract/episodes/record.ts";
import { makePlaybook } from "../../../../src/memory/learning/index.ts";
import type { ExpectedTool } from "../../../../src/memory/learning/prediction/expected-tools.ts";
import { playbookInWords } from "../../../../src/memory/words/index.ts";
import { stepOf } from "../../../support/episodes.ts";
import { digestOfSteps, failure, NOW, openKnowledge, success } from "../../../support/knowledge.ts";

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

const NOT_IN_SYNC = "migration refused: replica is not in sync";
const LOCKED = "lock timeout after 3000 ms: another migration holds the advisory lock";

type Called = readonly [tool: string, error?: string];

const [fetch, migrate, sync, kill, vacuum]: readonly Called[] = [
  ["fetch_schema"],
  ["run_migration"],
  ["sync_replica"],
  ["kill_session"],
  ["vacuum"],
];
const unsynced: Called = ["run_migration", NOT_IN_SYNC];
const locked: Called = ["run_migration", LOCKED];

/** Runs of one tool that fails in two ways, by the table that they are for; those that fail, too. */
const MIGRATIONS = {
  orders: [fetch, unsynced],
  users: [fetch, unsynced, vacuum, unsynced],
  carts: [fetch, unsynced, sync, locked, kill, migrate],
  items: [fetch, unsynced, vacuum, unsynced, sync, locked],
  bills: [fetch, locked, kill, migrate],
  mails: [fetch, unsynced, sync, migrate],
  tags: [fetch, migrate],
  pics: [fetch, unsynced, sync, locked, kill, migrate],
} satisfies Record<string, readonly (Called | undefined)[]>;
type Table = keyof typeof MIGRATIONS;
const TABLES = Object.keys(MIGRATIONS) as Table[];

const callsOf = (table: Table): Called[] =>
  MIGRATIONS[table].flatMap((call) => (call ? [call] : []));

function migrationOf(table: Table, id: string = table) {
  const calls = callsOf(table);
  const steps = calls.map(([tool, message], i) => ({
    ...stepOf(i + 1, tool, message === undefined ? ok : { type: "error" as const, message }),
    parameters: { table },
  }));
  const outcome = calls.at(-1)?.[1] === undefined ? success : failure;
  return digestOfSteps(id, `Migrate table ${table}`, outcome, steps);
}

function playbookOfTables(tables: readonly Table[], expected: readonly ExpectedTool[]) {
  const similar = tables.map((table, i) => ({
    digest: migrationOf(table, `run-${i}`),
    similarity: 0.9 - 0.01 * i,
  }));
  return makePlaybook({ task: "Migrate table prices", recent: [] }, similar, expected, NOW);
}

const usesOf = (probabilities: Record<string, number>): ExpectedTool[] =>
  Object.entries(probabilities).map(([tool, probability]) => ({
    tool,
    probability,
    usual: 0.1,
    episodes: [],
  }));

describe("a playbook of runs whose tool failed in two ways", () => {
  it("ends as they did, and says of each way out which error it is for", async () => {
    const { knowledge, learn } = openKnowledge();
    for (const table of TABLES) learn(migrationOf(table));
    const question = { task: "Migrate table prices", context: {}, recent_steps: [] };
    const { playbook } = await knowledge.questions.playbook("n", question, NOW);
    const unsync = `run_migration failed with "${NOT_IN_SYNC}"`;
    const lock = `run_migration failed with "${LOCKED.replace("3000", "<number>")}"`;
    expect(playbook?.steps.map(({ action, when }) => [action, when])).toEqual([
      ["fetch_schema", undefined],
      ["run_migration", undefined],
      ["sync_replica", unsync],
      ["run_migration", unsync],
      ["kill_session", lock],
      ["run_migration", lock],
    ]);
  });

  it("puts in what it lacks as a run had it, and not where one without the rest did", () => {
    const playbook = playbookOfTables(
      ["mails", "bills", "carts", "pics", "tags"],
      usesOf({ fetch_schema: 0.9, run_migration: 0.9, sync_replica: 0.5, kill_session: 0.35 }),
    );
    expect(playbook?.steps.map(({ action }) => action)).toEqual([
      "fetch_schema",
      "run_migration",
      "sync_replica",
      "run_migration",
      "kill_session",
      "run_migration",
    ]);
  });

  it("has both of two tools that the task calls for and no run had together", () => {
    const runOf = (tool: string): Step[] => [stepOf(1, "get_order", ok), stepOf(2, tool, ok)];
    const similar = ["cancel_order", "exchange_items"].map((tool) => ({
      digest: digestOfSteps(tool, `Please ${tool}`, success, runOf(tool)),
      similarity: 0.9,
    }));
    const expected = usesOf({ get_order: 0.9, cancel_order: 0.5, exchange_items: 0.5 });
    const question = { task: "Cancel one and exchange the other", recent: [] };
    expect(
      makePlaybook(question, similar, expected, NOW)?.steps.map(({ action }) => action),
    ).toEqual(["get_order", "exchange_items", "cancel_order"]);
  });

  it("tells a way under its error that is not among the steps", () => {
    const playbook = playbookOfTables(
      ["mails", "bills", "carts", "pics", "tags"],
      usesOf({ fetch_schema: 0.9, run_migration: 0.9, sync_replica: 0.9, kill_session: 0.1 }),
    );
    if (!playbook) throw new Error("there is a playbook");
    expect(actionsOf(playbook)).toEqual([
      "fetch_schema",
      "run_migration",
      "sync_replica",
      "run_migration",
    ]);
    expect(waysOf(playbook)).toEqual([expect.stringMatching(/^lock timeout .* kill_session$/)]);
  });

  it("says when of a way that nearly all runs went", () => {
    const playbook = playbookOfTables(["bills", "bills", "bills", "tags"], []);
    expect(playbook?.steps.map(({ action, when }) => [action, when])).toEqual([
      ["fetch_schema", undefined],
      ["run_migration", undefined],
      ["kill_session", "run_migration failed"],
      ["run_migration", "run_migration failed"],
    ]);
  });

  it("says of a parameter that only failed calls had where it came from, and no value", () => {
    const [step] = (playbookOf([RUNS.database, RUNS.database]).steps ?? []).filter(
      ({ success_rate }) => success_rate === 0,
    );
    expect(step?.parameters).toEqual([{ name: "command", source: "ask", support: 1 }]);
  });

  it("has an order and an end that runs had, and nothing done in vain, of any runs and any tools", () => {
    const tables = fc.array(fc.constantFrom(...TABLES), { minLength: 1, maxLength: 12 });
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    const expected = fc.record({
      fetch_schema: probability,
      run_migration: probability,
      sync_replica: probability,
      kill_session: probability,
      vacuum: probability,
    });
    fc.assert(
      fc.property(tables, fc.option(expected), (all, uses) => {
        const playbook = playbookOfTables(all, uses ? usesOf(uses) : []);
        const runs = all.map((table) => callsOf(table));
        const successes = runs.filter((calls) => calls.at(-1)?.[1] === undefined);
        expect(playbook === null).toBe(successes.length === 0);
        if (!playbook) return;
        const actions = actionsOf(playbook);
        for (const [i, one] of actions.entries())
          for (const other of actions.slice(i + 1))
            expect(
              runs.some((calls) => {
                const tools = calls.map(([tool]) => tool);
                return tools.includes(one) && tools.lastIndexOf(other) > tools.indexOf(one);
              }),
              `${one} before ${other}`,
            ).toBe(true);
        expect(successes.map((calls) => calls.at(-1)?.[0])).toContain(actions.at(-1));
        expect(actions).not.toContain("vacuum");

        const words = JSON.stringify(playbook);
        for (const [way, error] of [
          ["sync_replica", "not in sync"],
          ["kill_session", "lock timeout"],
        ] as const) {
          const isUsed = successes.some((calls) => calls.some(([tool]) => tool === way));
          if (isUsed) expect(words).toContain(way);
          const isOther = successes.some((calls) =>
            calls.some(([, message]) => message !== undefined && !message.includes(error)),
          );
          for (const { action, when } of playbook.steps)
            if (action === way) expect(when).toContain(isOther ? error : "run_migration failed");
        }
        for (const { parameters } of playbook.steps)
          expect(parameters?.map(({ name }) => name)).toEqual(["table"]);
      }),
    );
  });
});
