/** The view "Episodes": what was done, the newest first. */

import { ask, session } from "../core/api.js";
import { empty, h, heading, since, table } from "../core/dom.js";
import { count, cut, percent } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { ARCHIVED, ARCHIVED_NAMES } from "../parts/archiving.js";
import { choice, filters, pager } from "../parts/forms.js";
import { episodeLink, episodeState } from "../parts/items.js";

const PAGE_SIZE = 25;
const TASK_MAX = 120;
const STATES = ["", "in_progress", "completed", "failed", "abandoned"];
const OUTCOMES = ["", "success", "partial_success", "failure", "abstained"];
/** Filters of the list, by their names in the address and of the service alike. */
const FILTERS = ["text", "status", "outcome", "domain", "tag", "archived"];

/** @type {import("../console.js").View} */
export const episodes = {
  title: "Episodes",
  everyMs: 10_000,
  async show({ place, signal }) {
    const { query } = place;
    const asked = new URLSearchParams({ limit: String(PAGE_SIZE) });
    for (const name of FILTERS) if (query.get(name)) asked.set(name, query.get(name) ?? "");
    const after = query.get("after");
    if (after) asked.set("cursor", after);
    const page = await ask(`/v1/episodes?${asked}`, { signal });
    return [
      heading("Episodes", "What agents did, the newest first."),
      form(place),
      page.degraded &&
        h(
          "p",
          { class: "error" },
          "The database is out of reach: this is what the instances have.",
        ),
      page.episodes.length === 0 ? nothing(place) : rowsOf(page.episodes),
      pager({
        first: after ? changed(place, {}) : null,
        next: page.next_cursor && changed(place, { after: page.next_cursor }),
      }),
    ];
  },
};

/** @param {import("../core/place.js").Place} place */
function form(place) {
  const { query } = place;
  const value = (/** @type {string} */ name) => query.get(name) ?? "";
  const all = { "": "all" };
  return filters(
    (values) => changed(place, values),
    h(
      "label",
      { class: "wide" },
      "Task contains",
      h("input", { type: "search", name: "text", value: value("text"), maxlength: "200" }),
    ),
    h("label", {}, "State", choice(STATES, { name: "status", value: value("status"), names: all })),
    h(
      "label",
      {},
      "Outcome",
      choice(OUTCOMES, { name: "outcome", value: value("outcome"), names: all }),
    ),
    h("label", {}, "Domain", h("input", { name: "domain", value: value("domain") })),
    h("label", {}, "Tag", h("input", { name: "tag", value: value("tag") })),
    h(
      "label",
      {},
      "Archived",
      choice(ARCHIVED, { name: "archived", value: value("archived"), names: ARCHIVED_NAMES }),
    ),
  );
}

/** @param {import("../core/place.js").Place} place */
function nothing(place) {
  const isFiltered = [...FILTERS, "after"].some((name) => place.query.get(name));
  if (isFiltered) {
    return empty(
      "No episode is like that.",
      h("a", { class: "button", href: hrefOf("episodes") }, "Show all"),
    );
  }
  return empty(
    `No episodes in the namespace "${session.namespace}".`,
    h("a", { class: "button", href: hrefOf("import") }, "Import past runs"),
  );
}

/** @param {any[]} all */
function rowsOf(all) {
  const rows = all.map((each) => [
    episodeLink(each.id, cut(each.task, TASK_MAX)),
    episodeState(each),
    each.context.domain || "–",
    count(each.step_count),
    each.reward ? percent(each.reward.total, 0) : "–",
    since(each.started_at),
  ]);
  const heads = ["task", "state", "domain", "steps", "reward", "started"];
  return table(heads, rows, { caption: "Episodes", numbers: [3, 4] });
}
