/** The view "Search": episodes and patterns by their words. */

import { ask, session } from "../core/api.js";
import { empty, h, heading, pill } from "../core/dom.js";
import { cut } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { ARCHIVED, ARCHIVED_NAMES } from "../parts/archiving.js";
import { choice, filters, pager } from "../parts/forms.js";

const PAGE_SIZE = 20;
const TASK_MAX = 240;

/** @type {import("../console.js").View} */
export const search = {
  title: "Search",
  async show({ place, signal }) {
    const words = place.query.get("q") ?? "";
    const archived = place.query.get("archived") ?? "";
    const form = filters(
      (values) => changed(place, values),
      h(
        "label",
        { class: "wide" },
        "Words",
        h("input", { type: "search", name: "q", value: words, maxlength: "1000" }),
      ),
      h(
        "label",
        {},
        "Archived",
        choice(ARCHIVED, { name: "archived", value: archived, names: ARCHIVED_NAMES }),
      ),
    );
    if (words === "") {
      return [heading("Search", null), form, empty("Type words of a task, a tool or an error.")];
    }
    const asked = new URLSearchParams({ q: words, limit: String(PAGE_SIZE) });
    const after = place.query.get("after");
    if (after) asked.set("cursor", after);
    if (archived) asked.set("archived", archived);
    const { results, next_cursor: next, degraded } = await ask(`/v1/search?${asked}`, { signal });
    return [
      heading("Search", `In the namespace "${session.namespace}", the likeliest first.`),
      form,
      degraded && h("p", { class: "error" }, "Not everything could be searched just now."),
      results.length === 0
        ? empty("Nothing has these words.")
        : h("ul", { class: "rows card" }, results.map(found)),
      pager({
        first: after ? changed(place, {}) : null,
        next: next && changed(place, { after: next }),
        nextName: "More",
      }),
    ];
  },
};

/** @param {any} result */
function found({ kind, id, score, task, outcome, matched_terms: terms }) {
  return h(
    "li",
    {},
    h(
      "div",
      { class: "main-line" },
      h("a", { href: hrefOf(kind, { id }) }, cut(task, TASK_MAX)),
      outcome && pill(outcome),
    ),
    h(
      "div",
      { class: "muted small" },
      `${kind} · score ${score.toFixed(2)}`,
      terms.length > 0 && " · ",
      terms.map((/** @type {string} */ term) => h("mark", {}, term)),
    ),
  );
}
