/** The views "Patterns" and "Pattern": what was learned, with its evidence, for people to judge. */

import { ask, session } from "../core/api.js";
import { breakable, empty, h, heading, pill, since, why } from "../core/dom.js";
import { counted, count, duration, shareOf } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { decisionsOn } from "../parts/decisions.js";
import { intervalBar, intervalText } from "../parts/figures.js";
import { choice, filters, pager } from "../parts/forms.js";
import { episodeLink, wordsOf } from "../parts/items.js";
import { learnedCard } from "../parts/learned-card.js";

const PAGE_SIZE = 24;
const EPISODES_SHOWN = 20;
const KINDS = ["", "tool_sequence", "decision_point", "error_recovery", "context_pattern"];
const POLARITIES = ["", "do", "avoid", "neutral"];
const FILTERS = ["kind", "polarity", "tool"];

/**
 * Patterns by their ids, of those the first that are there.
 *
 * @param {Iterable<string>} ids
 * @param {AbortSignal} signal
 */
export async function patternsById(ids, signal) {
  const SHOWN = 5;
  const asked = [...new Set(ids)]
    .slice(0, SHOWN)
    .map((id) => ask(`/v1/patterns/${encodeURIComponent(id)}`, { signal }).catch(() => null));
  return (await Promise.all(asked)).filter(Boolean);
}

/** @type {import("../console.js").View} */
export const patterns = {
  title: "Patterns",
  everyMs: 20_000,
  async show({ place, signal, redraw }) {
    const { query } = place;
    const asked = new URLSearchParams({ limit: String(PAGE_SIZE) });
    for (const name of FILTERS) if (query.get(name)) asked.set(name, query.get(name) ?? "");
    const after = query.get("after");
    if (after) asked.set("cursor", after);
    const page = await ask(`/v1/patterns?${asked}`, { signal });
    return [
      heading(
        "Patterns",
        "What was learned, those that most episodes bear out first.",
        h("a", { class: "button", href: hrefOf("heuristics") }, "Heuristics"),
      ),
      form(place),
      page.patterns.length === 0
        ? nothing(place)
        : h(
            "div",
            { class: "grid" },
            page.patterns.map((/** @type {any} */ each) => patternCard(each, redraw)),
          ),
      pager({
        first: after ? changed(place, {}) : null,
        next: page.next_cursor && changed(place, { after: page.next_cursor }),
        nextName: "More",
      }),
    ];
  },
};

/** @type {import("../console.js").View} */
export const pattern = {
  title: "Pattern",
  async show({ place, signal, redraw }) {
    const found = await ask(`/v1/patterns/${encodeURIComponent(place.id)}`, { signal });
    return [
      h("p", { class: "crumbs" }, h("a", { href: hrefOf("patterns") }, "← Patterns")),
      heading(breakable(wordsOf(found)), [
        pill(found.polarity),
        " ",
        `${found.kind.replaceAll("_", " ")} · seen `,
        since(found.last_seen_at),
      ]),
      h(
        "div",
        { class: "columns" },
        evidence(found),
        h(
          "section",
          { class: "card" },
          h("h2", {}, "What people decided"),
          decisionsOf(found, redraw, true),
        ),
        condition(found),
        h(
          "section",
          { class: "card" },
          h("h2", {}, "Episodes"),
          h(
            "ul",
            { class: "rows" },
            found.episodes
              .slice(0, EPISODES_SHOWN)
              .map((/** @type {string} */ id) => h("li", {}, episodeLink(id))),
          ),
        ),
      ),
    ];
  },
};

/** @param {import("../core/place.js").Place} place */
function form(place) {
  const value = (/** @type {string} */ name) => place.query.get(name) ?? "";
  const names = { "": "all" };
  return filters(
    (values) => changed(place, values),
    h("label", {}, "Kind", choice(KINDS, { name: "kind", value: value("kind"), names })),
    h(
      "label",
      {},
      "Polarity",
      choice(POLARITIES, { name: "polarity", value: value("polarity"), names }),
    ),
    h("label", {}, "Tool", h("input", { name: "tool", value: value("tool"), maxlength: "200" })),
  );
}

/** @param {import("../core/place.js").Place} place */
function nothing({ query }) {
  if ([...FILTERS, "after"].some((name) => query.get(name)))
    return empty(
      "No pattern is like that on this page.",
      h("a", { class: "button", href: hrefOf("patterns") }, "Show all"),
    );
  return empty(
    `Nothing was learned in the namespace "${session.namespace}" yet.`,
    "Patterns grow as soon as episodes end with an outcome.",
  );
}

/** @param {any} pattern @param {() => Promise<void>} [redraw] after a decision; absent: none */
export function patternCard(pattern, redraw) {
  const { id, kind, last_seen_at: seenAt, confidence } = pattern;
  const about = [`${kind.replaceAll("_", " ")} · seen `, since(seenAt)];
  return learnedCard(
    { words: wordsOf(pattern), patternId: id, learned: pattern, about },
    pattern.why && why({ confidence, ...pattern.why }),
    redraw && decisionsOf(pattern, redraw),
  );
}

/** @param {any} pattern @param {() => Promise<void>} redraw @param {boolean} [asksWhy] */
function decisionsOf({ id, description, curation }, redraw, asksWhy) {
  return decisionsOn(
    "pattern",
    { id, words: curation?.text ?? description, mark: curation },
    redraw,
    asksWhy,
  );
}

/** @param {any} pattern */
function evidence({ support, confidence, lift, occurrences, mean_latency_ms }) {
  const { success, failure, episodes } = support;
  const share = shareOf(success, success + failure);
  const values = [
    ["successes, by weight", success.toFixed(1)],
    ["failures, by weight", failure.toFixed(1)],
    ["episodes", count(episodes)],
    ["seen", counted(occurrences, "time")],
    ["confidence", confidence.toFixed(2)],
    ["lift over what is usual", lift.toFixed(2)],
    ["mean latency", duration(mean_latency_ms)],
  ];
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Evidence"),
    intervalBar(share),
    share && h("p", { class: "muted small" }, `success, ${intervalText(share)}`),
    h(
      "dl",
      { class: "facts lean" },
      values.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    ),
  );
}

/** @param {any} pattern */
function condition({ condition: holds, tools, actions = [] }) {
  const parts = Object.entries(holds ?? {});
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "What it is"),
    parts.length > 0 &&
      h(
        "dl",
        { class: "facts lean" },
        parts.map(([name, value]) =>
          h("div", {}, h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, String(value))),
        ),
      ),
    h(
      "ol",
      { class: "chain" },
      (actions.length > 0 ? actions : tools).map((/** @type {string} */ each) =>
        h("li", {}, h("code", {}, each)),
      ),
    ),
  );
}
