/**
 * Reads chats with tool calls, in the shapes of the usual libraries, as the steps of an episode.
 * Whatever else a message holds is skipped; nothing in it makes reading fail. Pure.
 *
 * @module
 */

import { readChat } from "../../client/calls/calls.ts";
import { sentResult } from "../../client/calls/results.ts";
import type { StepInput } from "../contract/episodes/requests.ts";

type Json = Record<string, unknown>;

/** What a transcript holds: what was asked first, and which tools were called with what result. */
export interface Transcript {
  /** The first text of the user; null: there is none. */
  task: string | null;
  /** In the order of the calls. A call without an answer has an unknown result. */
  steps: StepInput[];
}

/** Reads the messages in order. */
export function readTranscript(messages: readonly Json[]): Transcript {
  const { prompt, calls } = readChat(messages);
  const steps = calls.map(({ tool, action, parameters, result }): StepInput => ({
    tool,
    action,
    parameters,
    result: sentResult(result),
    latency_ms: null,
    tokens: null,
    metadata: {},
  }));
  return { task: prompt, steps };
}
