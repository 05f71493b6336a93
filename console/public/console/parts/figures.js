/** Single figures, and how sure they are. */

import { h, svg } from "../core/dom.js";
import { percent } from "../core/format.js";

/** @typedef {{rate: number | null, low: number | null, high: number | null}} Share */

/** Of the line of an interval and of its mark, px. */
const LINE = { y: 5, height: 4, rx: 2 };
const MARK = { y: 1, width: 4, height: 12, rx: 1.5 };

const BAR = { height: 8, rx: 4 };
/** A share as a length. @param {number} share */
const lengthOf = (share) => `${(100 * share).toFixed(1)}%`;

/**
 * A figure with its name.
 *
 * @param {string} name
 * @param {any} value
 * @param {...any} about what stands below it
 */
export function figure(name, value, ...about) {
  return h(
    "div",
    { class: "figure" },
    h("span", { class: "name" }, name),
    h("b", {}, value),
    about.filter(Boolean).map((each) => h("div", { class: "about" }, each)),
  );
}

/** A share with its 95 % interval. @param {Share | null} share */
export function intervalBar(share) {
  if (!share || share.rate === null || share.low === null || share.high === null) return null;
  const { rate, low, high } = share;
  const label = `${percent(rate, 0)}, with 95 % confidence between ${percent(low, 0)} and ${percent(high, 0)}`;
  return svg(
    "svg",
    { class: "interval", role: "img", "aria-label": label },
    svg("title", {}, label),
    svg("rect", { class: "track", width: "100%", ...LINE }),
    svg("rect", { class: "band", x: lengthOf(low), width: lengthOf(high - low), ...LINE }),
    svg("rect", { class: "point", x: lengthOf(0.99 * rate), ...MARK }),
  );
}

/** The interval in words. @param {Share | null} share */
export function intervalText(share) {
  if (!share || share.rate === null) return null;
  return `95 % interval ${percent(share.low, 0)} … ${percent(share.high, 0)}`;
}

/**
 * A list of names with bars of their lengths.
 *
 * @param {{name: any, value: number, text: string}[]} rows
 */
export function bars(rows) {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return h(
    "ul",
    { class: "bars" },
    rows.map(({ name, value, text }) =>
      h(
        "li",
        {},
        h("span", { class: "name" }, name),
        svg(
          "svg",
          { "aria-hidden": "true" },
          svg("rect", { class: "track", width: "100%", ...BAR }),
          svg("rect", { class: "bar", width: lengthOf(value / most), ...BAR }),
        ),
        h("span", { class: "number" }, text),
      ),
    ),
  );
}
