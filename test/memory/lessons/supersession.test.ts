import { describe, expect, it } from "vitest";
import {
  chooseLessons,
  countEvidence,
  lessonTerms,
  TermWeights,
  type Choice,
  type Choosable,
  type LessonQuestion,
} from "../../../src/memory/lessons/index.ts";
import { BOTH_HOLD, PAIRS, type Pair } from "./pairs.ts";

const BOUNDS = { lessons: 5, characters: 2_000 };
const question = (task: string): LessonQuestion => ({
  task,
  domain: null,
  tags: [],
  tools: [],
  next_tool: null,
  planned: [],
  error: null,
});

function lessonOf(id: string, text: string, said_at: string): Choosable {
  const applies_to = { tools: [], domain: null, tags: [], task: null };
  const terms = lessonTerms(text);
  return { id, text, applies_to, terms, subject: terms.terms, said_at, pinned: false };
}

/** Both lessons of all pairs; which is `older` the ids tell nothing of. */
function lessonsOf(pairs: readonly Pair[]): Choosable[] {
  return pairs.flatMap(({ older, newer }, i) => [
    lessonOf(`b${i}`, older, "2026-01-01T00:00:00.000Z"),
    lessonOf(`a${i}`, newer, "2026-02-01T00:00:00.000Z"),
  ]);
}

function ask(task: string, lessons: readonly Choosable[]): Choice<Choosable>[] {
  const weights = new TermWeights(lessons.map(({ subject }) => subject));
  const evidence = (ids: readonly string[]) => new Map(ids.map((id) => [id, countEvidence([], 0)]));
  return chooseLessons(question(task), { lessons, weights, evidence, usual: 0.5 }, BOUNDS);
}

/** Whether the later word of a pair is there, and the earlier one not before it. */
function isLaterFirst(i: number, { task }: Pair, lessons: readonly Choosable[]): boolean {
  const ids = ask(task, lessons).map(({ lesson }) => lesson.id);
  const [newer, older] = [ids.indexOf(`a${i}`), ids.indexOf(`b${i}`)];
  return newer >= 0 && (older < 0 || newer < older);
}

describe("of two lessons of which the later amends the other", () => {
  it("the later one is first, or alone, where nobody marked it: in 49 of 50", () => {
    const lessons = lessonsOf(PAIRS);
    const wrong = PAIRS.filter((pair, i) => !isLaterFirst(i, pair, lessons));
    expect(PAIRS).toHaveLength(50);
    expect(wrong.length, wrong.map(({ task }) => task).join("\n")).toBeLessThanOrEqual(1);
  });

  it("the later one is shown alone where it was marked: in all of 50", () => {
    // As a namespace has it: the older is not chosen from, and its words find the one that took its
    // place.
    const all = lessonsOf(PAIRS);
    const lessons = all.flatMap((lesson, i) => {
      const older = all[i - 1];
      if (!lesson.id.startsWith("a") || !older) return [];
      return [{ ...lesson, subject: new Set([...lesson.subject, ...older.subject]) }];
    });
    const wrong = PAIRS.filter((pair, i) => !isLaterFirst(i, pair, lessons));
    expect(wrong.map(({ task }) => task)).toEqual([]);
  });

  it("says so for most of them, and seldom for one that only adds something", () => {
    const amends = (pairs: readonly Pair[], from: number, lessons: readonly Choosable[]): number =>
      pairs.filter(({ task }, i) =>
        ask(task, lessons).some(
          ({ lesson, amends: other }) => lesson.id === `a${from + i}` && other === `b${from + i}`,
        ),
      ).length;
    const lessons = lessonsOf([...PAIRS, ...BOTH_HOLD]);
    expect(amends(PAIRS, 0, lessons)).toBeGreaterThanOrEqual(40);
    expect(BOTH_HOLD).toHaveLength(10);
    expect(amends(BOTH_HOLD, PAIRS.length, lessons)).toBeLessThanOrEqual(1);
  });

  it("and of one that fits no task of theirs nothing is shown", () => {
    const lessons = lessonsOf(PAIRS);
    const foreign = ["Knit a scarf for my aunt", "What is the tallest mountain?", "qwe rty uiop"];
    expect(foreign.flatMap((task) => ask(task, lessons))).toEqual([]);
  });
});
