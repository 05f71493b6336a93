/** The view "Lessons": what agents and people say that the next run should know. */

import { ask } from "../core/api.js";
import { empty, h, heading, pill, since } from "../core/dom.js";
import { counted, importedOf, percent } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { decisionsOn, TEXT_MAX } from "../parts/decisions.js";
import { choice, filters, guarded, onSubmit, pager, textBox, valueOf } from "../parts/forms.js";

const PAGE_SIZE = 24;
const STATES = ["", "active", "pending", "superseded", "banned", "rejected", "all"];
const KINDS = ["do", "avoid", "fact"];
const FILTERS = ["q", "state", "kind"];

/** @typedef {import("../core/place.js").Place} Place */

/** @type {import("../console.js").View} */
export const lessons = {
  title: "Lessons",
  everyMs: 20_000,
  async show({ place, signal, redraw }) {
    const { query } = place;
    const asked = new URLSearchParams({ limit: String(PAGE_SIZE) });
    for (const name of FILTERS) if (query.get(name)) asked.set(name, query.get(name) ?? "");
    const after = query.get("after");
    if (after) asked.set("cursor", after);
    const page = await ask(`/v1/lessons?${asked}`, { signal });
    const cards = page.lessons.map((/** @type {any} */ each) => lessonCard(place, each, redraw));
    return [
      heading(
        "Lessons",
        "Sentences that recall and advice show where they apply, those said last first.",
      ),
      newLesson(place, redraw),
      form(place),
      cards.length === 0 ? nothing(place) : h("div", { class: "grid" }, cards),
      pager({
        first: after ? changed(place, {}) : null,
        next: page.next_cursor && changed(place, { after: page.next_cursor }),
        nextName: "More",
      }),
    ];
  },
};

/** @param {Place} place */
function nothing({ query }) {
  const isFiltered = [...FILTERS, "after"].some((name) => query.get(name));
  return empty(
    "There is no lesson.",
    isFiltered
      ? h("a", { class: "button", href: hrefOf("lessons") }, "Show all")
      : "Write the first above; agents add theirs as episodes end.",
  );
}

/** @param {Place} place */
function form(place) {
  const value = (/** @type {string} */ name) => place.query.get(name) ?? "";
  return filters(
    (values) => changed(place, values),
    h(
      "label",
      { class: "wide" },
      "Words",
      h("input", { type: "search", name: "q", value: value("q"), maxlength: "200" }),
    ),
    h(
      "label",
      {},
      "State",
      choice(STATES, {
        name: "state",
        value: value("state"),
        names: { "": "active and pending" },
      }),
    ),
    h(
      "label",
      {},
      "Show",
      choice(["", ...KINDS], { name: "kind", value: value("kind"), names: { "": "all kinds" } }),
    ),
  );
}

/**
 * A form that adds a lesson, in the place of another where the address names one.
 *
 * @param {Place} place
 * @param {() => Promise<void>} redraw
 */
function newLesson(place, redraw) {
  const replaced = place.query.get("supersede");
  const box = h("div", { "aria-live": "polite" });
  const { box: text, field } = textBox("What the next run should know", {
    name: "lesson",
    maxlength: TEXT_MAX,
  });
  const kind = choice(KINDS, { name: "new-kind" });
  const tools = h("input", { name: "tools", maxlength: "500", placeholder: "any" });
  const domain = h("input", { name: "lesson-domain", maxlength: "200", placeholder: "any" });
  const add = async () => {
    const named = valueOf(tools)
      .split(/[\s,]+/)
      .filter(Boolean);
    await ask("/v1/lessons", {
      body: {
        text: valueOf(text),
        kind: valueOf(kind),
        source: "console",
        applies_to: { tools: named, domain: valueOf(domain) || null },
        ...(replaced ? { supersedes: replaced } : {}),
      },
    });
    if (replaced) location.hash = changed(place, { supersede: null });
    else await redraw();
  };
  return h(
    "form",
    { class: "card filters", onsubmit: onSubmit(() => guarded(box, add)) },
    replaced &&
      h(
        "p",
        { class: "all" },
        "Takes the place of ",
        h("code", {}, replaced),
        ". ",
        h("a", { href: changed(place, { supersede: null }) }, "Leave it as it is"),
      ),
    field,
    h("label", {}, "Kind", kind),
    h("label", {}, "Tools", tools),
    h("label", {}, "Domain", domain),
    h("button", { class: "main" }, replaced ? "Supersede" : "Add"),
    box,
  );
}

/** @param {Place} place @param {any} lesson @param {() => Promise<void>} redraw */
function lessonCard(place, lesson, redraw) {
  const { id, text, kind, state, evidence, said_at, applies_to, superseded_by, shown } = lesson;
  const rate =
    evidence.rate === null ? "never judged" : `${percent(evidence.rate, 0)} of them helped`;
  const { tools, domain, tags } = applies_to;
  const about = [
    tools.length > 0 && `tool ${tools.join(", ")}`,
    domain && `domain ${domain}`,
    tags.length > 0 && `tag ${tags.join(", ")}`,
  ].filter(Boolean);
  return h(
    "article",
    { class: "card" },
    h("div", { class: "head" }, h("h2", {}, text), pill(kind), state !== "active" && pill(state)),
    h(
      "p",
      { class: "muted small" },
      `said ${counted(evidence.said, "time")}, last `,
      since(said_at),
      ` · shown ${shown} · used ${evidence.used}, ${rate}${importedOf(evidence)}`,
    ),
    about.length > 0 && h("p", { class: "small" }, `Applies to: ${about.join(" · ")}`),
    superseded_by && h("p", { class: "small" }, "Superseded by ", h("code", {}, superseded_by)),
    decisionsOn("lesson", { id, words: text, mark: lesson.curation }, redraw),
    // What a person decided about gives its place to no other.
    state === "active" &&
      !lesson.curation &&
      h(
        "p",
        { class: "small" },
        h("a", { href: changed(place, { supersede: id }) }, "Supersede by another"),
      ),
  );
}
