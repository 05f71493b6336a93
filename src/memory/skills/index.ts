/**
 * The front door of `memory/skills/`: families of runs that do the same kind of thing, what they are
 * called, and how a skill is written as a file. Pure.
 *
 * @module
 */

export { skillFile, type SkillText } from "./document.ts";
export { familiesOf, type Family } from "./families.ts";
export { Features, type FamilyRun } from "./features.ts";
export { charactersOf, describe, namesOf, type Character } from "./naming.ts";
