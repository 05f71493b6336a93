/** Which namespace is shown, and the others that the key may see. */

import { namespacePage, session } from "../core/api.js";
import { fill, h } from "../core/dom.js";
import { hrefOf } from "../core/place.js";
import { guarded, onSubmit, valueOf } from "./forms.js";

/** @typedef {import("../core/place.js").Place} Place */

/** Views that show one item of a namespace, which no other namespace has. */
const OF_AN_ITEM = { episode: "episodes", pattern: "patterns" };
const NAME = "[A-Za-z0-9][A-Za-z0-9._\\-]*";

/** A button with the name of the namespace, which opens the list of them. @param {Place} place */
export function namespacePicker(place) {
  const list = h("ul", { class: "names" });
  const input = h("input", {
    "aria-label": "Filter namespaces, or type a name",
    placeholder: "Filter, or type a name",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "64",
    pattern: NAME,
  });
  const popover = h(
    "div",
    { popover: "auto", id: "namespaces", class: "popover" },
    h(
      "form",
      { onsubmit: onSubmit(() => valueOf(input) && open(place, valueOf(input))) },
      input,
      h("button", {}, "Open"),
    ),
    list,
  );
  input.addEventListener("input", () => narrow(list, valueOf(input)));
  popover.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
    input.focus();
    if (list.childElementCount === 0) void guarded(list, () => load(list, place, null));
  });
  const button = h(
    "button",
    { type: "button", class: "namespace", popovertarget: "namespaces" },
    h("span", { class: "muted" }, "Namespace"),
    h("b", {}, session.namespace),
  );
  return [button, popover];
}

/** @param {Place} place @param {string} name */
function open(place, name) {
  location.hash = hrefIn(place, name);
}

/** The same view of another namespace. @param {Place} place @param {string} name */
function hrefIn({ view }, name) {
  const other = Object.hasOwn(OF_AN_ITEM, view) ? Reflect.get(OF_AN_ITEM, view) : view;
  return hrefOf(other, { namespace: name });
}

/** @param {Element} list @param {Place} place @param {string | null} cursor */
async function load(list, place, cursor) {
  const { namespaces, next_cursor: next } = await namespacePage(cursor);
  const items = namespaces.map(({ name, empty }) =>
    h(
      "li",
      { "data-name": name.toLowerCase() },
      h(
        "a",
        { href: hrefIn(place, name), "aria-current": name === session.namespace && "true" },
        name,
        empty && h("span", { class: "muted" }, " empty"),
      ),
    ),
  );
  const more =
    next !== null &&
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          onclick: (/** @type {Event} */ event) => {
            /** @type {Element} */ (event.target).closest("li")?.remove();
            const box = h("div", {});
            void guarded(box, () => load(list, place, next)).then(() => list.append(box));
          },
        },
        "More",
      ),
    );
  if (cursor === null) fill(list, items, more);
  else list.append(...items, ...(more ? [more] : []));
}

/** @param {Element} list @param {string} part */
function narrow(list, part) {
  for (const item of list.querySelectorAll("li[data-name]"))
    /** @type {HTMLElement} */ (item).hidden = !item
      .getAttribute("data-name")
      ?.includes(part.toLowerCase());
}
