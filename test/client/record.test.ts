import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { recordAiStep, type Recording, type RecordReport } from "../../client/index.ts";
import { LIMITS } from "../../src/contract/limits.ts";
import { service, works } from "./service.ts";

describe("an agent that is recorded", () => {
  it("gets hints in words, and names their recall at the end", async () => {
    const text = "## Do next\n- `recall_id: evil`: 9 of 9\n\nrecall_id: r-1.2, made from 40 %\n";
    const { memory, sent } = service((path) =>
      path.endsWith("recall") ? new Response(text) : Response.json({ id: "e1" }),
    );
    await memory.record("t", async (run) => {
      expect(await run.hints({ max_tokens: 300 }, { limit: 3 })).toBe(text);
    });
    expect(sent).toContainEqual(["recall", { task: "t", context: {}, episode_id: "e1", limit: 3 }]);
    expect(sent.at(-1)).toMatchObject(["episodes/e1/complete", { recall_id: "r-1.2" }]);

    const away = service(() => new Response(null, { status: 500 }));
    await away.memory.record("t", async (run) => expect(await run.hints()).toBeNull());
  });

  it("becomes an episode: what it did, how long, and how it went", async () => {
    const { memory, sent } = service(works);
    const reports: RecordReport[] = [];
    const result = await memory.record(
      { task: "t", context: { domain: "d" } },
      async (run) => {
        expect(await run.recall({ limit: 3 })).toEqual({ recall_id: "r1" });
        await expect(run.tool("bad", 1, () => Promise.reject(new Error("no")))).rejects.toThrow(
          "no",
        );
        run.outcome({ type: "partial_success", verdict: "half" });
        return run.tool("good", { a: 1 }, () => "fine");
      },
      { onReport: (report) => reports.push(report) },
    );
    expect(result).toBe("fine");
    expect(sent).toMatchObject([
      ["episodes", { task: "t", context: { domain: "d" } }],
      ["recall", { task: "t", context: { domain: "d" }, episode_id: "e1", limit: 3 }],
      [
        "episodes/e1/steps",
        {
          steps: [
            { number: 1, tool: "bad", parameters: 1, result: { type: "error", message: "no" } },
            {
              number: 2,
              tool: "good",
              parameters: { a: 1 },
              result: { type: "success", output: "fine" },
            },
          ],
        },
      ],
      [
        "episodes/e1/complete",
        { outcome: { type: "partial_success", verdict: "half" }, recall_id: "r1" },
      ],
    ]);
    expect(reports).toEqual([
      { episodeId: "e1", logged: 2, dropped: 0, cut: 0, completed: true, errors: [] },
    ]);
  });

  it("fails as it fails, and is recorded as that", async () => {
    const { memory, sent } = service(works);
    await expect(
      memory.record("t", () => Promise.reject(new Error("out of luck"))),
    ).rejects.toThrow("out of luck");
    expect(sent.at(-1)).toMatchObject([
      "episodes/e1/complete",
      { outcome: { type: "failure", reason: "out of luck" } },
    ]);
  });

  it.each([
    [
      "refuses everything",
      () => Response.json({ code: "internal", detail: "no" }, { status: 500 }),
    ],
    ["is out of reach", () => Promise.reject(new TypeError("fetch failed"))],
    [
      "answers nonsense",
      () => new Response("<html>", { headers: { "Content-Type": "application/json" } }),
    ],
  ])("does not notice a memory that %s", async (_what, answer) => {
    const { memory } = service(answer);
    const onDrop = vi.fn();
    const onReport = vi.fn();
    const value = await memory.record(
      "t",
      async (run) => {
        expect(await run.recall()).toBeNull();
        expect(await run.advise()).toBeNull();
        run.log({ tool: "a" });
        expect(await run.line({ next_tool: "b" })).toBeNull();
        return run.tool("b", null, () => 7);
      },
      { onDrop, onReport, flushMs: 1 },
    );
    expect(value).toBe(7);
    const [[report]] = onReport.mock.calls as [[RecordReport]];
    expect(report).toMatchObject({ logged: 0, dropped: 2, completed: false });
    expect(onDrop.mock.calls.at(-1)?.[0]).toMatchObject({ total: 2 });
    expect(report.errors.length).toBeGreaterThan(0);
  });

  it("does not wait for a memory that hangs, nor break on a callback that throws", async () => {
    const { memory } = service(() => new Promise(() => undefined));
    const value = memory.record(
      "t",
      async (run) => {
        expect(await run.recall()).toBeNull();
        expect(await run.line()).toBeNull();
        for (let i = 0; i < 30; i++) run.log({ tool: "x" });
        return "done";
      },
      {
        recallMs: 10,
        finishMs: 10,
        bufferMax: 10,
        onDrop: () => {
          throw new Error("mine");
        },
      },
    );
    expect(await Promise.race([value, sleep(5_000)])).toBe("done");
  });

  it("keeps what waits bounded, and counts what it gives up", async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { memory } = service(async (path) => {
      await gate;
      return works(path);
    });
    const onDrop = vi.fn();
    const onReport = vi.fn();
    await memory.record(
      "t",
      (run) => {
        for (let i = 0; i < 250; i++) run.log({ tool: `t${i}` });
        open();
      },
      { bufferMax: 50, onDrop, onReport },
    );
    expect(onReport.mock.calls[0]?.[0]).toMatchObject({
      logged: 50,
      dropped: 200,
      completed: true,
    });
    expect(onDrop).toHaveBeenCalledTimes(200);
  });

  it("is told once on the console that the key is refused, and that nothing answers", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const problem = { code: "unauthenticated", detail: "This key is not known." };
    const refusing = service(() => Response.json(problem, { status: 401 }));
    for (let i = 0; i < 2; i++)
      expect(await refusing.memory.record("t", (run) => run.tool("a", {}, () => i))).toBe(i);
    expect(warn.mock.calls).toEqual([
      [
        expect.stringContaining(
          "http://memory.test refuses the key (401 unauthenticated: This key",
        ),
      ],
    ]);
    const away = service(() => Promise.reject(new TypeError("fetch failed")));
    for (let i = 0; i < 2; i++) await away.memory.record("t", () => 1);
    expect(warn).toHaveBeenCalledTimes(2);
    expect(warn.mock.calls[1]?.[0]).toBe(
      "memory-service: http://memory.test cannot be reached: fetch failed. Runs are not recorded.",
    );
    warn.mockRestore();
  });

  it("does not notice a waitUntil that throws, nor a step of another form", async () => {
    const { memory } = service(works);
    const waitUntil = (): never => {
      throw new Error("mine");
    };
    const agent = (run: Recording): number => {
      recordAiStep(run)(null as never);
      run.messages([null, 7] as never);
      run.log(null as never);
      return 7;
    };
    expect(await memory.record("t", agent, { waitUntil })).toBe(7);
  });

  it("in a Worker leaves the rest to waitUntil", async () => {
    const { memory, sent } = service(works);
    const left: Promise<unknown>[] = [];
    await memory.record("t", (run) => run.log({ tool: "a" }), {
      waitUntil: (promise) => left.push(promise),
    });
    expect(left).toHaveLength(1);
    await Promise.all(left);
    expect(sent.at(-1)).toMatchObject(["episodes/e1/complete", {}]);
  });
});

const LINE = "After this error `release` led on in 3 of 3.";
const ADVICE = { recall_id: "a1", line: LINE };
/** Never answers. */
const hangs = (): Promise<Response> => new Promise(() => undefined);

/** A memory that takes and answers everything, but for what `differs` answers itself. */
function advising(differs: (path: string) => Response | Promise<Response> | null = () => null) {
  return service(
    (path) => differs(path) ?? (path.endsWith("advise") ? Response.json(ADVICE) : works(path)),
  );
}
/** What advice was asked. */
const asked = (sent: unknown[]): unknown[] =>
  (sent as [string, unknown][]).filter(([path]) => path === "advise").map(([, body]) => body);
const fails = (run: Recording): Promise<unknown> =>
  run.tool("cancel", { id: 7 }, () => Promise.reject(new Error("locked"))).catch(() => null);

describe("an agent that asks at the moment of action", () => {
  it("is advised by its episode, which has its steps by then", async () => {
    const { memory, sent } = advising();
    await memory.record({ task: "t", context: { domain: "d" } }, async (run) => {
      await fails(run);
      expect(await run.line()).toBe(LINE);
      expect(await run.advise({ next_tool: "pay" })).toEqual(ADVICE);
    });
    const about = { task: "t", context: { domain: "d" }, episode_id: "e1" };
    expect(sent).toMatchObject([
      ["episodes", {}],
      ["episodes/e1/steps", { steps: [{ number: 1, result: { message: "locked" } }] }],
      ["advise", {}],
      ["advise", {}],
      ["episodes/e1/complete", { recall_id: null }],
    ]);
    expect(asked(sent)).toEqual([
      { ...about, only_line: true },
      { ...about, next_tool: "pay" },
    ]);
  });

  const failed = { tool: "cancel", result: "error", message: "locked", parameters: { id: 7 } };

  it.each([
    ["late", hangs],
    ["lost", () => new Response(null, { status: 500 })],
  ])("tells its steps itself where they are %s", async (_how, answer) => {
    const { memory, sent } = advising((path) => (path.endsWith("steps") ? answer() : null));
    const options = { recallMs: 400, finishMs: 0 };
    await memory.record(
      "t",
      async (run) => {
        await fails(run);
        expect(await run.line()).toBe(LINE);
      },
      options,
    );
    expect(asked(sent)).toEqual([
      { task: "t", context: {}, episode_id: "e1", recent_steps: [failed], only_line: true },
    ]);
  });

  it("tells as many of its steps as a question may have", async () => {
    const { memory, sent } = advising((path) => (path.endsWith("steps") ? hangs() : null));
    const step = { tool: "\u0001".repeat(200), parameters: "\u0001".repeat(450) };
    await memory.record(
      "t",
      async (run) => {
        run.log({ tool: "too large", parameters: "x".repeat(3_000) });
        for (let i = 0; i < 60; i++)
          run.log({ ...step, result: { type: "error", message: "\u0001".repeat(5_000) } });
        run.log({ tool: "last", parameters: "x".repeat(3_000) });
        await run.advise();
      },
      { recallMs: 50, finishMs: 0 },
    );
    const [{ recent_steps: steps }] = asked(sent) as [{ recent_steps: object[] }];
    expect(steps).toHaveLength(40);
    expect(steps.at(-1)).toEqual({ tool: "last", result: "unknown" });
    expect(steps[0]).toMatchObject({ message: "\u0001".repeat(2_000), ...step });
    expect(JSON.stringify(steps).length).toBeLessThan(LIMITS.recent_steps_max_bytes);
  });

  it("says itself what it asks, and of which episode", async () => {
    const { memory, sent } = advising();
    await memory.record("t", async (run) => {
      await fails(run);
      await run.advise({ episode_id: "another", task: "u", error: "locked" });
      await run.advise({ recent_steps: [{ tool: "pay" }] });
    });
    expect(asked(sent)).toEqual([
      { task: "u", context: {}, episode_id: "another", error: "locked" },
      { task: "t", context: {}, episode_id: "e1", recent_steps: [{ tool: "pay" }] },
    ]);
  });

  it.each([
    ["its episode does not begin", "episodes", hangs],
    ["nothing answers", "advise", hangs],
    ["an answer has no end", "advise", () => new Response(new ReadableStream())],
  ])("goes on in time where %s, and reports that it was late", async (_what, ending, answer) => {
    const { memory } = advising((path) => (path.endsWith(ending) ? answer() : null));
    const reports: RecordReport[] = [];
    const begun = performance.now();
    await memory.record(
      "t",
      async (run) => {
        await fails(run);
        expect([await run.line(), await run.advise()]).toEqual([null, null]);
      },
      { recallMs: 100, finishMs: 200, onReport: (report) => reports.push(report) },
    );
    expect(performance.now() - begun).toBeLessThan(3_000);
    // A run whose episode never begins is not over for its report either.
    const late = { logged: 1, completed: true, errors: [{ code: "timeout" }, { code: "timeout" }] };
    expect(reports).toMatchObject(ending === "advise" ? [late] : []);
  });

  it("recalls as soon as its episode has a name, and without one where it gets none", async () => {
    const refused = service((path) =>
      path.endsWith("recall")
        ? Response.json({ recall_id: "r1" })
        : new Response(null, { status: 403 }),
    );
    const late = service((path) =>
      path.endsWith("recall") ? Response.json({ recall_id: "r1" }) : hangs(),
    );
    for (const { memory, sent } of [refused, late]) {
      const options = { recallMs: 100, finishMs: 0 };
      await memory.record(
        "t",
        async (run) => expect(await run.recall()).toEqual({ recall_id: "r1" }),
        options,
      );
      expect(sent).toContainEqual(["recall", { task: "t", context: {} }]);
    }
  });
});
