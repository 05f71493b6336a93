/**
 * Keeps a recall within the tokens that its reader can afford. Pure.
 *
 * @module
 */

import type { RecallView } from "../../contract/recall/answers.ts";

/** Characters that a token is taken to have. A coarse measure: tokenizers differ by model. */
const CHARS_PER_TOKEN = 4;

function estimateTokens(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / CHARS_PER_TOKEN);
}

/**
 * Drops the items of least worth until the answer fits, and counts them in `truncated`. What is not
 * an item stays, so that a very small budget may still be exceeded.
 *
 * @param maxTokens null: without a bound
 */
export function fitToTokens(view: RecallView, maxTokens: number | null): RecallView {
  if (maxTokens === null) return view;
  let fitted = view;
  while (estimateTokens(fitted) > maxTokens) {
    const shortened = withoutLeast(fitted);
    if (!shortened) return fitted;
    fitted = { ...fitted, ...shortened, truncated: fitted.truncated + 1 };
  }
  return fitted;
}

/** The part of the answer that has one item less; null: there is no item left. */
function withoutLeast(view: RecallView): Partial<RecallView> | null {
  const lists = ["patterns", "heuristics", "episodes"] as const;
  // The longest list gives first, so that every kind keeps its best.
  const [longest] = lists
    .filter((name) => view[name].length > 0)
    .sort((a, b) => estimateTokens(view[b]) - estimateTokens(view[a]));
  if (longest) return { [longest]: view[longest].slice(0, -1) };
  if (view.playbook) return { playbook: null };
  return view.next_tools.length > 0 ? { next_tools: view.next_tools.slice(0, -1) } : null;
}
