/**
 * The front door of `memory/words/`: answers as words to put into a prompt. Pure: from a view to a
 * text, the same for the same view. What was stored stands in spans of code and is said to be data;
 * what is said first is what to do.
 *
 * @module
 */

export { adviceInWords, reasonOf } from "./advice.ts";
export { distinctFindings, type Finding } from "./findings.ts";
export { handoffInWords } from "./handoff.ts";
export { playbookInWords, recallInWords } from "./recall.ts";
export { qualityInWords } from "./quality.ts";
export { skillInWords, type SkillWords } from "./skill.ts";
export { leadsOut } from "./parts/recoveries.ts";
export { fullIds } from "./text/short-id.ts";
export { codeOf, plainOf } from "./text/stored-text.ts";
export { type WordsOptions } from "./text/sections.ts";
