/**
 * Keeps an answer within the tokens that its reader can afford.
 *
 * @module
 */

import type { RecallView } from "../../contract/operations.ts";

/** Characters that a token is taken to have. A coarse measure: tokenizers differ by model. */
const CHARS_PER_TOKEN = 4;

function estimateTokens(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / CHARS_PER_TOKEN);
}

/** Drops the items of least worth until the answer fits, and says how many. */
export function fitToTokens(view: RecallView, maxTokens: number | null): RecallView {
  if (maxTokens === null) return view;
  let fitted = view;
  while (estimateTokens(fitted) > maxTokens) {
    const lists = ["patterns", "heuristics", "episodes"] as const;
    // The longest list gives first, so that every kind keeps its best.
    const [longest] = lists
      .filter((name) => fitted[name].length > 0)
      .sort((a, b) => estimateTokens(fitted[b]) - estimateTokens(fitted[a]));
    if (longest) {
      fitted = {
        ...fitted,
        [longest]: fitted[longest].slice(0, -1),
        truncated: fitted.truncated + 1,
      };
    } else if (fitted.playbook) {
      fitted = { ...fitted, playbook: null, truncated: fitted.truncated + 1 };
    } else if (fitted.next_tools.length > 0) {
      fitted = {
        ...fitted,
        next_tools: fitted.next_tools.slice(0, -1),
        truncated: fitted.truncated + 1,
      };
    } else {
      return fitted;
    }
  }
  return fitted;
}
