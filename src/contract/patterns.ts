/**
 * What identifies a pattern, besides its namespace: the shape in which exports, imports and storage
 * have it. What learning does with a kind is one file of `memory/learning/patterns`; the compiler
 * asks for it when a kind is added here.
 *
 * @module
 */

import type { PatternKind, ResultClass } from "./model.ts";

/** The same thing always gives the same content, so that its canonical JSON identifies it. */
export type PatternContent =
  | { kind: "tool_sequence"; tools: string[] }
  | { kind: "decision_point"; after_tool: string; after_result: ResultClass; next_tool: string }
  /** `error` is the masked template of a message, or "timeout". */
  | { kind: "error_recovery"; tool: string; error: string; path: string[] }
  | { kind: "context_pattern"; features: Record<string, string>; tool: string };

/** The content of one kind. */
export type ContentOf<K extends PatternKind> = Extract<PatternContent, { kind: K }>;
