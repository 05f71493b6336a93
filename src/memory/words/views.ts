/**
 * What words are made of: the fields of answers that they say. Narrow, so that an answer may have
 * more; fields that not every answer has are optional. Types only.
 *
 * @module
 */

import type { Support } from "./text/numbers.ts";

export interface NextToolWords {
  readonly tool: string;
  readonly probability: number;
  /** The runs that say so most, at most three. */
  readonly episodes?: readonly string[] | undefined;
}

/** A value of an action, and where it comes from. */
export interface ParameterWords {
  readonly name: string;
  /**
   * "task", `tool.field.path` of an earlier output, with `(text)` behind it a word of that text and
   * with `{key}` the name of a field, or "ask"; absent: there is a value.
   */
  readonly source?: string | null | undefined;
  /** Further sources. */
  readonly or?: readonly string[] | undefined;
  /** What the source holds in the present run. */
  readonly found?: readonly string[] | undefined;
  /** What most runs used; and what it may be, where that is little. */
  readonly value?: unknown;
  readonly one_of?: readonly string[] | undefined;
  /** Share of the runs that say so. */
  readonly support?: number | undefined;
}

/** An action: a tool, refined by what is done with it. */
export interface ActionWords {
  readonly tool: string;
  /** The tool, and what is done with it behind that; a text that does not begin so is not one. */
  readonly action?: string | null | undefined;
  readonly parameters?: readonly ParameterWords[] | undefined;
}

export interface NextActionWords extends ActionWords {
  readonly probability: number;
}

export interface PitfallWords {
  readonly description: string;
  readonly episodes: readonly string[];
  /** What led out of it. */
  readonly way_out?: string | null | undefined;
}

/** What led out of an error of a step. */
export interface WayWords {
  readonly error: string;
  readonly actions: readonly ActionWords[];
  readonly episodes: readonly string[];
  /** Runs in which it was tried in vain. */
  readonly in_vain: number;
  readonly did_not_help?: RecoveryWords["did_not_help"] | undefined;
}

export interface StepWords extends ActionWords {
  readonly support: number;
  /** Share of its calls that worked; null: not known. */
  readonly success_rate?: number | null | undefined;
  readonly episodes: readonly string[];
  readonly pitfalls: readonly PitfallWords[];
  readonly ways_out?: readonly WayWords[] | undefined;
  /** When it is taken, where not always. */
  readonly when?: string | null | undefined;
  /** What it is repeated for. */
  readonly for_each?: string | null | undefined;
}

/** What runs tried in vain. */
export interface DetourWords extends ActionWords {
  readonly episodes: readonly string[];
  readonly way_out?: string | null | undefined;
}

export interface PlaybookWords {
  readonly detours?: readonly DetourWords[] | undefined;
  readonly id: string;
  readonly steps: readonly StepWords[];
  readonly confidence: number;
  readonly based_on: readonly string[];
  readonly when_not_to_apply: readonly string[];
  /** How many of the recent steps it covers already. */
  readonly continues_after?: number | undefined;
  /** What a person says of it. */
  readonly note?: string | null | undefined;
}

export interface PatternWords {
  readonly id: string;
  readonly kind: string;
  readonly polarity: string;
  readonly description: string;
  readonly tools: readonly string[];
  /** The tools, with what is done with them. */
  readonly actions?: readonly string[] | undefined;
  readonly condition: Readonly<Record<string, string>> | null;
  readonly confidence: number;
  readonly lift: number;
  readonly support: Support;
}

export interface HeuristicWords {
  readonly id: string;
  readonly pattern_id: string;
  readonly kind?: string | undefined;
  readonly polarity: string;
  readonly tools?: readonly string[] | undefined;
  readonly actions?: readonly string[] | undefined;
  readonly condition: string;
  readonly action: string;
  readonly confidence: number;
  readonly lift: number;
  readonly support: Support;
  /** What a person decided; the text stands in place of the action. */
  readonly curation?: { readonly text: string | null } | undefined;
}

export interface LessonWords {
  readonly id: string;
  readonly text: string;
  /** do, avoid or fact. */
  readonly kind: string;
  readonly pinned?: boolean | undefined;
  /** The id of an older lesson that says something else. */
  readonly amends?: string | null | undefined;
  readonly evidence?:
    | {
        /** Decayed, of the uses that were judged. */
        readonly success: number;
        readonly failure: number;
        readonly used?: number | undefined;
        readonly said?: number | undefined;
        /** How many of both an import brought. */
        readonly imported?: number | undefined;
      }
    | undefined;
}

export interface EpisodeWords {
  readonly id: string;
  readonly score: number;
  readonly task: string;
  readonly outcome: string | null;
  readonly summary: string | null;
  readonly warning: boolean;
  readonly tools: readonly string[];
  /** The tools, with what was done with them. */
  readonly actions?: readonly string[] | undefined;
}

/** What answers say of how whole they are. */
interface Wholeness {
  readonly completeness?: number;
  readonly degraded?: boolean;
  /** By lot it is answered nothing. */
  readonly held_out?: boolean | undefined;
}

export interface RecallWords extends Wholeness {
  readonly recall_id: string;
  readonly next_tools: readonly NextToolWords[];
  readonly next_actions?: readonly NextActionWords[] | undefined;
  readonly playbook: PlaybookWords | null;
  readonly patterns: readonly PatternWords[];
  readonly heuristics: readonly HeuristicWords[];
  readonly recoveries?: readonly RecoveryWords[] | undefined;
  readonly lessons?: readonly LessonWords[] | undefined;
  readonly episodes: readonly EpisodeWords[];
}

export interface AvoidWords {
  readonly tool: string;
  readonly why: string;
  readonly pattern_id: string | null;
  readonly action?: string | null | undefined;
}

export interface RecoveryWords {
  readonly pattern_id: string;
  readonly polarity: string;
  readonly support: Support;
  readonly tool: string;
  /** What kind of action failed; absent: the tool says it. */
  readonly key?: string | undefined;
  readonly error: string;
  /** How much like the error at hand it is, 0…1; absent: not known. */
  readonly likeness?: number | undefined;
  readonly path: readonly string[];
  /** The path, with what its actions did. */
  readonly actions?: readonly ActionWords[] | undefined;
  /** The action of the path that stands out. */
  readonly mended_by?: string | undefined;
  /** Runs in which it led out of the error, and in which the error came again. */
  readonly worked?: number | undefined;
  readonly in_vain?: number | undefined;
  readonly did_not_help?:
    | readonly { readonly action: string; readonly episodes: number }[]
    | undefined;
}

export interface AdviceWords extends Wholeness {
  readonly recall_id: string;
  readonly next_tools: readonly NextToolWords[];
  readonly next_actions?: readonly NextActionWords[] | undefined;
  readonly expected_tools: readonly NextToolWords[];
  readonly avoid: readonly AvoidWords[];
  readonly recoveries: readonly RecoveryWords[];
  readonly lessons?: readonly LessonWords[] | undefined;
  readonly proposed: {
    readonly tool: string;
    readonly probability: number;
    readonly rank: number | null;
    readonly verdict: string;
    readonly why?: string | null | undefined;
  } | null;
  readonly outlook: {
    readonly success: number;
    readonly base_rate: number;
    readonly runs: number;
  } | null;
}

export interface HandoffWords {
  readonly episode: { readonly id: string; readonly task: string; readonly status: string };
  readonly checkpoint: {
    readonly reason: string;
    readonly note?: string | null | undefined;
    readonly state?: unknown;
    readonly step_number: number;
  } | null;
  readonly recent_steps: readonly {
    readonly number: number;
    readonly tool: string;
    readonly action?: string | null | undefined;
    readonly parameters?: unknown;
    readonly result?: unknown;
  }[];
  readonly progress: {
    readonly steps: number;
    readonly succeeded: number;
    readonly failed: number;
  };
  readonly open_errors: readonly {
    readonly step_number: number;
    readonly tool: string;
    readonly message: string;
  }[];
  readonly next_tools: readonly NextToolWords[];
  readonly next_actions?: readonly NextActionWords[] | undefined;
  readonly lessons?: readonly LessonWords[] | undefined;
}
