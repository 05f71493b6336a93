/**
 * Puts new content in the place of old, so that somebody who is using the old does not notice: the
 * focus, what is unfolded, what was typed and how far one scrolled stay.
 */

/** @param {Element} box @param {Element} fresh what it shall hold */
export function swap(box, fresh) {
  const old = box.querySelector(":scope > .view");
  const focused = box.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const { scrollX, scrollY } = window;
  const scrolled = scrollsOf(box);
  if (old) keepState(old, fresh);
  box.replaceChildren(fresh);
  for (const [id, left] of scrolled) elementOf(box, id)?.scrollTo({ left });
  if (focused !== null) elementOf(box, focused)?.focus({ preventScroll: true });
  window.scrollTo(scrollX, scrollY);
}

/**
 * Whether somebody is in the middle of something that new content would disturb.
 *
 * @param {Element} box
 */
export function isBusy(box) {
  const selection = document.getSelection();
  if (selection && !selection.isCollapsed && box.contains(selection.anchorNode)) return true;
  if (box.querySelector("dialog[open]")) return true;
  const isChosen = [...box.querySelectorAll("option")].some(
    (option) => option.selected !== option.defaultSelected,
  );
  if (isChosen) return true;
  return [...box.querySelectorAll("input, textarea")].some((field) => {
    const { value, defaultValue, type } = /** @type {HTMLInputElement} */ (field);
    return type !== "file" && value !== defaultValue;
  });
}

/** @param {Element} old @param {Element} fresh */
function keepState(old, fresh) {
  const unfolded = [...old.querySelectorAll("details[id]")];
  for (const details of unfolded) {
    const same = fresh.querySelector(`#${CSS.escape(details.id)}`);
    if (same)
      /** @type {HTMLDetailsElement} */ (same).open = /** @type {HTMLDetailsElement} */ (
        details
      ).open;
  }
}

/** What names an element before and after. @param {Element | null} element */
function keyOf(element) {
  if (!element) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  for (const name of ["data-key", "name", "href", "aria-label"]) {
    const value = element.getAttribute(name);
    if (value) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
  }
  const details = element.localName === "summary" ? element.parentElement : null;
  return details?.id ? `#${CSS.escape(details.id)} > summary` : null;
}

/** @param {Element} box @param {string} selector @returns {HTMLElement | null} */
const elementOf = (box, selector) => box.querySelector(selector);

/** @param {Element} box @returns {[string, number][]} */
function scrollsOf(box) {
  return [...box.querySelectorAll(".scroll")]
    .filter((element) => element.scrollLeft > 0)
    .map((element) => [keyOf(element) ?? "x-none", element.scrollLeft]);
}
