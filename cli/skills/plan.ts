/**
 * Decides what becomes of the files of a folder of skills: what is new, what is renewed, what goes,
 * and what stays because a person changed it. Pure: it reads and writes nothing.
 *
 * @module
 */

import { frontMatterOf, skillFile, type SkillText } from "../../src/memory/skills/document.ts";
import { readMarked, renewed } from "./document.ts";

const KIND = "skill";
const GONE = "The memory has no such skill any more.\n";
const NAME_MAX = 64;

/** A skill's folder as it is. */
export interface SkillFolder {
  name: string;
  /** Of its `SKILL.md`; null: it has none that can be read. */
  text: string | null;
  /** Whether it holds nothing else. */
  isAlone: boolean;
}

export interface Change {
  name: string;
  does: "create" | "update" | "remove" | "empty" | "keep" | "leave";
  /** Of the file then; absent: as it is, or gone. */
  text?: string;
  /** Of what is kept: why. */
  why?: string;
}

/** In the order of the names. */
export function planSkills(
  folders: readonly SkillFolder[],
  skills: readonly SkillText[],
): Change[] {
  const wanted = new Map(skills.map((skill) => [checkedName(skill.name), skill]));
  const present = new Map(folders.map((folder) => [folder.name, folder]));
  const names = [...new Set([...wanted.keys(), ...present.keys()])].sort();
  return names.map((name): Change => {
    const [skill, folder] = [wanted.get(name), present.get(name)];
    if (!folder || folder.text === null) {
      if (!skill) return { name, does: "leave" };
      return { name, does: "create", text: skillFile(skill) };
    }
    return skill ? renew(folder.text, skill) : retire(folder, folder.text);
  });
}

/** Throws when it is no name of a folder: what a service says decides about no other path. */
function checkedName(name: string): string {
  const isName =
    name.length <= NAME_MAX && name.split("-").every((part) => /^[a-z0-9]+$/.test(part));
  if (!isName) throw new Error("The service named a skill as no folder may be named.");
  return name;
}

function renew(text: string, skill: SkillText): Change {
  const { name, body } = skill;
  const marked = readMarked(KIND, text);
  if (!marked) return { name, does: "keep", why: "it is not from the memory" };
  const next = renewed(KIND, marked, { front: frontMatterOf(skill), body });
  if (next === null) return { name, does: "keep", why: "its generated part was changed" };
  return next === text ? { name, does: "leave" } : { name, does: "update", text: next };
}

function retire({ name, isAlone }: SkillFolder, text: string): Change {
  const marked = readMarked(KIND, text);
  if (!marked) return { name, does: "leave" };
  if (marked.isBodyTouched) return { name, does: "keep", why: "its generated part was changed" };
  const heading = skillFile({ name, description: "", body: "" });
  const isUntouched =
    !marked.isFrontTouched &&
    marked.after.trim() === "" &&
    marked.before.trim() === (readMarked(KIND, heading)?.before.trim() ?? "");
  if (isUntouched && isAlone) return { name, does: "remove" };
  const next = renewed(KIND, { ...marked, isFrontTouched: true }, { front: "", body: GONE });
  return next === null || next === text || marked.body === GONE
    ? { name, does: "leave" }
    : { name, does: "empty", text: next };
}
