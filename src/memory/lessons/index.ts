/**
 * The front door of `memory/lessons/`: what lessons say, which are the same, what is known for
 * them, and which a task calls for.
 *
 * @module
 */

export {
  countEvidence,
  importedSource,
  ownSource,
  whatWasSaid,
  type DaySum,
  type Said,
} from "./evidence.ts";
export { lessonId, pathId } from "./identity.ts";
export { sameLesson, type Candidate } from "./likeness.ts";
export {
  chooseLessons,
  searchLessons,
  type Choice,
  type Choosable,
  type LessonBounds,
  type LessonQuestion,
} from "./relevance.ts";
export { lessonTerms, TermWeights, type LessonTerms } from "./terms.ts";
export { WithheldWordings } from "./withheld.ts";
