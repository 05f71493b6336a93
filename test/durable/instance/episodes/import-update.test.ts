import { beforeEach, describe, expect, it } from "vitest";
import type { Step } from "../../../../src/contract/episodes/record.ts";
import type { Input } from "../../../../src/contract/operations.ts";
import { randomOf } from "../../../importers/models/model.ts";
import { NodeInstances } from "../../../support/instances.ts";

type Line = Input<"episode.import">["episode"];
type LineStep = Line["steps"][number];
let cluster: NodeInstances;

beforeEach(() => {
  cluster = new NodeInstances(1);
});

const MINUTE = 60_000;
const BEGUN = Date.parse("2025-12-31T00:00:00.000Z");
const at = (minute: number): string => new Date(BEGUN + minute * MINUTE).toISOString();
/** The step of a session's minute. */
const stepAt = (minute: number, more: Partial<LineStep> = {}): LineStep => ({
  number: minute,
  at: at(minute),
  tool: `tool_${minute % 3}`,
  action: "",
  parameters: { minute },
  result: { type: "success", output: `done ${minute}` },
  latency_ms: 5,
  tokens: null,
  metadata: {},
  ...more,
});
const until = (minute: number): LineStep[] =>
  Array.from({ length: minute }, (_, i) => stepAt(i + 1));
/** A session as it was at a minute. */
const session = (steps: LineStep[], more: Partial<Line> = {}): Line => ({
  id: "e",
  task: "fix the flaky login test",
  task_type: "debugging",
  context: { domain: "d", language: null, framework: null, complexity: "moderate", tags: [] },
  metadata: { session: "s" },
  tags: [],
  started_at: at(0),
  ended_at: steps.at(-1)?.at ?? at(0),
  steps,
  outcome: null,
  status: "abandoned",
  ...more,
});
const judged = (type: "success" | "failure"): Partial<Line> => ({
  status: null,
  outcome:
    type === "success"
      ? { type, verdict: "", artifacts: [] }
      : { type, reason: "no", details: null },
});
const take = async (line: Line, on: NodeInstances = cluster): Promise<string> =>
  (await on.do("episode.import", { id: "e", episode: line, on_conflict: "update" })).status;
interface Seen {
  task: string;
  status: string;
  outcome: unknown;
  tags: string[];
  metadata: unknown;
  ended_at: string;
  version: number;
  step_count: number;
  steps: Step[];
}
const seen = async (on: NodeInstances = cluster): Promise<Seen> =>
  JSON.parse((await on.do("episode.get", { id: "e" })).json) as Seen;
const toolsOf = ({ steps }: Pick<Seen, "steps">): string[] => steps.map(({ tool }) => tool);
const learned = async (on: NodeInstances): Promise<unknown[]> => {
  const { items } = await on.do("patterns.list", { min_support: 1, limit: 100, cursor: null });
  expect(items.length).toBeGreaterThan(0);
  return items;
};
/** The database has what is here. */
async function isStored(): Promise<void> {
  await cluster.flush();
  const rows = (sql: { all: (text: string) => unknown[] }): unknown[] =>
    sql.all("SELECT number, body FROM steps ORDER BY number");
  expect(rows(cluster.stored)).toEqual(rows(cluster.local(0)));
  expect(
    cluster.local(0).all("SELECT * FROM outbox WHERE table_name IN ('episodes', 'steps')"),
  ).toEqual([]);
}

describe("an import that updates", () => {
  it("appends what a session grew by, and learns it anew as if it had come whole", async () => {
    expect(await take(session(until(2), judged("success")))).toBe("created");
    const before = await seen();
    expect(await take(session(until(5), judged("failure")))).toBe("updated");
    const after = await seen();
    expect(after).toMatchObject({ step_count: 5, ended_at: at(5), outcome: { type: "failure" } });
    expect(after.steps).toHaveLength(5);
    expect(after.version).toBeGreaterThan(before.version);
    expect(await take(session(until(5), judged("failure")))).toBe("duplicate");
    await isStored();

    const whole = new NodeInstances(1);
    await take(session(until(5), judged("failure")), whole);
    expect(await learned(cluster)).toEqual(await learned(whole));
    expect(cluster.local(0).all("SELECT episode FROM learned_digests")).toHaveLength(1);
    expect(await cluster.counted(0, "memory_step_logged_total")).toBe(5);
    expect(await cluster.counted(0, "memory_episode_created_total")).toBe(1);
  });

  it("takes a judgement that came later, and none back", async () => {
    await take(session(until(2)));
    expect(await take(session(until(2), judged("success")))).toBe("updated");
    expect(await seen()).toMatchObject({ status: "completed", outcome: { type: "success" } });
    expect(await take(session(until(2)))).toBe("duplicate");
    expect(await take(session(until(3)))).toBe("updated");
    expect(await seen()).toMatchObject({
      status: "completed",
      outcome: { type: "success" },
      step_count: 3,
    });
  });

  it("loses nothing, in whatever order the lines of a session come", async () => {
    for (const order of [
      [1, 5, 3],
      [5, 1, 3],
      [3, 5, 1],
      [2, 2, 5],
    ]) {
      cluster = new NodeInstances(1);
      const lines = order.map((minute) => session(until(minute), { tags: [`m${minute}`] }));
      const answers = await Promise.all(lines.map((line) => take(line)));
      expect(answers.filter((status) => status === "created")).toHaveLength(1);
      const { steps, tags, ended_at } = await seen();
      expect(steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
      expect([tags.toSorted(), ended_at]).toEqual([
        [...new Set(order.map((m) => `m${m}`))].toSorted(),
        at(5),
      ]);
    }
  });

  it("fills in a result that came later, and takes none away", async () => {
    const open = stepAt(2, { result: null, latency_ms: null });
    await take(session([stepAt(1), open]));
    await isStored();
    expect(await take(session(until(3)))).toBe("updated");
    expect((await seen()).steps).toMatchObject([
      {},
      { result: { output: "done 2" }, latency_ms: 5 },
      {},
    ]);
    expect(await take(session([stepAt(1), open]))).toBe("duplicate");
    await isStored();
  });

  it("replaces what was rewound by what is newer, in the database too", async () => {
    await take(session(until(4)));
    await isStored();
    const other = [stepAt(1), stepAt(2, { tool: "other", at: at(6) })];
    expect(await take(session(other, { ended_at: at(6) }))).toBe("updated");
    expect(toolsOf(await seen())).toEqual(["tool_1", "other"]);
    await isStored();
    // What is older than that changes nothing any more.
    expect(await take(session(until(4)))).toBe("duplicate");
    // Nothing was sent between: what waits is counted as it is.
    await take(session([...other, stepAt(3, { at: at(7) })], { ended_at: at(7) }));
    await take(session([stepAt(1, { tool: "a", at: at(8) })], { ended_at: at(8) }));
    const [row] = cluster.local(0).all("SELECT steps FROM outbox WHERE table_name = 'episodes'");
    expect([row?.["steps"], toolsOf(await seen())]).toEqual([1, ["a"]]);
    await isStored();
  });

  it("keeps what was amended here, until the origin says otherwise", async () => {
    await take(session(until(1)));
    const changes = { task: "amended", metadata: { session: "s", by: "me" } };
    await cluster.do("episode.patch", { id: "e", if_match: null, changes });
    expect(await take(session(until(2)))).toBe("updated");
    expect(await seen()).toMatchObject(changes);
    expect(await take(session(until(2), { task: "renamed", metadata: { session: "t" } }))).toBe(
      "updated",
    );
    expect(await seen()).toMatchObject({ task: "renamed", metadata: { session: "t", by: "me" } });
  });

  it("follows what the origin says of its context, and keeps what that leaves open", async () => {
    const { context } = session([]);
    await take(session(until(1), { context: { ...context, domain: "coding", tags: ["a"] } }));
    const open = { ...context, domain: "", language: "ts", tags: ["b"] };
    expect(await take(session(until(1), { context: open }))).toBe("updated");
    expect(await seen()).toMatchObject({
      context: { domain: "coding", language: "ts", tags: ["b", "a"] },
    });
    expect(await take(session(until(1), { context: open }))).toBe("duplicate");
  });

  it("ends as the newest of all that is known of a session, made at random", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = randomOf(seed);
      const below = (count: number): number => Math.floor(random() * count);
      cluster = new NodeInstances(1);
      // A session as it was at some moments: the last calls of it may not be answered yet.
      const length = 2 + below(12);
      const snapshots = Array.from({ length: 2 + below(6) }, () => {
        const count = 1 + below(length);
        const open = below(3);
        const steps = until(count).map((step, i) =>
          i >= count - open ? { ...step, result: null, latency_ms: null } : step,
        );
        return session(steps, random() < 0.3 ? judged("success") : {});
      });
      const answers = await Promise.all(snapshots.map((line) => take(line)));
      expect(answers.filter((status) => status === "created")).toHaveLength(1);

      const { steps, outcome } = await seen();
      const count = Math.max(...snapshots.map((line) => line.steps.length));
      const answered = (i: number): boolean => snapshots.some((line) => line.steps[i]?.result);
      expect(steps, `seed ${seed}`).toEqual(
        until(count).map((step, i) =>
          answered(i) ? step : { ...step, result: null, latency_ms: null },
        ),
      );
      expect(outcome !== null).toBe(snapshots.some((line) => line.outcome !== null));
      for (const line of snapshots) expect(await take(line)).toBe("duplicate");
      await isStored();
    }
  });

  it("refuses another run under the same id, and without `update` any other content", async () => {
    await take(session(until(2)));
    const strange = session([stepAt(1, { tool: "x", parameters: { y: 1 } })], {
      task: "else",
      ended_at: at(9),
    });
    await expect(take(strange)).rejects.toThrow("another run");
    const line = session(until(3));
    await expect(cluster.do("episode.import", { id: "e", episode: line })).rejects.toThrow(
      "conflict",
    );
    expect((await seen()).step_count).toBe(2);
  });

  it("ends an episode that ran, and learns it", async () => {
    await take(session(until(1), { status: null }));
    expect((await seen()).status).toBe("in_progress");
    expect(await take(session(until(2), judged("success")))).toBe("updated");
    expect(await seen()).toMatchObject({ status: "completed", step_count: 2, ended_at: at(2) });
    expect(await cluster.counted(0, "memory_episode_completed_total")).toBe(1);
    await isStored();
  });

  it("is refused where the episode would be larger than one may be, and changes nothing", async () => {
    await take(session(until(1)));
    const large = { result: { type: "success" as const, output: "x".repeat(60_000) } };
    const many = Array.from({ length: 200 }, (_, i) => stepAt(i + 1, i === 0 ? {} : large));
    await expect(take(session(many))).rejects.toThrow("limit_exceeded");
    expect((await seen()).step_count).toBe(1);
    await isStored();
  });

  it("reaches the namespace's home where that is elsewhere", async () => {
    cluster = new NodeInstances(3);
    const of = (n: number, line: Line) =>
      cluster.do("episode.import", { id: `e${n}`, episode: line, on_conflict: "update" });
    for (let n = 0; n < 6; n++) await of(n, session(until(2), judged("success")));
    for (let n = 0; n < 6; n++) await of(n, session(until(4), judged("success")));
    const whole = new NodeInstances(3);
    for (let n = 0; n < 6; n++)
      await whole.do("episode.import", {
        id: `e${n}`,
        episode: session(until(4), judged("success")),
      });
    expect(await learned(cluster)).toEqual(await learned(whole));
  });
});
