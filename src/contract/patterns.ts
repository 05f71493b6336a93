/**
 * What identifies a pattern besides its namespace: an entry for each kind of pattern. Canonical:
 * the same thing always gives the same JSON, from which the pattern's id is made. Import lines
 * carry it, and learning keeps it. What learning does with a kind is a file of
 * `memory/learning/patterns`, which the compiler asks for when a kind is added here.
 *
 * @module
 */

import * as z from "zod";
import { list, name, text } from "./fields.ts";
import { LIMITS } from "./limits.ts";
import { RESULT_CLASSES } from "./vocabulary.ts";

const TOOLS_MAX = 20;
const toolNames = list(name, TOOLS_MAX);
/**
 * What kinds of actions the tools were used for, one behind the other (`actionKey`); null where the
 * tool says it. Absent: the pattern is about the tools, whatever they were used for.
 */
const actionKeys = list(name.nullable(), TOOLS_MAX).exactOptional();
const key = name.exactOptional();

/** A schema for each kind. */
const CONTENTS = [
  z.strictObject({ kind: z.literal("tool_sequence"), tools: toolNames, keys: actionKeys }),
  z.strictObject({
    kind: z.literal("decision_point"),
    after_tool: name,
    after_result: z.enum(RESULT_CLASSES),
    next_tool: name,
    /** At least one of them, or none: see `actionKeys`. */
    after_key: key,
    next_key: key,
  }),
  z.strictObject({
    kind: z.literal("error_recovery"),
    tool: name,
    /** The masked template of a message, or "timeout". */
    error: text(LIMITS.text_max),
    /** The tools that led from the error to a success. */
    path: toolNames,
    /** What failed, and what the path did: see `actionKeys`. */
    key,
    keys: actionKeys,
  }),
  z.strictObject({
    kind: z.literal("context_pattern"),
    features: z.record(text(LIMITS.name_max), text(LIMITS.name_max)),
    tool: name,
  }),
] as const;

export const patternContent = z.discriminatedUnion("kind", CONTENTS);
export type PatternContent = z.output<typeof patternContent>;

export type PatternKind = PatternContent["kind"];
export const PATTERN_KINDS: readonly PatternKind[] = CONTENTS.map(({ shape }) => shape.kind.value);

/** The content of one kind. */
export type ContentOf<K extends PatternKind> = Extract<PatternContent, { kind: K }>;
