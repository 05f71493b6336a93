import { beforeEach, expect, it } from "vitest";
import { NodeInstances } from "../../../../support/instances.ts";

const DAY = 86_400_000;
let cluster: NodeInstances;

beforeEach(() => {
  cluster = new NodeInstances(3);
  // A Friday; its week began on Monday, 2025-12-29.
  cluster.now = Date.parse("2026-01-02T00:00:00.000Z");
});

const quality = (weeks = 4) => cluster.do("quality", { weeks });
const fail = { outcome: { type: "failure" as const, reason: "no", details: null } };
const abstain = { outcome: { type: "abstained" as const, reason: "no", signals: [] } };

it("counts by week how episodes ended, sent or not, and the means of their rewards", async () => {
  const first = await cluster.start();
  await cluster.step(first, "look");
  const { reward } = await cluster.complete(first);
  await cluster.do("episode.complete", { id: await cluster.start(), recall_id: null, ...fail });
  await cluster.flush();
  cluster.now += 3 * DAY - 1;
  await cluster.do("episode.complete", { id: await cluster.start(), recall_id: null, ...abstain });
  cluster.now += 1;
  await cluster.do("episode.fail", { id: await cluster.start(), reason: "left", details: null });
  await cluster.start("still running");

  const report = await quality();
  expect(report).toMatchObject({ since: "2025-12-15T00:00:00.000Z", degraded: false });
  expect(report.weeks.map(({ begins_at }) => begins_at)).toEqual([
    "2025-12-29T00:00:00.000Z",
    "2026-01-05T00:00:00.000Z",
  ]);
  expect(report.weeks[0]).toMatchObject({
    ended: 3,
    success: 1,
    partial_success: 0,
    failure: 1,
    unknown: 1,
    unknown_share: 1 / 3,
  });
  const { scores } = report.weeks[0] ?? {};
  const listed = await cluster.do("episodes.list", { filter: {}, limit: 50, cursor: null });
  const rewards = listed.items.flatMap((one) =>
    one.reward && (one.ended_at ?? "") < "2026-01-05" ? [one.reward] : [],
  );
  const mean = (part: "total" | "efficiency"): number =>
    rewards.reduce((sum, one) => sum + one[part], 0) / rewards.length;
  expect(reward).not.toBeNull();
  expect(scores?.total).toBeCloseTo(mean("total"), 10);
  expect(scores?.efficiency).toBeCloseTo(mean("efficiency"), 10);
  expect((await quality(1)).weeks.map(({ ended }) => ended)).toEqual([1]);
});

it("is of what instances hold while the database is away, and says so", async () => {
  await cluster.complete(await cluster.start());
  expect(await quality()).toMatchObject({ degraded: false, weeks: [{ ended: 1 }] });
  await cluster.flush();
  cluster.beforeDatabase = () => {
    throw new Error("connect ECONNREFUSED");
  };
  expect(await quality()).toMatchObject({ degraded: true, weeks: [{ ended: 1, success: 1 }] });
});

it("names lessons that nobody has judged, and what became of playbooks", async () => {
  const lesson = (text: string) =>
    cluster.do("lessons.add", {
      text,
      kind: "do",
      applies_to: { tools: [], domain: null, tags: [], task: null },
      source: "",
      supersedes: null,
    });
  const { id } = await lesson("Look before you leap over the fence");
  const report = await quality();
  expect(report.lessons).toEqual({ total: 1, without_evidence: 1, examples: [id] });
  expect(report.playbooks).toMatchObject({ shown: 0, used: 0, rate: null });
  expect(report.calibration.outcome).toEqual({ forecasts: 0, error: null, bins: [] });
  expect(report.weeks).toEqual([]);
});
