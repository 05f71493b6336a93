/**
 * What may be asked about skills: what a namespace knows, as files that agents read. The Worker
 * evaluates this file when it starts.
 *
 * @module
 */

import { nothing } from "../fields.ts";
import { operation, type None } from "../operation.ts";
import { get, type RouteContract } from "../route.ts";
import type { SkillsView } from "./answers.ts";

export const SKILL_ROUTES = {
  listSkills: get("/v1/skills", "read", { query: nothing }),
} as const satisfies Record<string, RouteContract>;

export const SKILL_OPERATIONS = {
  "skills.list": operation<None, SkillsView>("namespace", "read"),
};
