import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Delta } from "../../src/durable/shared/metrics-store.ts";
import { RequestCounts } from "../../src/gateway/request-counts.ts";
import { RING_BYTES } from "../../src/observability/index.ts";

beforeEach(() => vi.stubGlobal("scheduler", { wait: async () => undefined }));
afterEach(() => vi.unstubAllGlobals());

const ONE = { method: "GET", route: "/v1/tags", status: 200, seconds: 0.1, recallSeconds: null };
const linesOf = ({ lines = [] }: Delta): string[] => lines.map(({ line }) => line);

it("lines are sent with the counts, once, and again as they were where nobody took them", async () => {
  const counts = new RequestCounts(() => 7);
  const sent: Delta[] = [];
  let isDown = true;
  const send = async (_index: number, delta: Delta): Promise<void> => {
    sent.push(delta);
    if (isDown) throw new Error("out of reach");
  };
  counts.add(ONE);
  counts.logged("first");
  await counts.sendSoon(async () => 2, send);
  counts.logged("second");
  isDown = false;
  await counts.sendSoon(async () => 2, send);
  expect(sent.map(({ seq }) => seq)).toEqual([1, 1, 2]);
  expect(sent.map(linesOf)).toEqual([["first"], ["first"], ["second"]]);
  expect(sent[0]?.lines).toEqual([{ at: 7, line: "first" }]);

  await counts.sendSoon(async () => 2, send);
  expect(sent).toHaveLength(3);
});

it("of more lines than a ring holds the newest are sent", async () => {
  const counts = new RequestCounts(() => 7);
  const sent: Delta[] = [];
  for (let i = 0; i < 1_000; i++) counts.logged(`${i} ${"x".repeat(1_000)}`);
  await counts.sendSoon(
    async () => 1,
    async (_index, delta) => sent.push(delta),
  );
  const lines = sent.flatMap(linesOf);
  expect(lines.at(-1)).toMatch(/^999 /);
  expect(lines.length).toBeLessThan(1_000);
  expect(lines.join("").length).toBeLessThanOrEqual(RING_BYTES);
});
