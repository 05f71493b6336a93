/** A card of what was learned: its words, what it asks for, and the evidence for it. */

import { breakable, h, pill } from "../core/dom.js";
import { counted, shareOf } from "../core/format.js";
import { hrefOf } from "../core/place.js";
import { intervalBar } from "./figures.js";

/**
 * @param {{words: string, patternId: string, learned: any, about: any}} card `patternId`: where its
 *   title leads; `learned`: has polarity, lift and support; `about`: said below the title
 * @param {...any} more what stands below the evidence
 */
export function learnedCard({ words, patternId, learned, about }, ...more) {
  const { polarity, lift, support } = learned;
  const { success, failure, episodes } = support;
  return h(
    "article",
    { class: "card" },
    h(
      "div",
      { class: "head" },
      h("h2", {}, h("a", { href: hrefOf("pattern", { id: patternId }) }, breakable(words))),
      pill(polarity),
    ),
    h("p", { class: "muted small" }, about),
    intervalBar(shareOf(success, success + failure)),
    h(
      "p",
      { class: "small" },
      `Evidence: ${success.toFixed(1)} successes, ${failure.toFixed(1)} failures, ${counted(episodes, "episode")} · lift ${lift.toFixed(2)}`,
    ),
    ...more,
  );
}
