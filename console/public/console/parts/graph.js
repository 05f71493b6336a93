/**
 * Draws a playbook: its steps from above to below, where it branches and what it repeats, and from
 * where each step has its values. Every step is a link, so that the keyboard reaches it.
 */

import { svg } from "../core/dom.js";
import { cut, percent } from "../core/format.js";

const NODE = { width: 240, height: 58 };
const GAP = 40;
/** What is left beside the nodes for ways around a step, and for values that go further. */
const LEFT = 54;
const RIGHT = 66;
const WIDTH = LEFT + NODE.width + RIGHT;
const TASK_HEIGHT = 34;
const END_RADIUS = 7;
/** Runs that take a step, so that it is drawn as one that is always taken. */
const ALWAYS_MIN = 0.75;
const TOOL_MAX = 27;
const LINE_MAX = 40;
const LABEL_MAX = 26;

/** @typedef {{index: number, name: string}} Source `index` -1: the task */

/**
 * Where the values of a step come from that is the i-th.
 *
 * @param {any[]} steps
 * @param {number} i
 * @returns {Source[]}
 */
export function sourcesOf(steps, i) {
  const named = (steps[i].parameters ?? []).flatMap((/** @type {any} */ each) =>
    [each.source, ...(each.or ?? [])].filter(Boolean),
  );
  if (steps[i].for_each) named.push(steps[i].for_each);
  return [...new Set(named)].flatMap((name) => {
    if (name === "task") return [{ index: -1, name }];
    const index = steps
      .slice(0, i)
      .findLastIndex(({ tool }) => name === tool || name.startsWith(`${tool}.`));
    return index < 0 ? [] : [{ index, name }];
  });
}

/**
 * @param {any[]} steps of a playbook
 * @param {{hrefOf: (order: number) => string, selected: number}} options `selected`: the order of
 *   the step that is
 */
export function graphOf(steps, { hrefOf, selected }) {
  const height = topOf(steps.length) + 2 * END_RADIUS + 6;
  return svg(
    "svg",
    {
      class: "graph",
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: "group",
      "aria-label": `The playbook as a graph of ${steps.length} steps`,
    },
    svg("defs", {}, arrow("arrow"), arrow("arrow-value")),
    taskNode(),
    steps.map((step, i) => [...waysTo(steps, i), loopOf(step, i), valuesTo(steps, i)]),
    lineBetween(bottomOf(steps.length - 1), topOf(steps.length)),
    steps.map((step, i) => node(step, i, { hrefOf, selected })),
    svg("circle", {
      class: "end",
      cx: LEFT + NODE.width / 2,
      cy: topOf(steps.length) + END_RADIUS,
      r: END_RADIUS,
    }),
  );
}

/** @param {number} i */
const topOf = (i) => TASK_HEIGHT + GAP + i * (NODE.height + GAP);
/** -1: of the task. @param {number} i */
const bottomOf = (i) => (i < 0 ? TASK_HEIGHT + 2 : topOf(i) + NODE.height);

/** @param {string} id */
function arrow(id) {
  return svg(
    "marker",
    {
      id,
      class: id,
      viewBox: "0 0 8 8",
      refX: 7,
      refY: 4,
      markerWidth: 7,
      markerHeight: 7,
      orient: "auto-start-reverse",
    },
    svg("path", { d: "M0 0 L8 4 L0 8 Z" }),
  );
}

function taskNode() {
  return [
    svg("rect", { class: "task", x: LEFT, y: 2, width: NODE.width, height: TASK_HEIGHT, rx: 17 }),
    svg("text", { class: "middle", x: LEFT + NODE.width / 2, y: 24 }, "the task"),
  ];
}

/** @param {number} from @param {number} to */
function lineBetween(from, to) {
  const x = LEFT + NODE.width / 2;
  return svg("path", { class: "way", d: `M${x} ${from} V${to - 2}`, "marker-end": "url(#arrow)" });
}

/**
 * The way from the step before, and the ways around a step that not every run takes.
 *
 * @param {any[]} steps
 * @param {number} i
 */
function waysTo(steps, i) {
  const way = lineBetween(bottomOf(i - 1), topOf(i));
  if (isAlways(steps[i])) return [way];
  const { when, support } = steps[i];
  const label = when ? `when ${when}` : `${percent(support, 0)} of the runs`;
  // Ways around neighbours do not lie upon each other.
  const ways = [wayAround(steps, i - 1, i + 1, i % 2 === 0 ? 14 : 26)];
  const isFirst = i === 0 || isAlways(steps[i - 1]);
  const end = i + steps.slice(i).findIndex(isAlways);
  // Several in a row are passed by at once, too.
  if (isFirst && end > i + 1) ways.push(wayAround(steps, i - 1, end, 3));
  return [
    way,
    ...ways,
    svg(
      "text",
      { class: "label", x: LEFT + NODE.width / 2 + 8, y: topOf(i) - GAP / 2 + 4 },
      cut(label, LABEL_MAX),
      svg("title", {}, label),
    ),
  ];
}

/** @param {any} step */
const isAlways = ({ when, support }) => !when && support >= ALWAYS_MIN;

/** @param {any[]} steps @param {number} from @param {number} to @param {number} x of its lane */
function wayAround(steps, from, to, x) {
  const begin = bottomOf(from) - (from < 0 ? TASK_HEIGHT : NODE.height) / 2;
  const isStep = to < steps.length;
  const end = topOf(to) + (isStep ? NODE.height / 2 : END_RADIUS);
  const target = isStep ? LEFT : LEFT + NODE.width / 2 - END_RADIUS;
  const down = `H${x + 8} Q${x} ${begin} ${x} ${begin + 8} V${end - 8}`;
  return svg("path", {
    class: "way around",
    d: `M${LEFT} ${begin} ${down} Q${x} ${end} ${x + 8} ${end} H${target - 2}`,
    "marker-end": "url(#arrow)",
  });
}

/** @param {any} step @param {number} i */
function loopOf({ for_each: each }, i) {
  if (!each) return null;
  const x = LEFT + NODE.width;
  const y = topOf(i);
  return svg(
    "path",
    {
      class: "way loop",
      d: `M${x} ${y + NODE.height - 14} h10 q10 0 10 -10 V${y + 24} q0 -10 -10 -10 h-8`,
      "marker-end": "url(#arrow)",
    },
    svg("title", {}, `again for each of ${each}`),
  );
}

/** @param {any[]} steps @param {number} i */
function valuesTo(steps, i) {
  const x = LEFT + NODE.width;
  const seen = new Set();
  return sourcesOf(steps, i).flatMap(({ index, name }) => {
    // Those of the step before go the way that is drawn already.
    if (seen.has(index)) return [];
    seen.add(index);
    const begin = index < 0 ? 2 + TASK_HEIGHT / 2 : topOf(index) + NODE.height / 2 + 8;
    const end = topOf(i) + NODE.height / 2 - 6;
    const depth = Math.min(RIGHT - 8, 26 + 9 * (i - index));
    return svg(
      "path",
      {
        class: "value",
        d: `M${x} ${begin} C${x + depth} ${begin} ${x + depth} ${end} ${x + 2} ${end}`,
        "marker-end": "url(#arrow-value)",
      },
      svg("title", {}, `a value from ${name}`),
    );
  });
}

/**
 * @param {any} step
 * @param {number} i
 * @param {{hrefOf: (order: number) => string, selected: number}} options
 */
function node(step, i, { hrefOf, selected }) {
  const { order, tool, action, support, success_rate: rate, pitfalls, for_each: each } = step;
  const y = topOf(i);
  const about = [
    `${percent(support, 0)} of runs`,
    rate !== null && `succeeds ${percent(rate, 0)}`,
    pitfalls.length > 0 && `${pitfalls.length} ⚠`,
  ].filter(Boolean);
  const kind = rate === null || rate >= ALWAYS_MIN ? "" : "weak";
  return svg(
    "a",
    {
      class: `node ${kind}`,
      href: hrefOf(order),
      "data-key": `step-${order}`,
      "aria-current": order === selected && "true",
    },
    svg("rect", { x: LEFT, y, width: NODE.width, height: NODE.height, rx: 9 }),
    svg(
      "text",
      { class: "tool", x: LEFT + 14, y: y + 24 },
      cut(`${order}. ${tool}`, TOOL_MAX),
      svg("title", {}, action || tool),
    ),
    svg(
      "text",
      { class: "small", x: LEFT + 14, y: y + 43 },
      cut(each ? `↻ for each ${each}` : about.join(" · "), LINE_MAX),
    ),
  );
}
