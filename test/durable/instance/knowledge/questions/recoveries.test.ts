import { describe, expect, it } from "vitest";
import type { Step } from "../../../../../src/contract/episodes/record.ts";
import type { RecallView, RecoveryView } from "../../../../../src/contract/recall/answers.ts";
import { recallBody } from "../../../../../src/contract/recall/requests.ts";
import { stepOf } from "../../../../support/episodes.ts";
import { adviceInWords, recallInWords } from "../../../../../src/memory/words/index.ts";
import {
  digestOfSteps,
  failure,
  NOW,
  openKnowledge,
  success,
} from "../../../../support/knowledge.ts";

type Ran = readonly (readonly [command: string, error?: string])[];

const refused = (port: number): string =>
  `Exit code 1\n> shop@1.2.3 test\n> vitest run\n\n FAIL  test/cart-${port}.test.ts\nError: connect ECONNREFUSED 127.0.0.1:${port}\n    at node:net:440:12`;

function stepsOf(ran: Ran): Step[] {
  return ran.map(([command, error], i) => ({
    ...stepOf(
      i + 1,
      "Bash",
      error === undefined ? { type: "success", output: "ok" } : { type: "error", message: error },
    ),
    parameters: { command },
  }));
}

/** Two sessions that met the same error, each with its own looks and attempts. */
function learned() {
  const { knowledge, learn, forget, sql } = openKnowledge();
  const runs: Ran[] = [
    [
      ["npm test", refused(5432)],
      ["npm ci"],
      ["npm test", refused(5432)],
      ["cat docker-compose.yml"],
      ["docker compose up -d database"],
      ["npm test"],
      ["git commit -am done"],
    ],
    [
      ["cat package.json"],
      ["cd web && npm test -- cart", refused(5433)],
      ["docker compose up -d postgres"],
      ["cd web && npm test -- cart"],
    ],
  ];
  for (const [i, ran] of runs.entries())
    learn(digestOfSteps(`e${i}`, `make cart ${i} work`, success, stepsOf(ran)));
  const ask = async (command: string, message: string): Promise<RecoveryView[]> => {
    const recent_steps = [
      { tool: "Bash", result: "error" as const, message, parameters: { command } },
    ];
    const question = {
      task: "mend the login",
      context: {},
      recent_steps,
      next_tool: null,
      error: null,
    };
    return (await knowledge.questions.advise("n", question, NOW)).recoveries;
  };
  const recall = async (given: Record<string, unknown>): Promise<RecallView> =>
    knowledge.questions.recall("n", recallBody.parse({ task: "mend the login", ...given }), NOW);
  return { knowledge, ask, recall, forget, sql };
}

const LOCKED = "DEPLOY_LOCKED: it is held by pipeline 4704";
const NO_SYNC = "migration refused: replica is not in sync";
const LOCK_TIMEOUT = "lock timeout after 300 ms: another migration holds the advisory lock 42";

/** Runs of tools that no parameter names, each of a task of its own. */
function learnedTools(runs: readonly (readonly (readonly [tool: string, error?: string])[])[]) {
  const { knowledge, learn } = openKnowledge();
  for (const [i, ran] of runs.entries()) {
    const steps = ran.map(([tool, message], at) =>
      stepOf(at + 1, tool, message === undefined ? undefined : { type: "error", message }),
    );
    learn(digestOfSteps(`t${i}`, `bring part ${i} to production`, success, steps));
  }
  return async (tool: string, message: string): Promise<RecoveryView[]> => {
    const question = {
      task: "bring part 9 to production",
      context: {},
      recent_steps: [{ tool, result: "error" as const, message }],
      next_tool: null,
      error: null,
    };
    return (await knowledge.questions.advise("n", question, NOW)).recoveries;
  };
}

const clean = (mend: string, error: string, tool: string) =>
  [[tool, error], [mend], [tool]] as const;

describe("what was tried in vain", () => {
  it("is no way out of an error that came again after it", async () => {
    const ask = learnedTools([
      [["deploy", LOCKED], ["clear_cache"], ["deploy", LOCKED], ["release_lock"], ["deploy"]],
      clean("release_lock", LOCKED, "deploy"),
      clean("release_lock", LOCKED, "deploy"),
      clean("release_lock", LOCKED, "deploy"),
    ]);
    const ways = await ask("deploy", LOCKED);
    expect(ways.map(({ mended_by, worked, in_vain }) => ({ mended_by, worked, in_vain }))).toEqual([
      { mended_by: "release_lock", worked: 4, in_vain: 0 },
    ]);
    expect(ways[0]?.did_not_help).toEqual([{ action: "clear_cache", episodes: 1 }]);
  });

  it("leaves the credit to what came last before the action worked, though most do it anyway", async () => {
    const ask = learnedTools([
      [
        ["release_lock"],
        ["deploy", LOCKED],
        ["clear_cache"],
        ["release_lock"],
        ["deploy"],
        ["release_lock"],
      ],
      [["release_lock"], ["deploy"]],
      [["release_lock"], ["deploy", LOCKED], ["release_lock"], ["deploy"], ["release_lock"]],
    ]);
    const ways = await ask("deploy", LOCKED);
    expect(ways.map(({ mended_by, worked }) => ({ mended_by, worked }))).toEqual([
      { mended_by: "release_lock", worked: 2 },
    ]);
  });
});

describe("what failed itself", () => {
  it("is not what mended the error, though it stands out", async () => {
    const ask = learnedTools([
      [
        ["deploy", LOCKED],
        ["restart", "no such unit"],
        ["release_lock"],
        ["deploy"],
        ["release_lock"],
      ],
    ]);
    const [way] = await ask("deploy", LOCKED);
    expect(way?.mended_by).toBe("release_lock");
  });
});

describe("what was tried before another error", () => {
  it("says nothing of this one", async () => {
    const chain = [
      ["migrate", NO_SYNC],
      ["sync_replica"],
      ["migrate", LOCK_TIMEOUT],
      ["kill_session"],
      ["migrate"],
    ] as const;
    const ask = learnedTools([chain, clean("kill_session", LOCK_TIMEOUT, "migrate"), chain]);
    const [after] = await ask("migrate", LOCK_TIMEOUT);
    expect(after).toMatchObject({ mended_by: "kill_session", worked: 3, did_not_help: [] });
    const [before] = await ask("migrate", NO_SYNC);
    expect(before).toMatchObject({ mended_by: "sync_replica", worked: 2, did_not_help: [] });
  });

  it("nor does what came after this one was mended", async () => {
    const twice = [...clean("release_lock", LOCKED, "deploy"), ["report"]] as const;
    const ask = learnedTools([[...twice, ...clean("release_lock", LOCKED, "deploy")]]);
    const [way] = await ask("deploy", LOCKED);
    expect(way).toMatchObject({ mended_by: "release_lock", in_vain: 0, did_not_help: [] });
  });

  it("is in vain for the one that it was tried for, whatever came in between", async () => {
    const ask = learnedTools([
      [
        ["migrate", LOCK_TIMEOUT],
        ["vacuum"],
        ["migrate", LOCK_TIMEOUT],
        ["analyse"],
        ["migrate", NO_SYNC],
        ["sync_replica"],
        ["migrate", LOCK_TIMEOUT],
        ["kill_session"],
        ["migrate"],
      ],
    ]);
    const [way] = await ask("migrate", LOCK_TIMEOUT);
    expect(way).toMatchObject({
      mended_by: "kill_session",
      did_not_help: [{ action: "vacuum", episodes: 1 }],
    });
  });
});

describe("a way out of an error", () => {
  it("tells no value that its runs had from their own tasks", async () => {
    const { knowledge, learn } = openKnowledge();
    for (const [i, file] of ["sales", "sales", "orders", "stock"].entries()) {
      const parameters = { path: `${file}.csv` };
      const mode = { mode: "latin1" };
      const steps = [
        stepOf(1, "read_utf8", { type: "error", message: "UnicodeDecodeError: invalid byte" }),
        stepOf(2, "read_latin1", { type: "success", output: "ok" }),
      ].map((step, at) => ({
        ...step,
        parameters: at === 0 ? parameters : { ...parameters, ...mode },
      }));
      learn(digestOfSteps(`r${i}`, `load ${file}.csv into a table`, success, steps));
    }
    const { recoveries } = await knowledge.questions.advise(
      "n",
      {
        task: "load clients.csv into a table",
        context: {},
        recent_steps: [],
        next_tool: "read_utf8",
        error: "UnicodeDecodeError: invalid byte",
      },
      NOW,
    );
    const told = recoveries.flatMap(({ actions = [] }) => actions.flatMap((one) => one.parameters));
    expect(told).toEqual([{ name: "mode", value: "latin1", support: 1 }]);
  });

  it("names what was done, with the parameters that matter, how often it worked, and what did not", async () => {
    const { ask } = learned();
    const ways = await ask("npm run test:e2e", refused(6000));
    expect(ways).toHaveLength(1);
    const [way] = ways;
    expect(way).toMatchObject({
      error: "Error: connect ECONNREFUSED <number>",
      key: "npm test",
      likeness: 1,
      mended_by: "Bash: docker compose up",
      worked: 2,
      in_vain: 0,
      did_not_help: [{ action: "Bash: npm ci", episodes: 1 }],
    });
    expect(way?.actions?.map(({ action }) => action).at(-1)).toBe("Bash: npm test");
    const mend = way?.actions?.find(({ action }) => action === way.mended_by);
    expect(mend?.parameters).toEqual([
      { name: "command", value: "docker compose up -d database", support: 0.5 },
    ]);
  });

  it("is recalled, too, where the last step met the error, and only there", async () => {
    const { ask, recall } = learned();
    const message = refused(6000);
    const met = { tool: "Bash", result: "error", message, parameters: { command: "npm test" } };
    const { recoveries } = await recall({ recent_steps: [met] });
    expect(recoveries).toEqual(await ask("npm test", message));
    expect(recoveries?.[0]?.mended_by).toBe("Bash: docker compose up");

    const mended = { tool: "Bash", result: "success" };
    expect(await recall({ recent_steps: [met, mended] })).not.toHaveProperty("recoveries");
    expect(await recall({})).not.toHaveProperty("recoveries");
    const short = { recent_steps: [met], include: ["episodes"] };
    expect(await recall(short)).not.toHaveProperty("recoveries");
  });

  it("is what a recall of few tokens keeps", async () => {
    const { recall } = learned();
    const met = { tool: "Bash", result: "error", message: refused(6000) };
    const whole = await recall({ recent_steps: [met] });
    const short = await recall({ recent_steps: [met], max_tokens: 450 });
    expect(short.truncated).toBeGreaterThan(whole.truncated);
    expect(short.recoveries).toHaveLength(1);
  });

  it("is not offered for another error, whatever words both have", async () => {
    const { ask } = learned();
    expect(await ask("npm test", "Error: connect ETIMEDOUT 10.0.0.1:5432")).toEqual([]);
    expect(
      await ask("npm test", "Error: listen EADDRINUSE: address already in use :::3000"),
    ).toEqual([]);
  });

  it("is found by its words, and so is the episode", async () => {
    const { knowledge } = learned();
    const input = { q: "docker compose", limit: 20, cursor: null };
    const { items } = await knowledge.questions.search("n", input, NOW);
    expect(
      items
        .filter(({ kind }) => kind === "episode")
        .map(({ id }) => id)
        .sort(),
    ).toEqual(["e0", "e1"]);
    const patterns = await knowledge.questions.patterns(
      "n",
      { kind: "error_recovery", min_support: 1, limit: 20, cursor: null },
      NOW,
    );
    expect(patterns.items.map(({ description }) => description)).toContain(
      'Bash: npm test failed with "Error: connect ECONNREFUSED <number>": Bash: docker compose up → Bash: npm test',
    );
  });

  it("goes with its episodes, without a trace", async () => {
    const { ask, forget, knowledge } = learned();
    forget("n", "e0");
    expect((await ask("npm test", refused(1)))[0]).toMatchObject({ worked: 1, did_not_help: [] });
    forget("n", "e1");
    expect(await ask("npm test", refused(1))).toEqual([]);
    const listed = await knowledge.questions.patterns(
      "n",
      { min_support: 1, limit: 200, cursor: null },
      NOW,
    );
    expect(listed.items).toEqual([]);
    const input = { q: "docker compose", limit: 20, cursor: null };
    expect((await knowledge.questions.search("n", input, NOW)).items).toEqual([]);
  });
});

describe("what is done next in words, where an error has just been met", () => {
  const [outOfSync, locked] = ["replica is not in sync", "lock timeout after 30 s"];
  const [migrated, unsynced, blocked] = [
    ["run_migration"],
    ["run_migration", outOfSync],
    ["run_migration", locked],
  ] as const;
  const both = [unsynced, ["sync_replica"], blocked, ["kill_session"], migrated] as const;
  const runs: readonly (readonly (readonly [tool: string, error?: string])[])[] = [
    [unsynced],
    [unsynced, ["vacuum"], unsynced],
    both,
    [unsynced, ["vacuum"], unsynced, ["sync_replica"], blocked],
    [blocked, ["kill_session"], migrated],
    [unsynced, ["sync_replica"], migrated],
    [migrated],
    both,
  ];
  const { knowledge, learn } = openKnowledge();
  for (const [i, ran] of runs.entries()) {
    const steps = [["fetch_schema"] as const, ...ran].map(([tool, error], at): Step => {
      const result =
        error === undefined
          ? ({ type: "success", output: "ok" } as const)
          : ({ type: "error", message: error } as const);
      return { ...stepOf(at + 1, tool, result), parameters: {} };
    });
    const outcome = ran.at(-1) === migrated ? success : failure;
    learn(digestOfSteps(`run-${i}`, `Migrate table t${i}`, outcome, steps));
  }
  const task = "Migrate table t9";
  const met = (message: string) => [
    { tool: "fetch_schema", result: "success" as const },
    { tool: "run_migration", result: "error" as const, message },
  ];
  const roomy = { maxTokens: 1_200, evidence: false };
  const inSections = (text: string): Map<string, string> =>
    new Map(
      text
        .split("## ")
        .slice(1)
        .map((section) => [section.split("\n")[0] ?? "", section]),
    );

  it.each([
    [outOfSync, "sync_replica", "kill_session"],
    [locked, "kill_session", "sync_replica"],
  ])("is what led out of %s, and then what is likely", async (message, way, other) => {
    const question = { task, context: {}, recent_steps: met(message), error: null };
    const advice = await knowledge.questions.advise("n", { ...question, next_tool: other }, NOW);
    const first = new RegExp(
      `^Do next\n- \`${way}\`: the way out of this error, worked \\d of \\d\n- or .* likely next\n`,
    );
    const said = inSections(adviceInWords({ ...advice, lessons: [] }, roomy));
    expect(said.get("Do next")).toMatch(first);
    expect(said.get("Do next")?.split(`\`${way}\``)).toHaveLength(2);
    expect(said.get("Your next step")).not.toContain("usual");
    const recalled = await knowledge.questions.recall(
      "n",
      recallBody.parse({ task, recent_steps: met(message) }),
      NOW,
    );
    const text = recallInWords({ ...recalled, lessons: [] }, roomy);
    expect(inSections(text).get("Do next")).toMatch(first);
  });

  it("is what is likely, where no way out of the error is known", async () => {
    const question = { task, context: {}, recent_steps: met("disk is full"), error: null };
    const advice = await knowledge.questions.advise("n", { ...question, next_tool: null }, NOW);
    const said = inSections(adviceInWords({ ...advice, lessons: [] }, roomy));
    expect(said.get("Do next")).not.toContain("way out");
  });
});
