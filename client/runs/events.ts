/**
 * What is known of runs of other systems, whichever way it comes: events, of which lines are
 * made as `POST /v1/import` takes them.
 *
 * @module
 */

import type { CallResult } from "../calls/results.ts";
import type { Json } from "../calls/values.ts";
import type { Step } from "../step.ts";

/** `run` is the name of a run in its system: the same run has the same each time. */
export type ImportEvent =
  | ({ type: "about"; run: string } & RunAbout)
  /** What a person asked; the first is the task. */
  | { type: "prompt"; run: string; text: string }
  | CallEvent
  /** `id`: of the call that it belongs to. */
  | { type: "result"; run: string; id: string; result: CallResult; at?: string | undefined }
  /** Calls from now on are of another answer of the model. */
  | { type: "turn"; run: string }
  /** Something else of it happened at this time. */
  | { type: "seen"; run: string; at: string | undefined }
  | FactEvent;

/** A tool was called. */
export interface CallEvent {
  type: "call";
  run: string;
  /** Pairs it with its result; null: the result stands here, or nothing does. */
  id: string | null;
  tool: string;
  parameters: unknown;
  action?: string | undefined;
  at?: string | undefined;
  latency_ms?: number | undefined;
  tokens?: number | undefined;
  result?: CallResult | null;
  metadata?: Record<string, string>;
}

/** What is known of a run; what is said later replaces what was said before, field by field. */
export interface RunAbout {
  /** The episode's id, where the system's own is one; absent: made of the run. */
  id?: string;
  /** In place of the first prompt. */
  task?: string;
  /** Where neither a prompt nor a task is there. */
  instead?: string;
  task_type?: string;
  context?: Json;
  /** Added to what was said before. */
  metadata?: Json;
  tags?: string[];
  started_at?: string | undefined;
  ended_at?: string | undefined;
  outcome?: Json | undefined;
  status?: string;
  /** Another run that it belongs to, and how. */
  related?: { run: string; reason: string };
}

/** Something that is known, rather than something that was done. */
export interface FactEvent {
  type: "fact";
  /** The same fact has the same each time. */
  fact: string;
  /** What it is about, where that has a name; absent: its texts are one sentence. */
  about?: { name: string; kind: string };
  texts: string[];
  tags: string[];
  metadata: Json;
  /** Who or what says it. */
  said_by: Json;
  created_at: string | undefined;
  updated_at: string | undefined;
  /** Other facts that it is tied to, and the words for how. */
  related: { fact: string; words: string[] }[];
}

/** A line as `POST /v1/import` takes it. */
export type Line = EpisodeLine | LessonLine;

export interface EpisodeLine {
  type: "episode";
  id: string;
  task: string;
  task_type?: string;
  context?: Json;
  metadata?: Record<string, string>;
  tags?: string[];
  started_at?: string;
  ended_at?: string;
  steps?: Step[];
  outcome?: Json;
  status?: string;
  relationships?: { to: string; type: string; created_at: string; reason: string | null }[];
}

export interface LessonLine {
  type: "lesson";
  id: string;
  created_at: string;
  updated_at: string;
  amended: Statement | null;
  superseded_by: null;
  deleted_at: null;
  evidence: {
    source: string;
    episode_id: null;
    at: string;
    success: number;
    failure: number;
    statement: Statement;
  }[];
}

/** What a lesson says. */
export interface Statement {
  text: string;
  kind: "fact";
  applies_to: { tools: string[]; domain: string | null; tags: string[]; task: null };
  source: string;
  by: string;
}
