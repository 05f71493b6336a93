/** Elements from data. Text is always set as text: what is shown was written by others. */

import { ago } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, any>} attributes @param {...any} children */
export function h(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/**
 * The same for the parts of a drawing.
 *
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...any} children
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  return /** @type {SVGElement} */ (build(element, attributes, children));
}

/**
 * @template {Element} T
 * @param {T} element
 * @param {Record<string, any>} attributes
 * @param {any[]} children
 */
function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (element instanceof HTMLElement && name in element && typeof value !== "string")
      Reflect.set(element, name, value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children.flat(4).filter(isThere));
  return element;
}

/** @param {Element} element @param {...any} children */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(4).filter(isThere));
}

/** @param {any} child */
const isThere = (child) => child !== null && child !== undefined && child !== false && child !== "";

const KINDS = {
  closed: "good",
  healthy: "good",
  success: "good",
  completed: "good",
  helps: "good",
  do: "good",
  approved: "good",
  active: "good",
  created: "good",
  open: "bad",
  unhealthy: "bad",
  forced_open: "bad",
  failure: "bad",
  failed: "bad",
  critical: "bad",
  avoid: "bad",
  banned: "bad",
  rejected: "bad",
  harms: "bad",
  error: "bad",
  timeout: "bad",
  info: "plain",
  fact: "plain",
  neutral: "plain",
  unknown: "plain",
  archived: "plain",
  superseded: "plain",
  undecided: "plain",
  in_progress: "busy",
  running: "busy",
  pinned: "busy",
  edited: "busy",
};

/**
 * A text whose long names may be broken where their words end.
 *
 * @param {string} text
 * @returns {(string | Element)[]}
 */
export function breakable(text) {
  return text.split(/(?<=[_/.])(?=\w)/).flatMap((part, i) => (i > 0 ? [h("wbr"), part] : [part]));
}

/** A state as a small label. @param {string} state */
export function pill(state) {
  const kind = Object.hasOwn(KINDS, state) ? Reflect.get(KINDS, state) : "warn";
  return h("span", { class: `pill ${kind}` }, state.replaceAll("_", " "));
}

/**
 * @param {string[]} heads
 * @param {any[][]} rows
 * @param {{caption: string, numbers?: number[]}} options `numbers`: columns set to the right
 */
export function table(heads, rows, { caption, numbers = [] }) {
  const at = (/** @type {number} */ i) => (numbers.includes(i) ? "number" : null);
  const head = heads.map((text, i) => h("th", { scope: "col", class: at(i) }, text));
  const body = rows.map((row) =>
    h(
      "tr",
      {},
      row.map((cell, i) => h("td", { class: at(i), "data-head": heads[i] ?? "" }, cell)),
    ),
  );
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, head)),
      h("tbody", {}, body),
    ),
  );
}

/** @param {string | null | undefined} at */
export function time(at) {
  return at
    ? h("time", { datetime: at, title: at }, `${at.slice(0, 10)} ${at.slice(11, 19)}`)
    : "–";
}

/** How long ago, with the time itself when asked for. @param {string | null | undefined} at */
export function since(at) {
  return at ? h("time", { datetime: at, title: at }, ago(at)) : "–";
}

/** @param {Record<string, number>} parts of a score */
export function why(parts) {
  return h(
    "div",
    { class: "why" },
    Object.entries(parts).map(([name, value]) => [
      h("span", {}, name.replaceAll("_", " ")),
      h("meter", {
        min: "0",
        max: "1",
        value: String(Math.max(0, value)),
        "aria-label": `${name} ${value.toFixed(2)}`,
      }),
      h("span", { class: "mono" }, value.toFixed(3)),
    ]),
  );
}

/**
 * The head of a view.
 *
 * @param {any} title
 * @param {any} about one sentence
 * @param {...any} actions at its end
 */
export function heading(title, about, ...actions) {
  return h(
    "div",
    { class: "heading" },
    h("div", {}, h("h1", {}, title), about && h("p", { class: "muted" }, about)),
    actions.length > 0 && h("div", { class: "actions" }, actions),
  );
}

/**
 * What stands where nothing is yet.
 *
 * @param {string} title
 * @param {...any} what what to do about it
 */
export function empty(title, ...what) {
  return h(
    "div",
    { class: "card empty" },
    h("p", { class: "empty-title" }, title),
    what.length > 0 && h("p", {}, what),
  );
}

/** @param {string} title @param {...any} content */
export function section(title, ...content) {
  return h("section", {}, h("h2", {}, title), content);
}
