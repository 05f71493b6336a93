/**
 * What an episode is answered that by lot is answered nothing: answers of the usual form that hold
 * nothing, and say why.
 *
 * @module
 */

import type { AdviceView, RecallView } from "../../../../contract/recall/answers.ts";
import type { Source } from "../source.ts";

export function noRecall(source: Source): Omit<RecallView, "recall_id"> {
  return {
    episodes: [],
    patterns: [],
    heuristics: [],
    playbook: null,
    next_tools: [],
    lessons: [],
    ...about(source),
    truncated: 0,
  };
}

export function noAdvice(source: Source): Omit<AdviceView, "recall_id"> {
  return {
    next_tools: [],
    next_actions: [],
    expected_tools: [],
    avoid: [],
    recoveries: [],
    proposed: null,
    outlook: null,
    line: null,
    lessons: [],
    ...about(source),
  };
}

function about({ share, degraded }: Source) {
  return {
    untrusted: [],
    served_by: "instance",
    completeness: share,
    degraded,
    held_out: true,
  } as const satisfies Partial<RecallView> | Partial<AdviceView>;
}
