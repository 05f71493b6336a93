/**
 * Says lessons in words: what agents and people wrote down, with how it went. Pure.
 *
 * @module
 */

import { outOf, rateOf } from "../text/numbers.ts";
import { linesOf, type Section } from "../text/sections.ts";
import { codeOf, named } from "../text/stored-text.ts";
import type { LessonWords } from "../views.ts";

/** Characters of a lesson, and of one that has little room. */
const TEXT_MAX = 300;
const SHORT_TEXT_MAX = 140;
const LESSON_WORTH = 9;
const KINDS: Readonly<Record<string, string>> = { do: "Do", avoid: "Avoid", fact: "Know" };

export function lessonsSection(lessons: readonly LessonWords[] = [], evidence: boolean): Section {
  const lines = linesOf(lessons, LESSON_WORTH, (lesson) =>
    [TEXT_MAX, SHORT_TEXT_MAX].map((max) => lessonLine(lesson, max, evidence)),
  );
  return { title: "Lessons", lines };
}

function lessonLine(
  { id, text, kind, pinned, amends, evidence: seen }: LessonWords,
  max: number,
  evidence: boolean,
): string {
  const marks = `${pinned ? ", pinned" : ""}${amends ? ", amends an older one" : ""}`;
  const said = `${KINDS[kind] ?? "Know"}: ${codeOf(text, max)}${marks}`;
  return `${said}: ${seenIn(seen)}${named(id, evidence)}`;
}

/** How its uses ended; without one, how often it was said. What was imported nobody here saw. */
function seenIn(evidence: LessonWords["evidence"]): string {
  const { success = 0, failure = 0, used, said = 1, imported = 0 } = evidence ?? {};
  const judged = used ?? success + failure;
  const mark = imported > 0 ? `, ${imported} imported` : "";
  if (judged <= 0 || success + failure <= 0) return `said by ${said}${mark}`;
  return `helped ${outOf(rateOf({ success, failure }) * judged, judged)}${mark}`;
}
