/**
 * The page "Lessons": what agents and people say, and what people decide about it; and the buttons
 * by which a person decides about anything that was learned.
 */

import { ask } from "./api.js";
import { ago, fill, h, pill } from "./dom.js";
import { guarded, namespaceField, onSubmit } from "./forms.js";

const LESSONS_SHOWN = 60;
const STATES = ["", "pending", "superseded", "banned", "rejected", "all"];
const KINDS = ["do", "avoid", "fact"];
const TEXT_MAX = "1000";

/** @param {string[]} values @param {Record<string, string>} [names] */
function choice(values, names = {}) {
  return h(
    "select",
    {},
    values.map((value) => h("option", { value }, names[value] ?? value)),
  );
}

/** @param {Element} field */
const valueOf = (field) => /** @type {HTMLInputElement} */ (field).value.trim();

/** @param {Element} main */
export async function showLessons(main) {
  const list = h("div", { class: "grid" });
  const state = choice(STATES, { "": "active and pending" });
  const words = h("input", { maxlength: "200", type: "search" });
  const load = async () => {
    const query = new URLSearchParams({ limit: String(LESSONS_SHOWN) });
    if (valueOf(state) !== "") query.set("state", valueOf(state));
    if (valueOf(words) !== "") query.set("q", valueOf(words));
    const { lessons } = await ask(`/v1/lessons?${query}`);
    const cards = lessons.map((/** @type {any} */ lesson) => lessonCard(lesson, again));
    fill(list, cards.length === 0 ? h("p", { class: "card empty" }, "There is no lesson.") : cards);
  };
  const again = () => guarded(list, load);
  fill(
    main,
    h("h2", {}, "Lessons"),
    h(
      "form",
      { class: "row", onsubmit: onSubmit(again) },
      namespaceField(again),
      h("label", {}, "State", state),
      h("label", {}, "Words", words),
      h("button", { class: "main" }, "Show"),
    ),
    newLesson(list, load),
    list,
  );
  await load();
}

/** A form that adds a lesson. @param {Element} list @param {() => Promise<void>} load */
function newLesson(list, load) {
  const text = h("input", { required: true, maxlength: TEXT_MAX });
  const kind = choice(KINDS);
  const add = async () => {
    await ask("/v1/lessons", { text: valueOf(text), kind: valueOf(kind), source: "console" });
    /** @type {HTMLInputElement} */ (text).value = "";
    await load();
  };
  return h(
    "form",
    { class: "row", onsubmit: onSubmit(() => guarded(list, add)) },
    h("label", { class: "all" }, "What the next run should know", text),
    h("label", {}, "Kind", kind),
    h("button", {}, "Add"),
  );
}

/** @param {any} lesson @param {() => void | Promise<void>} again after a decision */
function lessonCard(lesson, again) {
  const { id, text, kind, state, evidence, said_at, applies_to, superseded_by, shown } = lesson;
  const rate =
    evidence.rate === null ? "never judged" : `${Math.round(100 * evidence.rate)} % good`;
  const about = [...applies_to.tools, applies_to.domain, ...applies_to.tags].filter(Boolean);
  return h(
    "article",
    { class: "card" },
    h("div", { class: "head" }, h("h3", {}, text), pill(kind), state !== "active" && pill(state)),
    h(
      "p",
      { class: "muted" },
      `said ${evidence.said} times, last ${ago(said_at)} · used ${evidence.used}, ${rate} · shown ${shown}`,
    ),
    about.length > 0 && h("p", {}, `Applies to: ${about.join(", ")}`),
    superseded_by && h("p", {}, "Superseded by ", h("span", { class: "mono" }, superseded_by)),
    decisionsOn("lesson", { id, words: text, mark: lesson.curation }, again),
  );
}

/**
 * What was decided about an item, and the buttons by which a person decides.
 *
 * @param {"lesson" | "pattern" | "heuristic" | "playbook"} kind
 * @param {{id: string, words: string, mark: any}} item its present words, and its `curation`
 * @param {() => void | Promise<void>} again after a decision
 */
export function decisionsOn(kind, { id, words, mark }, again) {
  const box = h("div", { "aria-live": "polite" });
  const decide = (/** @type {string} */ action, /** @type {string | null} */ text = null) =>
    guarded(box, async () => {
      await ask("/v1/curation", { kind, id, action, ...(text === null ? {} : { text }) });
      await again();
    });
  const button = (/** @type {string} */ action) =>
    h("button", { type: "button", onclick: () => void decide(action) }, action);
  const edited = h("input", { maxlength: TEXT_MAX, value: words, required: true });
  const edit = h(
    "form",
    { class: "row", hidden: true, onsubmit: onSubmit(() => void decide("edit", valueOf(edited))) },
    h("label", { class: "all" }, "Other words", edited),
    h("button", {}, "Save"),
  );
  const toggle = () => {
    edit.hidden = !edit.hidden;
    if (!edit.hidden) edited.focus();
  };
  const { pinned = false, banned = false, review = null, text = null } = mark ?? {};
  const said = [pinned && "pinned", banned && "banned", review, text !== null && "edited"];
  const known = said.filter(Boolean).join(", ");
  return h(
    "div",
    {},
    mark && h("p", { class: "muted" }, `${known} by ${mark.by}, ${ago(mark.at)}`),
    h(
      "p",
      {},
      button(pinned ? "unpin" : "pin"),
      " ",
      button(banned ? "unban" : "ban"),
      " ",
      button("approve"),
      " ",
      button("reject"),
      " ",
      h("button", { type: "button", onclick: toggle }, "edit"),
      mark && [" ", button("clear")],
    ),
    edit,
    box,
  );
}
