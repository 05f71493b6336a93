/** The menu of the views. */

import { session } from "../core/api.js";
import { h } from "../core/dom.js";
import { hrefOf } from "../core/place.js";

/** Views by what one does with them. */
const GROUPS = [
  { title: "Memory", views: ["start", "episodes", "patterns", "playbooks", "lessons", "recall"] },
  { title: "Trust", views: ["proof", "curation"] },
  { title: "Data", views: ["import"] },
];
const OPERATORS = { title: "Service", views: ["now", "usage", "access"] };
/** The entry that is marked where a view has none of its own. */
const MARKED = { episode: "episodes", pattern: "patterns", heuristics: "patterns" };

/**
 * @param {HTMLElement} nav
 * @param {HTMLElement} button shows it where it does not fit beside the page
 * @param {Map<string, {title: string}>} views
 */
export function showMenu(nav, button, views) {
  nav.querySelectorAll(".group").forEach((group) => group.remove());
  const groups = session.isOperator ? [...GROUPS, OPERATORS] : GROUPS;
  nav.append(
    ...groups.map(({ title, views: names }) =>
      h(
        "div",
        { class: "group", role: "group", "aria-label": title },
        h("p", { "aria-hidden": "true" }, title),
        names.map((name) =>
          h("a", { href: hrefOf(name), "data-view": name }, views.get(name)?.title ?? name),
        ),
      ),
    ),
  );
  nav.hidden = false;
  nav.onkeydown = ({ key }) => {
    if (key !== "Escape" || !nav.classList.contains("open")) return;
    open(nav, button, false);
    button.focus();
  };
  button.onclick = () => open(nav, button, button.getAttribute("aria-expanded") !== "true");
}

/**
 * Marks where one is, and leads to the same namespace.
 *
 * @param {HTMLElement} nav
 * @param {string} view
 */
export function markLink(nav, view) {
  const marked = Object.hasOwn(MARKED, view) ? Reflect.get(MARKED, view) : view;
  for (const link of nav.querySelectorAll("a")) {
    const name = link.dataset["view"] ?? "";
    link.href = hrefOf(name);
    if (name === marked) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const button = document.querySelector(`[aria-controls="${nav.id}"]`);
  if (button) open(nav, button, false);
}

/** @param {HTMLElement} nav @param {Element} button @param {boolean} isOpen */
function open(nav, button, isOpen) {
  nav.classList.toggle("open", isOpen);
  button.setAttribute("aria-expanded", String(isOpen));
}
