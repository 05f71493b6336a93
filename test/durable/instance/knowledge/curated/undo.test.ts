import fc from "fast-check";
import { expect, it } from "vitest";
import { NodeInstances } from "../../../../support/instances.ts";
import {
  lessonsOf,
  recallOf,
  removeEpisode,
  runEpisode,
  said,
} from "../../../../support/curated.ts";

/** Wordings of a few lessons: what an episode says is one of them. */
const WORDINGS = [
  ["Run the tests before you push.", "Always run tests before pushing!"],
  ["Ask for the fare class first.", "Please ask for the fare class first"],
  ["Invoices to Germany carry 19 % VAT.", "Invoices to Germany carry 19 % VAT"],
] as const;

interface Run {
  lesson: 0 | 1 | 2;
  wording: 0 | 1;
  /** It names a recall that it had asked for. */
  recalls: boolean;
  succeeds: boolean;
  /** It is deleted in the end. */
  isDeleted: boolean;
}

const run = fc.record<Run>({
  lesson: fc.constantFrom(0, 1, 2),
  wording: fc.constantFrom(0, 1),
  recalls: fc.boolean(),
  succeeds: fc.boolean(),
  isDeleted: fc.boolean(),
});

/** What there is of lessons afterwards, but for ids and when they were stored. */
async function after(runs: readonly Run[], isLived: (run: Run) => boolean): Promise<unknown> {
  const cluster = new NodeInstances(1);
  const deleted: string[] = [];
  for (const one of runs) {
    if (!isLived(one)) {
      cluster.now += 1_000;
      continue;
    }
    const text = WORDINGS[one.lesson][one.wording];
    // Those that live ask for the lessons that are there of those that live, and so for no other.
    const asks = one.recalls && one.isDeleted;
    const recall_id = asks ? (await recallOf(cluster, text)).recall_id : null;
    const { id } = await runEpisode(cluster, "a task", {
      lessons: [said(text)],
      recall_id,
      outcome: one.succeeds ? "success" : "failure",
    });
    if (one.isDeleted) deleted.push(id);
  }
  for (const id of deleted) await removeEpisode(cluster, id);
  const lessons = await lessonsOf(cluster, { state: "all" });
  return lessons
    .map(({ text, wordings, evidence, created_at, said_at, state }) => {
      return { text, wordings, evidence, created_at, said_at, state };
    })
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}

it("the deletion of episodes takes all that they said and proved of lessons back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 8 }), async (runs) => {
      const undone = await after(runs, () => true);
      const never = await after(runs, ({ isDeleted }) => !isDeleted);
      expect(undone).toEqual(never);
    }),
    { numRuns: 20 },
  );
});
