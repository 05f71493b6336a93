/**
 * What identifies a pattern besides its namespace: an entry for each kind of pattern. Canonical:
 * the same thing always gives the same JSON, from which the pattern's id is made. Import lines
 * carry it, and learning keeps it.
 *
 * @module
 */

import * as z from "zod";
import { list, name, text } from "./fields.ts";
import { LIMITS } from "./limits.ts";
import { RESULT_CLASSES } from "./vocabulary.ts";

const TOOLS_MAX = 20;
const toolNames = list(name, TOOLS_MAX);

const CONTENTS = {
  tool_sequence: { kind: z.literal("tool_sequence"), tools: toolNames },
  decision_point: {
    kind: z.literal("decision_point"),
    after_tool: name,
    after_result: z.enum(RESULT_CLASSES),
    next_tool: name,
  },
  error_recovery: {
    kind: z.literal("error_recovery"),
    tool: name,
    /** The masked error. */
    error: text(LIMITS.text_max),
    /** The tools that led from the error to a success. */
    path: toolNames,
  },
  context_pattern: {
    kind: z.literal("context_pattern"),
    features: z.record(text(LIMITS.name_max), text(LIMITS.name_max)),
    tool: name,
  },
} as const;

export type PatternKind = keyof typeof CONTENTS;
export const PATTERN_KINDS = Object.keys(CONTENTS) as PatternKind[];

export const patternContent = z.discriminatedUnion("kind", [
  z.strictObject(CONTENTS.tool_sequence),
  z.strictObject(CONTENTS.decision_point),
  z.strictObject(CONTENTS.error_recovery),
  z.strictObject(CONTENTS.context_pattern),
]);
export type PatternContent = z.output<typeof patternContent>;

/** The content of one kind. */
export type ContentOf<K extends PatternKind> = Extract<PatternContent, { kind: K }>;
