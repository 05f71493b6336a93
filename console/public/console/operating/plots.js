/**
 * Latency, errors and backlog over time: five-minute samples of the last day, then what this page
 * saw itself.
 */

import uPlot from "../uplot.js";
import { h } from "../core/dom.js";

/** Below, each of them has a dot. */
const FEW_POINTS = 30;
const WIDTH_MIN = 240;
const HEIGHT = 190;

/** @param {string} name */
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** @param {number} share @param {number[]} bounds @param {number[]} counts not cumulative */
export function quantile(share, bounds, counts) {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total <= 0) return null;
  let rank = share * total;
  for (const [i, bound] of bounds.entries()) {
    const n = counts[i] ?? 0;
    const from = i === 0 ? 0 : (bounds[i - 1] ?? 0);
    if (rank <= n && n > 0) return from + ((bound - from) * rank) / n;
    rank -= n;
  }
  return bounds.at(-1) ?? null;
}

/** @param {any[]} samples */
function steps(samples) {
  return samples.slice(1).map((sample, i) => ({
    before: samples[i],
    sample,
    seconds: Math.max(1, (Date.parse(sample.at) - Date.parse(samples[i].at)) / 1000),
  }));
}
/** @param {any} step @param {string} name */
const rate = ({ before, sample, seconds }, name) =>
  Math.max(0, (sample.totals[name] ?? 0) - (before.totals[name] ?? 0)) / seconds;
/** @param {any} step @param {string} name @param {number} share @param {number[]} bounds */
function ms({ before, sample }, name, share, bounds) {
  const counts = (sample.histograms[name] ?? []).map(
    (/** @type {number} */ n, /** @type {number} */ i) =>
      Math.max(0, n - (before.histograms[name]?.[i] ?? 0)),
  );
  const value = quantile(share, bounds, counts);
  return value === null ? null : value * 1000;
}

const PLOTS = [
  {
    title: "Requests a second",
    lines: [
      ["requests", "--plot-1", "requests"],
      ["server_errors", "--plot-3", "5xx"],
    ],
    of: rate,
  },
  {
    title: "Latency of requests, ms",
    lines: [
      ["http", "--plot-1", "p50", 0.5],
      ["http", "--plot-2", "p95", 0.95],
    ],
    of: ms,
  },
  {
    title: "Latency of the database, ms",
    lines: [
      ["storage", "--plot-1", "p50", 0.5],
      ["storage", "--plot-2", "p95", 0.95],
    ],
    of: ms,
  },
  {
    title: "Errors of backends a second",
    lines: [["storage_errors", "--plot-3", "errors"]],
    of: rate,
  },
  {
    title: "Writes that wait, rows",
    lines: [
      ["outbox_rows", "--plot-2", "rows"],
      ["outbox_dead", "--plot-3", "dead letters"],
    ],
    of: now,
  },
  { title: "Episodes", lines: [["active_episodes", "--plot-4", "active"]], of: now },
];
/** @param {any} step @param {string} name */
function now({ sample }, name) {
  return sample.totals[name] ?? null;
}

/** @param {any} _plot @param {number[]} ticks s */
function clock(_plot, ticks) {
  const fine = ticks.length > 1 && (ticks[1] ?? 0) - (ticks[0] ?? 0) < 60;
  return ticks.map((at) => new Date(at * 1000).toISOString().slice(11, fine ? 19 : 16));
}

/**
 * Draws the plots into a box. Returns what takes them down.
 *
 * @param {Element} box
 * @param {any[]} samples
 * @param {number[]} bounds of the histograms' buckets, s
 */
export function drawPlots(box, samples, bounds) {
  const pairs = steps(samples);
  const figures = PLOTS.map(({ title, lines, of }) => {
    const last = pairs.at(-1);
    const now = lines.map(([name, , label, share]) => {
      const value = last ? of(last, String(name), Number(share), bounds) : null;
      return `${label} ${shortOf(value)}`;
    });
    return { lines, of, target: figure(box, title, now.join(", ")) };
  });
  // After all of them are there: a plot is as wide as the page then lets it be.
  const plots = figures.map(({ lines, of, target }) => {
    const data = [
      pairs.map(({ sample }) => Date.parse(sample.at) / 1000),
      ...lines.map(([name, , , share]) =>
        pairs.map((pair) => of(pair, String(name), Number(share), bounds)),
      ),
    ];
    const options = optionsOf(lines, target.clientWidth, pairs.length < FEW_POINTS);
    return new uPlot(/** @type {any} */ (options), /** @type {any} */ (data), target);
  });
  return () => plots.forEach((plot) => plot.destroy());
}

/** @param {Element} box @param {string} title @param {string} now @returns what it is drawn into */
function figure(box, title, now) {
  const target = h("div", { class: "plot" });
  const caption = h(
    "figcaption",
    {},
    h("h3", {}, title),
    h("span", { class: "muted" }, `now: ${now}`),
  );
  box.append(h("figure", { class: "card" }, caption, target));
  return target;
}

/**
 * @param {(string | number)[][]} lines
 * @param {number} width
 * @param {boolean} hasDots
 */
function optionsOf(lines, width, hasDots) {
  const line = { stroke: color("--line"), width: 1 };
  const axis = { stroke: color("--muted"), grid: line, ticks: line };
  return {
    width: Math.max(WIDTH_MIN, width),
    height: HEIGHT,
    cursor: { y: false },
    scales: { y: { range: fromZero } },
    // Times of the service are UTC, on the page as in its log.
    tzDate: (/** @type {number} */ at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
    axes: [
      { ...axis, values: clock },
      { ...axis, size: 56 },
    ],
    series: [
      { value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" },
      ...lines.map(([, stroke, label]) => ({
        label: String(label),
        stroke: color(String(stroke)),
        width: 2,
        points: { show: hasDots },
        value: (/** @type {any} */ _plot, /** @type {number | null} */ value) => shortOf(value),
      })),
    ],
  };
}

/** @param {any} _plot @param {number} _min @param {number} max */
const fromZero = (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1];

/** @param {number | null} value */
const shortOf = (value) => (value === null ? "–" : value.toFixed(value < 10 ? 2 : 0));
