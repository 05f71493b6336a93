/**
 * What happened in a session of an agent, in one form for all agents: what hooks write to the spool
 * and what episodes are made of. Pure.
 *
 * @module
 */

import type { CallResult } from "../../client/calls/results.ts";

/** Agents whose hooks are read. */
export const AGENTS = ["claude-code", "codex", "cursor", "opencode"] as const;
export type Agent = (typeof AGENTS)[number];

/** What is the same of every event. */
export interface EventBase {
  session: string;
  /** The sub-agent that it is of; absent: the session's own agent. */
  subagent?: string;
}

export type Happened =
  /** `source`: what the session began by, "startup" or "resume". */
  | { type: "start"; source: string; about: Record<string, string> }
  | { type: "prompt"; text: string }
  | { type: "call"; id: string; tool: string; parameters: unknown }
  /** Names its call, which may have been told by no event. `result` null: nothing is said of it. */
  | {
      type: "result";
      id: string;
      tool: string;
      parameters: unknown;
      result: CallResult | null;
      isInterrupted?: true;
    }
  | { type: "subagent"; kind: string }
  /** A turn ended. `how`: "completed", "aborted" or "error". */
  | { type: "stop"; how: string }
  | { type: "end"; reason: string }
  | { type: "verdict"; isGood: boolean; reason: string };

export type HookEvent = EventBase & Happened;

/** An event as the spool holds it. */
export type Spooled = HookEvent & {
  /** ISO time. */
  at: string;
};
