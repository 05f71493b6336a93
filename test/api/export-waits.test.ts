import { expect, it } from "vitest";
import { Problem } from "../../src/api/problem.ts";
import type { RequestContext } from "../../src/api/request-context.ts";
import { exportNamespace } from "../../src/api/transfer/export.ts";

/** What each part of an export has, by its operation. */
const ITEMS: Readonly<Record<string, object>> = {
  "episodes.export": { id: "e" },
  "feedback.export": { recall_id: "r" },
};

/** A context whose feedback is not ready so many times. */
function contextOf(refusals: number) {
  const waits: number[] = [];
  let left = refusals;
  const context = {
    options: { wait: async (ms: number) => void waits.push(ms) },
    run: async (name: string) => {
      const item = ITEMS[name];
      if (name === "feedback.export" && left-- > 0)
        throw new Problem("not_ready", "The namespace is being loaded.");
      return { value: { items: item ? [item] : [], next_cursor: null } };
    },
  } as unknown as RequestContext;
  return { context, waits };
}

it("goes on when the namespace is loaded", async () => {
  const { context, waits } = contextOf(3);
  const text = await (await exportNamespace(context)).text();
  expect(text.trim().split("\n")).toEqual([
    '{"type":"episode","id":"e"}',
    '{"type":"feedback","recall_id":"r"}',
  ]);
  expect(waits).toEqual([1_000, 1_000, 1_000]);
});

it("breaks off when it is not loaded after five minutes: an export that ends is complete", async () => {
  const { context, waits } = contextOf(1_000);
  const answer = await exportNamespace(context);
  await expect(answer.text()).rejects.toThrow("being loaded");
  expect(waits).toHaveLength(300);
});
