/** What the forms of all views share, and where a failure is shown. */

import { fill, h } from "../core/dom.js";

/** @param {() => unknown} work @returns {(event: Event) => void} */
export function onSubmit(work) {
  return (event) => {
    event.preventDefault();
    work();
  };
}

/** @param {Element} field */
export const valueOf = (field) => /** @type {HTMLInputElement} */ (field).value.trim();

/**
 * A box for a sentence: Enter submits, Shift+Enter makes a new line. `field` is the box with its
 * label, and what its keys do.
 *
 * @param {string} label
 * @param {{name: string, value?: string} & Record<string, any>} options `name`: no other on the
 *   page has it; what is not named here is an attribute of the box
 */
export function textBox(label, { name, value = "", ...attributes }) {
  const keys = `${name}-keys`;
  const box = h("textarea", {
    name,
    required: true,
    rows: "2",
    enterkeyhint: "send",
    "aria-describedby": keys,
    onkeydown: submitByEnter,
    ...attributes,
  });
  box.textContent = value;
  const field = [
    h("label", { class: "all" }, label, box),
    h("p", { id: keys, class: "keys" }, "Enter submits, Shift+Enter makes a new line."),
  ];
  return { box, field };
}

/** @param {KeyboardEvent} event */
function submitByEnter(event) {
  const { key, shiftKey, isComposing } = event;
  // While an input method is open, Enter takes what it proposes.
  if (key !== "Enter" || shiftKey || isComposing) return;
  event.preventDefault();
  /** @type {HTMLTextAreaElement} */ (event.currentTarget).form?.requestSubmit();
}

/**
 * A list to choose from.
 *
 * @param {readonly string[]} values
 * @param {{name: string, value?: string, names?: Record<string, string>}} options `names`: what a
 *   value is called where that is not itself
 */
export function choice(values, { name, value = "", names = {} }) {
  const chosen = values.includes(value) ? value : values[0];
  return h(
    "select",
    { name },
    values.map((each) =>
      h(
        "option",
        { value: each, selected: each === chosen && "" },
        Object.hasOwn(names, each) ? names[each] : each.replaceAll("_", " "),
      ),
    ),
  );
}

/**
 * Filters of a list: what is chosen goes into the address, from which the list is shown.
 *
 * @param {(values: Record<string, string>) => string} hrefFor the address of what is chosen
 * @param {...any} fields labels with named fields
 */
export function filters(hrefFor, ...fields) {
  const form = h("form", { class: "filters" }, fields, h("button", {}, "Show"));
  const apply = () => {
    const all = [...new FormData(/** @type {HTMLFormElement} */ (form))];
    const values = all.map(([name, value]) => [
      name,
      typeof value === "string" ? value.trim() : "",
    ]);
    location.hash = hrefFor(Object.fromEntries(values));
  };
  form.addEventListener("submit", onSubmit(apply));
  for (const select of form.querySelectorAll("select")) select.addEventListener("change", apply);
  return form;
}

/**
 * Does the work, and shows what went wrong where its result would be.
 *
 * @param {Element} box
 * @param {() => Promise<void>} work
 */
export async function guarded(box, work) {
  try {
    fill(box);
    await work();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    fill(box, h("p", { class: "error", role: "alert" }, text));
  }
}

/**
 * The way through a list: its first page, and the page behind this one.
 *
 * @param {{first: string | null, next: string | null, nextName?: string}} hrefs null: there is none
 */
export function pager({ first, next, nextName = "Older" }) {
  if (first === null && next === null) return null;
  return h(
    "nav",
    { class: "pager", "aria-label": "Pages of the list" },
    first !== null && h("a", { class: "button", href: first }, "← First page"),
    next !== null && h("a", { class: "button", href: next }, `${nextName} →`),
  );
}
