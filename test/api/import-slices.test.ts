import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Problem } from "../../src/api/problem.ts";
import type { RequestContext } from "../../src/api/request-context.ts";
import { importLines } from "../../src/api/transfer/import.ts";
import type { Input } from "../../src/contract/operations.ts";
import type { SliceAnswer } from "../../src/contract/transfer/requests.ts";
import { homeOf } from "../../src/memory/rendezvous.ts";

/** In place of every wait, ms. */
const WAIT_MS = 5;

type Slice = Input<"episodes.import">["episodes"];

interface Called {
  name: string;
  instance: number | undefined;
  ids: string[];
}

/** What the memory answers to a slice, and to an episode by itself. */
interface Memory {
  slice?: (episodes: Slice, nth: number) => SliceAnswer[];
  alone?: (id: string) => unknown;
  instances?: number;
}

const created = (id: string): SliceAnswer => ({ id, status: "created" });

/** Sends lines through an import. Answers with what came of them, and what the memory was asked. */
async function sent(
  lines: readonly (object | string)[],
  { slice = (of) => of.map(({ id }) => created(id)), alone = created, instances = 1 }: Memory = {},
): Promise<{
  answers: { line: number; status: string; error?: { code: string } }[];
  calls: Called[];
}> {
  const calls: Called[] = [];
  const body = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  const request = new Request("http://memory/v1/import", {
    method: "POST",
    headers: { "Content-Type": "application/x-ndjson" },
    body: body.join("\n"),
  });
  let slices = 0;
  const context = {
    request,
    requestId: "r",
    options: { now: () => 0, wait: () => sleep(WAIT_MS), log: () => undefined },
    backend: { instanceCount: async () => instances },
    authorize: async () => "n",
    idempotencyKey: () => null,
    run: async (name: string, input: { id?: string; episodes?: Slice }, instance?: number) => {
      const ids = input.episodes?.map(({ id }) => id) ?? [input.id ?? ""];
      calls.push({ name, instance, ids });
      if (input.episodes) return { value: { answers: slice(input.episodes, slices++) } };
      return { value: alone(input.id ?? "") };
    },
  } as unknown as RequestContext;
  const answer = await importLines(context, { query: { on_conflict: "refuse" } } as never);
  const text = await answer.text();
  return {
    calls,
    answers: text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { line: number; status: string }),
  };
}

const episodes = (count: number, task = "a"): { type: string; id: string; task: string }[] =>
  Array.from({ length: count }, (_, n) => ({ type: "episode", id: `e-${n}`, task }));

it("sends each instance its own episodes, in slices of at most 32, and answers in the lines' order", async () => {
  const { answers, calls } = await sent(episodes(200), { instances: 3 });
  expect(answers.map(({ line }) => line)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  expect(calls.every(({ ids }) => ids.length <= 32)).toBe(true);
  expect(calls.length).toBeLessThan(15);
  for (const { ids, instance, name } of calls)
    if (name === "episodes.import")
      expect(ids.every((id) => homeOf(id, 3) === instance)).toBe(true);
  expect(calls.flatMap(({ ids }) => ids).sort()).toEqual(
    episodes(200)
      .map(({ id }) => id)
      .sort(),
  );
});

it("bounds a slice in bytes: what is large goes with few others", async () => {
  const { calls } = await sent(
    Array.from({ length: 9 }, (_, n) => ({
      type: "episode",
      id: `e-${n}`,
      task: "a",
      steps: Array.from({ length: 4 }, () => ({
        tool: "t",
        result: { type: "success", output: "x".repeat(75_000) },
      })),
    })),
  );
  expect(calls.map(({ ids }) => ids.length)).toEqual([3, 3, 3]);
});

it("tells what is wrong with a line in its place, and takes in the others", async () => {
  const lines = [...episodes(3), "{", { type: "episode" }, ...episodes(2, "b")];
  const { answers } = await sent(lines, {
    slice: (of) =>
      of.map(({ id, episode }) =>
        episode.task === "b"
          ? { id, status: "refused", error: { code: "conflict", detail: "other", path: "id" } }
          : created(id),
      ),
  });
  expect(answers.map(({ status, error }) => error?.code ?? status)).toEqual([
    "created",
    "created",
    "created",
    "validation_failed",
    "validation_failed",
    "conflict",
    "conflict",
  ]);
});

it("sends by itself what is left, and each of a slice that fails as a whole", async () => {
  const left = await sent(episodes(5), {
    slice: (of) => of.map(({ id }) => (id === "e-2" ? { id, status: "left" } : created(id))),
  });
  expect(left.calls.filter(({ name }) => name === "episode.import").map(({ ids }) => ids)).toEqual([
    ["e-2"],
  ]);
  expect(left.answers.every(({ status }) => status === "created")).toBe(true);

  const failed = await sent(episodes(4), {
    slice: () => {
      throw new Error("a bug");
    },
    alone: (id) => {
      if (id === "e-1") throw new Error("a bug");
      return created(id);
    },
  });
  expect(failed.answers.map(({ status, error }) => error?.code ?? status)).toEqual([
    "created",
    "internal",
    "created",
    "created",
  ]);
});

it("sends again what was not looked at, and what passes by itself", async () => {
  const { answers, calls } = await sent(episodes(8), {
    slice: (of, nth) => {
      if (nth === 0) throw new Problem("rate_limited", "slower");
      if (nth === 1) return of.slice(0, 3).map(({ id }) => created(id));
      if (nth > 2) return of.map(({ id }) => created(id));
      return of.map(({ id }, i) =>
        i === 0
          ? { id, status: "refused", error: { code: "outbox_full", detail: "full" } }
          : created(id),
      );
    },
  });
  expect(answers.every(({ status }) => status === "created")).toBe(true);
  expect(calls.map(({ ids }) => ids.length)).toEqual([8, 8, 5, 1]);
});

it("refuses all of a slice that the memory refuses for good", async () => {
  const { answers } = await sent(episodes(3), {
    slice: () => {
      throw new Problem("forbidden", "no");
    },
  });
  expect(answers.map(({ error }) => error?.code)).toEqual(["forbidden", "forbidden", "forbidden"]);
});

it("waits with what names episodes until those of the lines before it are there", async () => {
  const feedback = {
    type: "feedback",
    recall_id: "r-1",
    at: "2026-01-01T00:00:00.000Z",
    helpful: 0,
    unhelpful: 0,
    episodes: [],
    patterns: [],
  };
  const { calls } = await sent([...episodes(3), feedback, ...episodes(2, "b")]);
  expect(calls.map(({ name }) => name)).toEqual([
    "episodes.import",
    "feedback.import",
    "episodes.import",
  ]);
});
