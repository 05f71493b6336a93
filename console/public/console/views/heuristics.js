/** The view "Heuristics": rules that were learned, for people to decide about. */

import { ask, session } from "../core/api.js";
import { breakable, empty, h, heading, pill } from "../core/dom.js";
import { counted, shareOf } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { decisionsOn } from "../parts/decisions.js";
import { intervalBar } from "../parts/figures.js";
import { pager } from "../parts/forms.js";

const PAGE_SIZE = 24;

/** @type {import("../console.js").View} */
export const heuristics = {
  title: "Heuristics",
  everyMs: 20_000,
  async show({ place, signal, redraw }) {
    const asked = new URLSearchParams({ limit: String(PAGE_SIZE) });
    const after = place.query.get("after");
    if (after) asked.set("cursor", after);
    const page = await ask(`/v1/heuristics?${asked}`, { signal });
    return [
      h("p", { class: "crumbs" }, h("a", { href: hrefOf("patterns") }, "← Patterns")),
      heading("Heuristics", "Rules of which enough episodes are sure: what agents are told to do."),
      page.heuristics.length === 0
        ? empty(
            `No pattern of the namespace "${session.namespace}" became a heuristic yet.`,
            "It takes several episodes that agree, and enough confidence.",
          )
        : h(
            "div",
            { class: "grid" },
            page.heuristics.map((/** @type {any} */ each) => card(each, redraw)),
          ),
      pager({
        first: after ? changed(place, {}) : null,
        next: page.next_cursor && changed(place, { after: page.next_cursor }),
        nextName: "More",
      }),
    ];
  },
};

/** @param {any} heuristic @param {() => Promise<void>} redraw after a decision */
function card(heuristic, redraw) {
  const { id, pattern_id, kind, polarity, condition, action, lift, support, curation } = heuristic;
  const { success, failure, episodes } = support;
  const words = `${condition}: ${action}`;
  return h(
    "article",
    { class: "card" },
    h(
      "div",
      { class: "head" },
      h(
        "h2",
        {},
        h("a", { href: hrefOf("pattern", { id: pattern_id }) }, breakable(curation?.text ?? words)),
      ),
      pill(polarity),
    ),
    h("p", { class: "muted small" }, kind.replaceAll("_", " ")),
    intervalBar(shareOf(success, success + failure)),
    h(
      "p",
      { class: "small" },
      `Evidence: ${success.toFixed(1)} successes, ${failure.toFixed(1)} failures, ${counted(episodes, "episode")} · lift ${lift.toFixed(2)}`,
    ),
    decisionsOn("heuristic", { id, words: curation?.text ?? words, mark: curation }, redraw),
  );
}
