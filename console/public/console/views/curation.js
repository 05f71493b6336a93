/** The view "Curation": what people decided about what was learned, and why. */

import { ask, Refused } from "../core/api.js";
import { breakable, empty, h, heading, pill, since } from "../core/dom.js";
import { counted, shortId } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { decisionsOn } from "../parts/decisions.js";
import { choice, filters, guarded, pager } from "../parts/forms.js";

const PAGE_SIZE = 20;
const LOG_SHOWN = 10;
const KINDS = ["", "lesson", "pattern", "heuristic", "playbook"];
const STATES = ["", "pinned", "banned", "edited", "approved", "rejected"];
const FILTERS = ["kind", "state"];

/** @typedef {import("../core/place.js").Place} Place */

/** @type {import("../console.js").View} */
export const curation = {
  title: "Curation",
  everyMs: 20_000,
  async show({ place, signal, redraw }) {
    const { query } = place;
    const asked = new URLSearchParams({ limit: String(PAGE_SIZE) });
    for (const name of FILTERS) if (query.get(name)) asked.set(name, query.get(name) ?? "");
    const after = query.get("after");
    if (after) asked.set("cursor", after);
    const [page, review] = await Promise.all([
      ask(`/v1/curation?${asked}`, { signal }),
      ask("/v1/curation/review", { signal }).catch(orNothing),
    ]);
    return [
      heading(
        "Curation",
        "What people decided about lessons, patterns, heuristics and playbooks; nothing undoes it by itself.",
      ),
      review && reviewCard(review.learning_review, redraw),
      form(place),
      page.items.length === 0
        ? empty(
            "Nobody decided anything like that.",
            "Pin, ban, edit, approve or reject what stands under ",
            h("a", { href: hrefOf("patterns") }, "Patterns"),
            ", ",
            h("a", { href: hrefOf("heuristics") }, "Heuristics"),
            ", ",
            h("a", { href: hrefOf("lessons") }, "Lessons"),
            " and ",
            h("a", { href: hrefOf("playbooks") }, "Playbooks"),
            ".",
          )
        : h(
            "div",
            { class: "grid" },
            page.items.map((/** @type {any} */ each) => itemCard(each, redraw)),
          ),
      pager({
        first: after ? changed(place, {}) : null,
        next: page.next_cursor && changed(place, { after: page.next_cursor }),
        nextName: "More",
      }),
    ];
  },
};

/** What a key may not see is left out. @param {unknown} error */
function orNothing(error) {
  if (error instanceof Refused && error.status === 403) return null;
  throw error;
}

/** @param {"off" | "required"} review @param {() => Promise<void>} redraw */
function reviewCard(review, redraw) {
  const isOn = review === "required";
  const box = h("div", { "aria-live": "polite" });
  const set = () =>
    guarded(box, async () => {
      await ask("/v1/curation/review", {
        method: "PUT",
        body: { learning_review: isOn ? "off" : "required" },
      });
      await redraw();
    });
  return h(
    "section",
    { class: "card switch" },
    h(
      "div",
      {},
      h("h2", {}, isOn ? "Only what was approved is shown" : "Everything learned is shown"),
      h(
        "p",
        { class: "muted" },
        isOn
          ? "Agents are told only what a person approved; the rest goes on being learned, and waits."
          : "Agents are told what holds, unless a person banned or rejected it.",
      ),
    ),
    h(
      "button",
      { type: "button", onclick: () => void set() },
      isOn ? "Show everything" : "Require approval",
    ),
    box,
  );
}

/** @param {Place} place */
function form(place) {
  const value = (/** @type {string} */ name) => place.query.get(name) ?? "";
  const names = { "": "all" };
  return filters(
    (values) => changed(place, values),
    h("label", {}, "Of", choice(KINDS, { name: "kind", value: value("kind"), names })),
    h("label", {}, "State", choice(STATES, { name: "state", value: value("state"), names })),
  );
}

/** @param {any} item @param {() => Promise<void>} redraw */
function itemCard(item, redraw) {
  const { kind, id, pinned, banned, review, text, description, log, updated_at } = item;
  const last = log.at(-1);
  const isDecided = pinned || banned || review !== null || text !== null;
  const mark = isDecided
    ? { pinned, banned, review, text, by: last?.by ?? "unknown", at: updated_at }
    : null;
  return h(
    "article",
    { class: "card" },
    h(
      "div",
      { class: "head" },
      h("h2", {}, breakable(text ?? description)),
      h("span", { class: "muted small" }, kind),
    ),
    text !== null && h("p", { class: "muted small" }, `Learned as: ${description}`),
    h(
      "p",
      { class: "mono small muted" },
      kind === "pattern" ? h("a", { href: hrefOf("pattern", { id }) }, shortId(id)) : shortId(id),
    ),
    decisionsOn(kind, { id, words: text ?? description, mark }, redraw, true),
    h(
      "details",
      { id: `log-${id}` },
      h("summary", {}, `History (${counted(log.length, "decision")})`),
      h("ol", { class: "rows" }, log.slice(-LOG_SHOWN).reverse().map(decision)),
    ),
  );
}

/** @param {any} entry */
function decision({ at, by, action, reason }) {
  return h(
    "li",
    { class: "small" },
    pill(action),
    ` by ${by}, `,
    since(at),
    reason !== "" && h("div", {}, reason),
  );
}
