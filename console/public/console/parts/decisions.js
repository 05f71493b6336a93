/** The buttons by which a person decides about anything that was learned. */

import { ask } from "../core/api.js";
import { h, pill, since } from "../core/dom.js";
import { guarded, onSubmit, textBox, valueOf } from "./forms.js";

/** Characters of a lesson, and of the words that a person gives an item. */
export const TEXT_MAX = "1000";

/** @typedef {"lesson" | "pattern" | "heuristic" | "playbook"} Kind */

/**
 * What was decided about an item, and the buttons by which a person decides.
 *
 * @param {Kind} kind
 * @param {{id: string, words: string, mark: any}} item its present words, and its `curation`
 * @param {() => void | Promise<void>} again after a decision
 * @param {boolean} [asksWhy] whether there is a field for the reason, which the history keeps
 */
export function decisionsOn(kind, { id, words, mark }, again, asksWhy = false) {
  const box = h("div", { "aria-live": "polite" });
  const why = h("input", { name: `why-${id}`, maxlength: TEXT_MAX, autocomplete: "off" });
  const decide = (/** @type {string} */ action, /** @type {string | null} */ text = null) =>
    guarded(box, async () => {
      await ask("/v1/curation", {
        body: { kind, id, action, reason: valueOf(why), ...(text === null ? {} : { text }) },
      });
      await again();
    });
  const { pinned = false, banned = false, review = null } = mark ?? {};
  const actions = [
    pinned ? "unpin" : "pin",
    banned ? "unban" : "ban",
    ...(review === "approved" ? [] : ["approve"]),
    ...(review === "rejected" ? [] : ["reject"]),
    ...(mark ? ["clear"] : []),
  ];
  const edit = editForm(id, words, (text) => void decide("edit", text));
  return h(
    "div",
    { class: "decisions" },
    mark && decided(mark),
    h(
      "div",
      { class: "buttons" },
      actions.map((action) =>
        h(
          "button",
          {
            type: "button",
            class: ["ban", "reject"].includes(action) && "risky",
            "data-key": `${action}-${id}`,
            onclick: () => void decide(action),
          },
          action,
        ),
      ),
      edit.button,
    ),
    asksWhy && h("label", { class: "reason" }, "Why, for the history", why),
    edit.form,
    box,
  );
}

/** @param {any} mark */
export function decided({ pinned, banned, review, text, by, at }) {
  const said = [pinned && "pinned", banned && "banned", review, text !== null && "edited"];
  return h(
    "p",
    { class: "muted small" },
    said.filter(Boolean).map((each) => [pill(each), " "]),
    `by ${by}, `,
    since(at),
  );
}

/** @param {string} id @param {string} words @param {(text: string) => void} save */
function editForm(id, words, save) {
  const { box: input, field } = textBox("Other words", {
    name: `words-${id}`,
    value: words,
    maxlength: TEXT_MAX,
  });
  const form = h(
    "form",
    { class: "edit", hidden: true, onsubmit: onSubmit(() => save(valueOf(input))) },
    field,
    h("button", { class: "main" }, "Save"),
  );
  const toggle = () => {
    form.hidden = !form.hidden;
    button.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) input.focus();
  };
  const button = h("button", { type: "button", "aria-expanded": "false", onclick: toggle }, "edit");
  return { button, form };
}
