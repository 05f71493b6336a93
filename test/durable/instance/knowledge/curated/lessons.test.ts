import { describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../../../src/contract/limits.ts";
import { CuratedRows } from "../../../../../src/durable/instance/knowledge/curated/curated-rows.ts";
import { lessonId } from "../../../../../src/memory/lessons/index.ts";
import { DatabaseError, upsertRow } from "../../../../../src/storage/index.ts";
import { NodeInstances } from "../../../../support/instances.ts";
import {
  addLesson,
  adviceOf,
  decide,
  lessonsOf,
  NO_TARGET,
  recallOf,
  removeEpisode,
  runEpisode,
  said,
} from "../../../../support/curated.ts";

const DAY = 86_400_000;
/** Evidence of some seconds ago counts a little less. */
const near = (value: number): number => expect.closeTo(value, 3) as number;
const FLIGHT = "Ask for the fare class before you change a flight.";

describe("a lesson", () => {
  it("that is said again in other words is one, with more evidence", async () => {
    const cluster = new NodeInstances(1);
    const first = await addLesson(cluster, FLIGHT);
    cluster.now += 1_000;
    const { ended } = await runEpisode(cluster, "change a flight", {
      lessons: [said("Always ask for the fare class before changing a flight!")],
    });
    expect(ended.lessons).toEqual([{ id: first.id, is_new: false }]);
    const [lesson, ...others] = await lessonsOf(cluster);
    expect(others).toEqual([]);
    expect(lesson).toMatchObject({
      id: first.id,
      text: FLIGHT,
      state: "active",
      by: "operator",
      evidence: { said: 2, used: 0, rate: null },
      wordings: ["Always ask for the fare class before changing a flight!"],
    });
  });

  it("of the same key counts once a day", async () => {
    const cluster = new NodeInstances(1);
    await addLesson(cluster, FLIGHT);
    expect(await addLesson(cluster, FLIGHT)).toMatchObject({
      is_new: false,
      evidence: { said: 1 },
    });
    cluster.now += DAY;
    expect(await addLesson(cluster, FLIGHT)).toMatchObject({
      is_new: false,
      evidence: { said: 2 },
    });
  });

  it("is another one where a number, a negation or the kind differs", async () => {
    const cluster = new NodeInstances(1);
    const texts = [
      "The staging database listens on port 5432.",
      "The staging database listens on port 6432.",
      "The staging database never listens on port 5432.",
    ];
    for (const text of texts) expect((await addLesson(cluster, text)).is_new).toBe(true);
    expect((await addLesson(cluster, texts[0] ?? "", { kind: "fact" })).is_new).toBe(true);
  });

  it("is recalled for a task that it fits, advised for its tool, handed over, and found", async () => {
    const cluster = new NodeInstances(1);
    const applies_to = { ...NO_TARGET, tools: ["update_flight"] };
    const { id } = await addLesson(cluster, FLIGHT, { applies_to });
    await addLesson(cluster, "Invoices to Germany carry 19 % VAT.", { kind: "fact" });
    const ids = (answer: { lessons?: { id: string }[] | undefined }) =>
      (answer.lessons ?? []).map((lesson) => lesson.id);

    expect(
      ids(await recallOf(cluster, "Change the flight of a passenger, the fare class is basic")),
    ).toEqual([id]);
    expect(ids(await recallOf(cluster, "Water the plants"))).toEqual([]);
    expect(
      ids(await recallOf(cluster, "Change the flight, fare class", { include: ["episodes"] })),
    ).toEqual([]);
    expect(ids(await adviceOf(cluster, "something else", { next_tool: "update_flight" }))).toEqual([
      id,
    ]);
    expect(ids(await adviceOf(cluster, "something else"))).toEqual([]);
    const episode = await cluster.start("Change a flight of the first fare class");
    const pack = await cluster.do("episode.handoff", { id: episode, checkpoint_id: null });
    expect(ids(pack)).toEqual([id]);
    expect((await lessonsOf(cluster, { q: "flight" })).map((one) => one.id)).toEqual([id]);
    expect((await lessonsOf(cluster, { tool: "update_flight" })).map((one) => one.id)).toEqual([
      id,
    ]);
    expect((await cluster.do("lessons.get", { lesson_id: id })).shown).toBe(2);
  });

  it("is about the tools that its words name, and shown before them and with a playbook of them", async () => {
    const cluster = new NodeInstances(1);
    const text = "Never run vacuum to bring a replica up again; use sync_replica.";
    const { id } = await addLesson(cluster, text, { kind: "avoid" });
    const vacuuming = { ...NO_TARGET, tools: ["fetch_schema"] };
    const other = await addLesson(cluster, "Ask who owns it.", { applies_to: vacuuming });
    const ids = (answer: { lessons?: { id: string }[] | undefined }) =>
      (answer.lessons ?? []).map((lesson) => lesson.id);
    const before = async (next_tool: string, domain?: string) =>
      ids(
        await adviceOf(cluster, "Migrate table prices", {
          next_tool,
          context: domain ? { domain } : {},
        }),
      );

    expect(await before("vacuum")).toEqual([id]);
    expect(await before("sync_replica")).toEqual([id]);
    for (const part of ["vac", "sync", "replica_up", "Vacuum", "run_migration"])
      expect(await before(part), part).toEqual([]);

    const task = "Migrate table prices";
    expect(ids(await recallOf(cluster, task))).toEqual([]);
    await runEpisode(cluster, "Migrate table orders", { tools: ["fetch_schema", "sync_replica"] });
    const recalled = await recallOf(cluster, task);
    expect(recalled.playbook?.steps.map(({ tool }) => tool)).toContain("sync_replica");
    expect(ids(recalled).sort()).toEqual([id, other.id].sort());
    expect(ids(await recallOf(cluster, task, { include: ["lessons"] }))).toEqual([]);

    const applies_to = { ...NO_TARGET, domain: "archive" };
    await cluster.do("lessons.amend", { lesson_id: id, changes: { applies_to } });
    expect(await before("vacuum", "shop")).toEqual([]);
    expect(await before("vacuum", "archive")).toEqual([id]);
  });

  it("applies in its domain alone", async () => {
    const cluster = new NodeInstances(1);
    await addLesson(cluster, FLIGHT, { applies_to: { ...NO_TARGET, domain: "airline" } });
    const recalled = async (domain?: string) =>
      (
        await recallOf(cluster, "change a flight, ask for the fare", {
          context: domain ? { domain } : {},
        })
      ).lessons;
    expect(await recalled("airline")).toHaveLength(1);
    expect(await recalled()).toHaveLength(1);
    expect(await recalled("rail")).toEqual([]);
  });

  it("counts how its uses ended, and what people say of them; all of it can be taken back", async () => {
    const cluster = new NodeInstances(1);
    const { id } = await addLesson(cluster, FLIGHT);
    const evidence = async () => (await cluster.do("lessons.get", { lesson_id: id })).evidence;
    const before = await evidence();

    const good = await recallOf(cluster, "change a flight, ask for the fare class");
    const used = await runEpisode(cluster, "change a flight", { recall_id: good.recall_id });
    expect(await evidence()).toMatchObject({ used: 1, success: near(1), failure: 0, rate: 1 });
    const bad = await recallOf(cluster, "change a flight, ask for the fare class");
    const failed = await runEpisode(cluster, "change a flight", {
      recall_id: bad.recall_id,
      outcome: "failure",
    });
    expect(await evidence()).toMatchObject({ used: 2, success: near(1), failure: near(1) });

    // Who judges a recall replaces what its episode came to.
    const judge = { recall_id: bad.recall_id, used: [id], helpful: true, rating: null };
    expect(await cluster.do("feedback", judge)).toMatchObject({ counted: 1, unknown: [] });
    expect(await evidence()).toMatchObject({ used: 2, success: near(2), failure: 0 });
    await cluster.do("feedback", { ...judge, used: [] });
    expect(await evidence()).toMatchObject({ used: 1, success: near(1), failure: 0 });

    await removeEpisode(cluster, failed.id);
    await removeEpisode(cluster, used.id);
    expect(await evidence()).toEqual(before);
  });

  it("decays, and leaves out what misleads", async () => {
    const cluster = new NodeInstances(1);
    const { id } = await addLesson(cluster, FLIGHT);
    const recalled = () => recallOf(cluster, "change a flight, ask for the fare class");
    for (let n = 0; n < 6; n++) {
      const { recall_id } = await recalled();
      await cluster.do("feedback", { recall_id, used: [id], helpful: false, rating: null });
    }
    expect((await recalled()).lessons).toEqual([]);
    cluster.now += 1_500 * DAY;
    expect((await cluster.do("lessons.get", { lesson_id: id })).evidence.failure).toBeLessThan(0.1);
    expect((await recalled()).lessons).toHaveLength(1);
  });

  it("goes with the only episode that said it, unless a person decided about it", async () => {
    const cluster = new NodeInstances(1);
    const one = await runEpisode(cluster, "t", { lessons: [said(FLIGHT)] });
    const two = await runEpisode(cluster, "t", { lessons: [said("Say who you are first.")] });
    const [kept = ""] = two.ended.lessons?.map(({ id }) => id) ?? [];
    await decide(cluster, "lesson", kept, "pin");
    await removeEpisode(cluster, one.id);
    await removeEpisode(cluster, two.id);
    expect((await lessonsOf(cluster)).map(({ id, evidence }) => [id, evidence.said])).toEqual([
      [kept, 0],
    ]);
  });

  it("is amended, deleted, and does not come back with what is older", async () => {
    const cluster = new NodeInstances(1);
    const { id } = await addLesson(cluster, FLIGHT);
    await runEpisode(cluster, "t", { lessons: [said(FLIGHT)] });
    const amended = await cluster.do("lessons.amend", {
      lesson_id: id,
      changes: { text: "Ask first." },
    });
    expect(amended).toMatchObject({ id, text: "Ask first.", kind: "do" });
    const lines = (await cluster.do("lessons.export", { cursor: null })).items;
    cluster.now += 1_000;
    await cluster.do("lessons.remove", { lesson_id: id });
    expect(await lessonsOf(cluster, { state: "all" })).toEqual([]);
    for (const line of lines) await cluster.do("lessons.import", line);
    expect(await lessonsOf(cluster, { state: "all" })).toEqual([]);
    cluster.now += 1_000;
    expect(await addLesson(cluster, FLIGHT)).toMatchObject({
      id,
      is_new: true,
      evidence: { said: 1 },
    });
  });

  it("that takes the place of another hides it, and is found by its words; the way back as well", async () => {
    const cluster = new NodeInstances(1);
    const old = await addLesson(cluster, "Deploy services with kubectl apply.");
    cluster.now += 1_000;
    const text = "Argo CD rolls everything out.";
    const later = await addLesson(cluster, text, { supersedes: old.id });
    expect(later.supersedes).toEqual([old.id]);
    const recalled = async () =>
      (await recallOf(cluster, "deploy the services with kubectl")).lessons?.map(({ id }) => id);
    expect(await recalled()).toEqual([later.id]);
    expect((await lessonsOf(cluster)).map(({ id }) => id)).toEqual([later.id]);
    const superseded = await cluster.do("lessons.get", { lesson_id: old.id });
    expect(superseded).toMatchObject({ state: "superseded", superseded_by: later.id });

    // The first decision is the later word again.
    cluster.now += 1_000;
    await addLesson(cluster, "Deploy services with kubectl apply.", { supersedes: later.id });
    expect(await recalled()).toEqual([old.id]);
    await cluster.do("lessons.amend", { lesson_id: old.id, changes: { supersedes: null } });
    expect((await lessonsOf(cluster)).length).toBe(2);
    const self = addLesson(cluster, text, { supersedes: later.id });
    await expect(self).rejects.toThrow("conflict");
    await expect(addLesson(cluster, "x y z", { supersedes: "nobody" })).rejects.toThrow(
      "not_found",
    );
  });
});

it("an episode that is learned anew undoes nothing that was made of its lessons", async () => {
  const cluster = new NodeInstances(1);
  const old = await addLesson(cluster, "Deploy services with kubectl apply.");
  cluster.now += 1_000;
  const later = said("Argo CD rolls everything out.", { supersedes: old.id });
  const { id, ended } = await runEpisode(cluster, "t", { lessons: [later, said(FLIGHT)] });
  const [first, second] = (ended.lessons ?? []).map((lesson) => lesson.id);
  expect((await lessonsOf(cluster, { state: "superseded" })).map((one) => one.id)).toEqual([
    old.id,
  ]);
  await cluster.do("lessons.amend", { lesson_id: first ?? "", changes: { supersedes: null } });
  await cluster.do("lessons.remove", { lesson_id: second ?? "" });
  await cluster.do("episode.tags.add", { id, tags: ["amended"] });
  const left = (await lessonsOf(cluster, { state: "all" })).map((one) => [one.id, one.state]);
  expect(left.map(String).sort()).toEqual(
    [
      [first, "active"],
      [old.id, "active"],
    ]
      .map(String)
      .sort(),
  );
});

describe("lessons", () => {
  it("stay in their namespace, and go with it", async () => {
    const cluster = new NodeInstances(1);
    await addLesson(cluster, FLIGHT);
    const other = { namespace: "other" };
    expect((await cluster.do("lessons.list", { limit: 10, cursor: null }, other)).items).toEqual(
      [],
    );
    await cluster.flush();
    await recallOf(cluster, "change a flight, ask for the fare class");
    await cluster.do("namespace.erase", { name: "n" });
    cluster.beforeDatabase = () => {
      throw new DatabaseError("unreachable", "ECONNREFUSED", null);
    };
    const gone = await recallOf(cluster, "change a flight, ask for the fare class");
    expect(gone.lessons).toEqual([]);
    await cluster.heal();
    await cluster.heal();
    expect(await lessonsOf(cluster, { state: "all" })).toEqual([]);
    for (const table of ["lessons", "lesson_evidence", "curation"])
      expect(cluster.stored.all(`SELECT count(*) AS n FROM ${table}`)).toEqual([{ n: 0 }]);
  });

  it("come from the database where an instance lost its storage, and move to another home", async () => {
    const cluster = new NodeInstances(2);
    const { id } = await addLesson(cluster, FLIGHT);
    await runEpisode(cluster, "t", { lessons: [said(FLIGHT)] });
    const before = await cluster.do("lessons.get", { lesson_id: id });
    await cluster.flush();
    for (const index of [0, 1]) cluster.lose(index);
    expect(await cluster.do("lessons.get", { lesson_id: id })).toEqual(before);

    const unsent = await addLesson(cluster, "Say who you are first.");
    let count = 3;
    while (cluster.homeOf("ns:n", count) === cluster.homeOf("ns:n")) count += 1;
    await cluster.resize(count);
    await cluster.settle();
    const ids = (await lessonsOf(cluster)).map((lesson) => lesson.id).sort();
    expect(ids).toEqual([id, unsent.id].sort());
    await removeEpisode(cluster, (await runEpisode(cluster, "t")).id);
  });

  it("of one episode's end are compared with those before, which are read once for all of them", async () => {
    const cluster = new NodeInstances(1);
    for (let n = 0; n < 30; n++) await addLesson(cluster, `The gate ${n} closes at ${n} past ten.`);
    const idOf = (text: string): string => lessonId({ text, kind: "do", domain: null });
    const texts = Array.from({ length: 6 }, (_, n) => `The desk ${n} opens at ${n} past nine.`);
    const [first = ""] = texts;
    const [late, never] = ["Desks open late on sundays.", "No clerk works on any sunday."];
    const lessons = [
      ...texts.map((text) => said(text)),
      said("The desk 0 opens at 0 past nine!"),
      said("The gate 7 closes at 7 past ten!"),
      said(late, { supersedes: idOf(first) }),
      said(never, { supersedes: idOf(late) }),
    ];

    const all = vi.spyOn(CuratedRows.prototype, "lessons");
    const { ended } = await runEpisode(cluster, "open a desk", { lessons });
    const reads = all.mock.calls.length;
    all.mockRestore();
    expect(reads).toBe(1);
    const isNew = ended.lessons?.map(({ is_new }) => is_new);
    expect(isNew).toEqual([...texts.map(() => true), false, false, true, true]);
    const shown = (await lessonsOf(cluster)).map(({ text }) => text);
    expect(shown).toHaveLength(36);
    expect(shown).toContain(never);
    expect(shown).not.toContain(late);
    expect(shown).not.toContain(first);
  });

  it("are bounded in number; what an episode says beyond is left out, and the episode ends", async () => {
    const cluster = new NodeInstances(1);
    await lessonsOf(cluster);
    for (let n = 0; n < LIMITS.lessons_max; n++) {
      const first = { ...said(`lesson number ${n}`), source: "", by: "operator" };
      const at = new Date(cluster.now).toISOString();
      const record = { first, wordings: [], created_at: at, said_at: at };
      const body = { said: record, amended: null, superseded_by: null, deleted_at: null };
      cluster.local(0).run(upsertRow("lessons"), "n", `l${n}`, 0, JSON.stringify(body));
    }
    cluster.restart(0);
    await expect(addLesson(cluster, "one more")).rejects.toThrow("limit_exceeded");
    const { ended } = await runEpisode(cluster, "t", { lessons: [said("and one more")] });
    expect(ended).toMatchObject({ status: "completed", lessons: [] });
  });
});
