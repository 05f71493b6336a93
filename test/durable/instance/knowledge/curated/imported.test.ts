import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../../../src/contract/limits.ts";
import { NodeInstances } from "../../../../support/instances.ts";
import {
  addLesson,
  lessonsOf,
  recallOf,
  removeEpisode,
  runEpisode,
  said,
} from "../../../../support/curated.ts";

const FLIGHT = "Ask for the fare class before you change a flight.";

describe("evidence of a lesson that an import brings", () => {
  const entry = { episode_id: null, success: 0, failure: 0 };
  const use = (source: string, at: string) => ({
    ...entry,
    source,
    at,
    success: 1_000,
    statement: null,
  });

  it("is shown as imported, beside what happened here, and is exported as that", async () => {
    const cluster = new NodeInstances(1);
    const { id } = await addLesson(cluster, FLIGHT);
    await runEpisode(cluster, "t", { lessons: [said(FLIGHT)] });
    const [line] = (await cluster.do("lessons.export", { cursor: null })).items;
    if (!line) throw new Error("no line");
    const at = new Date(cluster.now).toISOString();
    const made = { ...line, evidence: [...line.evidence, use("r:one", at), use("r:two", at)] };
    for (const given of [made, line, made]) await cluster.do("lessons.import", given);
    const evidenceOf = async (call = {}) =>
      (await cluster.do("lessons.get", { lesson_id: id }, call)).evidence;
    expect(await evidenceOf()).toMatchObject({ said: 2, used: 2, imported: 2 });

    const elsewhere = { namespace: "other" };
    for (const given of (await cluster.do("lessons.export", { cursor: null })).items)
      await cluster.do("lessons.import", given, elsewhere);
    expect(await evidenceOf(elsewhere)).toMatchObject({ said: 2, used: 2, imported: 4 });
    const [again] = (await cluster.do("lessons.export", { cursor: null }, elsewhere)).items;
    expect(again?.evidence.map(({ source }) => source.slice(0, 4)).sort()).toEqual([
      "i:e:",
      "i:p:",
      "i:r:",
      "i:r:",
    ]);
  });

  it("says nothing in the name of a key that has not said it, and hinders none that does", async () => {
    const cluster = new NodeInstances(1);
    const { id } = await addLesson(cluster, FLIGHT);
    const [line] = (await cluster.do("lessons.export", { cursor: null })).items;
    if (!line) throw new Error("no line");
    const other = { namespace: "other" };
    // Ahead of what the key says today.
    await cluster.do("lessons.import", line, other);
    const later = await addLesson(cluster, FLIGHT, {}, other);
    expect(later).toMatchObject({ id, is_new: false, evidence: { said: 2, imported: 1 } });
  });

  it("is of no time to come: it ages, and what is said next is the later word", async () => {
    const cluster = new NodeInstances(1);
    const { id } = await addLesson(cluster, FLIGHT);
    const [line] = (await cluster.do("lessons.export", { cursor: null })).items;
    if (!line) throw new Error("no line");
    const at = "2990-01-01T00:00:00.000Z";
    const evidence = [use("r:one", at), { ...line.evidence[0], source: "p:x:1", at }];
    const deleted = { ...line, updated_at: at, deleted_at: at, evidence: [] };
    await cluster.do("lessons.import", { ...line, evidence } as typeof line);
    const lesson = await cluster.do("lessons.get", { lesson_id: id });
    const minutes = 60_000;
    expect(Date.parse(lesson.said_at)).toBeLessThanOrEqual(cluster.now + 5 * minutes);
    cluster.now += 60 * 86_400_000;
    const aged = await cluster.do("lessons.get", { lesson_id: id });
    expect(aged.evidence.success).toBeLessThan(0.5);

    await cluster.do("lessons.import", deleted);
    expect(await lessonsOf(cluster)).toEqual([]);
    cluster.now += 10 * minutes;
    expect(await addLesson(cluster, FLIGHT)).toMatchObject({ id, is_new: true });
  });

  it("takes the place of nothing that happened here, however much it is", async () => {
    const cluster = new NodeInstances(1);
    const { id } = await addLesson(cluster, FLIGHT);
    const [line] = (await cluster.do("lessons.export", { cursor: null })).items;
    if (!line) throw new Error("no line");
    cluster.now += 1_000;
    const at = new Date(cluster.now).toISOString();
    const many = Array.from({ length: LIMITS.lesson_evidence_max }, (_, i) => use(`r:${i}`, at));
    await cluster.do("lessons.import", { ...line, evidence: many });
    const { evidence } = await cluster.do("lessons.get", { lesson_id: id });
    const most = LIMITS.lesson_evidence_max - 1;
    expect(evidence).toMatchObject({ said: 1, used: most, imported: most });
  });

  it("is not counted twice with the episode that said it, whichever comes first", async () => {
    const cluster = new NodeInstances(1);
    const { id: episode, ended } = await runEpisode(cluster, "t", { lessons: [said(FLIGHT)] });
    const [id = ""] = ended.lessons?.map((one) => one.id) ?? [];
    const [line] = (await cluster.do("lessons.export", { cursor: null })).items;
    if (!line) throw new Error("no line");
    await cluster.do("lessons.import", line);
    expect((await cluster.do("lessons.get", { lesson_id: id })).evidence).toMatchObject({
      said: 1,
      imported: 0,
    });
    await removeEpisode(cluster, episode);
    expect(await lessonsOf(cluster)).toEqual([]);

    // The lesson's line before the episode ends.
    const next = await cluster.start("t");
    const [first] = line.evidence;
    if (!first) throw new Error("nobody said it");
    const ahead = { ...first, source: `e:${next}`, episode_id: next };
    await cluster.do("lessons.import", { ...line, evidence: [ahead] });
    const outcome = await runEpisode(cluster, "t", { id: next, lessons: [said(FLIGHT)] });
    expect(outcome.ended.lessons).toEqual([{ id, is_new: false }]);
    const { evidence } = await cluster.do("lessons.get", { lesson_id: id });
    expect(evidence).toMatchObject({ said: 1, imported: 1 });
  });

  it("is approved by nobody where a review is required, whatever it says of itself", async () => {
    const cluster = new NodeInstances(1);
    await cluster.do("review.set", { learning_review: "required" });
    const { id } = await addLesson(cluster, FLIGHT);
    const [line] = (await cluster.do("lessons.export", { cursor: null })).items;
    if (!line) throw new Error("no line");
    const at = new Date(cluster.now).toISOString();
    const many = Array.from({ length: 100 }, (_, i) => use(`r:${i}`, at));
    await cluster.do("lessons.import", { ...line, evidence: many });
    expect((await recallOf(cluster, "change a flight")).lessons).toEqual([]);
    expect(await lessonsOf(cluster, { state: "pending" })).toMatchObject([
      { id, evidence: { used: 100, imported: 100 } },
    ]);
  });
});
