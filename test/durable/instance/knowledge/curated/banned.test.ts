import { describe, expect, it } from "vitest";
import { NodeInstances } from "../../../../support/instances.ts";
import { addLesson, adviceOf, decide, lessonsOf, recallOf } from "../../../../support/curated.ts";

const FLIGHT = "Ask for the fare class before you change a flight.";

describe("a lesson that was banned", () => {
  const KINDS = ["do", "avoid", "fact"] as const;
  const shown = async (cluster: NodeInstances): Promise<string[]> => {
    const recalled = (await recallOf(cluster, "change a flight")).lessons ?? [];
    const advised = (await adviceOf(cluster, "change a flight")).lessons ?? [];
    return [...recalled, ...advised].map(({ text }) => text);
  };

  it.each(["ban", "reject"] as const)(
    "is nowhere as another kind either, said before or since: %s",
    async (action) => {
      const cluster = new NodeInstances(1);
      const { id } = await addLesson(cluster, FLIGHT, { kind: "avoid" });
      const { id: before } = await addLesson(cluster, FLIGHT, { kind: "do" });
      expect(before).not.toBe(id);
      expect(await shown(cluster)).toContain(FLIGHT);
      await decide(cluster, "lesson", id, action);
      expect(await shown(cluster)).toEqual([]);
      // In words that are hardly others, too.
      await addLesson(cluster, `Please always ${FLIGHT.toLowerCase()}`, { kind: "fact" });
      expect(await shown(cluster)).toEqual([]);
      expect(await lessonsOf(cluster, { state: "active" })).toEqual([]);
      // What says something else is shown.
      await addLesson(cluster, "Ask for the name before you change a flight.");
      expect(await shown(cluster)).toContain("Ask for the name before you change a flight.");

      const undone = action === "ban" ? "unban" : "clear";
      await decide(cluster, "lesson", id, undone);
      expect(await shown(cluster)).toContain(FLIGHT);
    },
  );

  it("does not come back in the words that its author gives to another", async () => {
    const cluster = new NodeInstances(1);
    const { id } = await addLesson(cluster, FLIGHT);
    await decide(cluster, "lesson", id, "ban");
    const other = await addLesson(cluster, "The lamp of a flight is blue.");
    await cluster.do("lessons.amend", { lesson_id: other.id, changes: { text: FLIGHT } });
    expect(await shown(cluster)).toEqual([]);
  });

  it("says nothing about another domain, nor about what a person approved", async () => {
    const cluster = new NodeInstances(1);
    const of = (domain: string) => ({ applies_to: { tools: [], domain, tags: [], task: null } });
    const { id } = await addLesson(cluster, FLIGHT, { kind: "avoid", ...of("airline") });
    const trains = await addLesson(cluster, FLIGHT, of("trains"));
    const same = await addLesson(cluster, FLIGHT, of("airline"));
    await decide(cluster, "lesson", id, "ban");
    const active = async () =>
      (await lessonsOf(cluster, { state: "active" })).map((one) => one.id).sort();
    expect(await active()).toEqual([trains.id]);
    await decide(cluster, "lesson", same.id, "approve");
    expect(await active()).toEqual([trains.id, same.id].sort());
  });

  it("hides no lesson whose place another kind of it was to take", async () => {
    const cluster = new NodeInstances(1);
    const good = await addLesson(cluster, "Ask for the name before you change a flight.");
    const { id } = await addLesson(cluster, FLIGHT, { kind: "avoid" });
    await decide(cluster, "lesson", id, "ban");
    for (const kind of KINDS)
      await addLesson(cluster, FLIGHT, { kind, supersedes: good.id }).catch(() => null);
    expect((await lessonsOf(cluster, { state: "active" })).map((one) => one.id)).toEqual([good.id]);
  });
});
