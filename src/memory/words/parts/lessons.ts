/**
 * Says lessons in words: what agents and people wrote down, with how it went. Pure.
 *
 * @module
 */

import { outOf } from "../text/numbers.ts";
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
  { id, text, kind, evidence: seen }: LessonWords,
  max: number,
  evidence: boolean,
): string {
  const said = `${KINDS[kind] ?? "Know"}: ${codeOf(text, max)}`;
  return `${said}${seenIn(seen)}${named(id, evidence)}`;
}

/** How the runs ended that used it, as far as its evidence counts that. */
function seenIn(evidence: unknown): string {
  if (typeof evidence !== "object" || evidence === null) return ": as noted";
  const { success, failure } = evidence as { success?: unknown; failure?: unknown };
  if (typeof success !== "number" || typeof failure !== "number" || success + failure <= 0)
    return ": not tried yet";
  return `: ${outOf(success, success + failure)} succeeded`;
}
