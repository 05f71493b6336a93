/** The view "Heuristics": rules that were learned, for people to decide about. */

import { ask, session } from "../core/api.js";
import { empty, h, heading } from "../core/dom.js";
import { changed, hrefOf } from "../core/place.js";
import { decisionsOn } from "../parts/decisions.js";
import { pager } from "../parts/forms.js";
import { learnedCard } from "../parts/learned-card.js";

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
  const { id, pattern_id: patternId, kind, condition, action, curation } = heuristic;
  const words = curation?.text ?? `${condition}: ${action}`;
  return learnedCard(
    { words, patternId, learned: heuristic, about: kind.replaceAll("_", " ") },
    decisionsOn("heuristic", { id, words, mark: curation }, redraw),
  );
}
