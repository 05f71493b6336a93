/**
 * Coding sessions, made (`bench/quality/coding`): an error each, and what mended it. Whether a
 * session succeeds was decided when it was made, so that its outcome is nothing to predict.
 *
 * @module
 */

import type { CodingEpisode } from "../coding/session.ts";
import { jsonLinesOf } from "./files.ts";
import type { RunSet } from "./run-set.ts";

export interface CodingSet extends RunSet {
  learned: readonly CodingEpisode[];
  asked: readonly CodingEpisode[];
}

export function codingSessions(): CodingSet {
  const sessions = jsonLinesOf<CodingEpisode>(
    "coding_episodes.jsonl",
    "coding/coding_episodes.jsonl",
  );
  return {
    name: "coding",
    learned: sessions.filter(({ part }) => part === "learned"),
    asked: sessions.filter(({ part }) => part !== "learned"),
    hasOutcome: false,
  };
}
