/** Lines beside a list, from the item that gave a value to the item that used it. */

import { fill, svg } from "../core/dom.js";

const WIDTH = 64;
const ARCS_MAX = 300;
/** Where an item's mark is, below its top. */
const MARK = 14;

/**
 * Draws them, and again when the list changes its size.
 *
 * @param {HTMLElement} list its items have `data-number`
 * @param {{from: number, to: number}[]} flows `from` 0: what stands above the list
 * @returns what ends it
 */
export function drawArcs(list, flows) {
  const drawing = svg("svg", { class: "arcs", "aria-hidden": "true" });
  list.before(drawing);
  const draw = () => {
    const tops = new Map(
      [...list.children].map((item) => [
        Number(item.getAttribute("data-number")),
        /** @type {HTMLElement} */ (item).offsetTop - list.offsetTop + MARK,
      ]),
    );
    const height = list.offsetHeight;
    drawing.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
    drawing.setAttribute("height", String(height));
    drawing.setAttribute("width", String(WIDTH));
    fill(
      drawing,
      flows.slice(0, ARCS_MAX).map((flow) => arc(flow, tops)),
    );
  };
  draw();
  const observer = new ResizeObserver(draw);
  observer.observe(list);
  const light = (/** @type {Event} */ event) => {
    const item = event.type === "pointerleave" ? null : /** @type {Element} */ (event.target);
    highlight(drawing, item?.closest("[data-number]")?.getAttribute("data-number") ?? null);
  };
  for (const type of ["pointerover", "focusin", "pointerleave"]) list.addEventListener(type, light);
  return () => observer.disconnect();
}

/** @param {{from: number, to: number}} flow @param {Map<number, number>} tops */
function arc({ from, to }, tops) {
  const end = tops.get(to);
  if (end === undefined) return null;
  // What was told on an earlier page, or by the task, comes from above.
  const begin = tops.get(from) ?? 0;
  const depth = Math.min(WIDTH - 6, 16 + 7 * Math.sqrt(Math.abs(end - begin)) * 0.4);
  const x = WIDTH;
  return svg("path", {
    d: `M${x} ${begin} C${x - depth} ${begin} ${x - depth} ${end} ${x} ${end}`,
    "data-from": from,
    "data-to": to,
  });
}

/** @param {Element} drawing @param {string | null} number */
function highlight(drawing, number) {
  for (const path of drawing.querySelectorAll("path")) {
    const { from, to } = path.dataset;
    path.classList.toggle("on", number !== null && (from === number || to === number));
  }
}
