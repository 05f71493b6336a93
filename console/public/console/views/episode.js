/** The view "Episode": what was done step by step, and where the values of each step came from. */

import { ask } from "../core/api.js";
import { empty, h, heading, pill, since, svg, time, why } from "../core/dom.js";
import { count, counted, cut, duration, percent } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { archiving } from "../parts/archiving.js";
import { drawArcs } from "../parts/arcs.js";
import { flowOf } from "../parts/flow.js";
import { pager } from "../parts/forms.js";
import { episodeLink, patternRows } from "../parts/items.js";
import { patternsById } from "./patterns.js";

const STEPS_SHOWN = 100;
/** How often an episode is looked at that runs. */
const RUNNING_MS = 5_000;
/** Characters of a step's result, of a value and of the title. */
const RESULT_MAX = 20_000;
const VALUE_MAX = 200;
const TITLE_MAX = 150;

/** @typedef {import("../core/place.js").Place} Place */

class EpisodeView {
  title = "Episode";
  /** @type {number | undefined} */
  everyMs = undefined;
  /** The step that was scrolled to, so that an update does not do it again. */
  #scrolledTo = "";

  /** @param {import("../console.js").Visit} visit */
  async show({ place, signal, after, redraw }) {
    const path = `/v1/episodes/${encodeURIComponent(place.id)}`;
    const [episode, related] = await Promise.all([
      ask(path, { signal }),
      ask(`${path}/relationships`, { signal }).catch(() => ({ relationships: [] })),
    ]);
    this.everyMs = episode.status === "in_progress" ? RUNNING_MS : undefined;
    const patterns = await patternsById(episode.pattern_ids, signal);
    const flow = flowOf(episode.task, episode.steps);
    const selected = place.query.get("step") ?? "";
    after((box) => this.#scrollTo(box, `${place.id}/${selected}`, selected));
    after((box) => arcsOf(box, episode.steps, flow));
    return [
      h("p", { class: "crumbs" }, h("a", { href: hrefOf("episodes") }, "← Episodes")),
      headOf(episode, redraw),
      facts(episode),
      ending(episode),
      timeline(place, episode, flow),
      h(
        "div",
        { class: "grid" },
        episode.reward && rewardCard(episode.reward),
        episode.reflection && reflectionCard(episode.reflection),
        patterns.length > 0 &&
          h(
            "section",
            { class: "card" },
            h("h2", {}, "What it taught, or bears out"),
            patternRows(patterns),
          ),
        related.relationships.length > 0 && relatedCard(episode.id, related.relationships),
      ),
    ];
  }

  /** @param {HTMLElement} box @param {string} key @param {string} selected */
  #scrollTo(box, key, selected) {
    if (selected === "" || key === this.#scrolledTo) return;
    this.#scrolledTo = key;
    const item = box.querySelector(`[data-number="${CSS.escape(selected)}"]`);
    item?.scrollIntoView({ block: "center" });
    /** @type {HTMLElement | null} */ (item)?.focus({ preventScroll: true });
  }
}

export const episode = new EpisodeView();

/** @param {any} episode @param {() => Promise<void>} redraw */
function headOf(episode, redraw) {
  const { id, task, namespace, version, outcome, status, archived_at } = episode;
  const title = heading(
    cut(task, TITLE_MAX),
    [
      pill(outcome?.type ?? status),
      " ",
      archived_at && [pill("archived"), " ", since(archived_at), " · "],
      h("span", { class: "mono" }, `${namespace} / ${id}`),
      ` · version ${version}`,
    ],
    archiving(episode, redraw),
    h("a", { class: "button", href: hrefOf("playbooks", { query: { like: id } }) }, "Playbook"),
    h("a", { class: "button", href: hrefOf("recall", { query: { like: id } }) }, "Recall"),
  );
  if (task.length <= TITLE_MAX) return title;
  return [
    title,
    h("details", { id: "whole-task" }, h("summary", {}, "The whole task"), h("pre", {}, task)),
  ];
}

/** @param {any} episode */
function facts({ started_at, ended_at, task_type, context, tags, steps }) {
  const failed = steps.filter((/** @type {any} */ each) => isBad(each.result?.type)).length;
  const took = ended_at ? duration(Date.parse(ended_at) - Date.parse(started_at)) : "still running";
  const values = [
    ["started", time(started_at)],
    ["took", took],
    [
      "steps",
      failed > 0 ? `${count(steps.length)}, ${count(failed)} with an error` : count(steps.length),
    ],
    ["type", task_type.replaceAll("_", " ")],
    ["domain", context.domain || "–"],
    ["tags", [...context.tags, ...tags].join(", ") || "–"],
  ];
  return h(
    "dl",
    { class: "facts" },
    values.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** @param {any} episode */
function ending({ outcome }) {
  const text = outcome && (outcome.verdict || outcome.reason);
  return text && h("p", { class: `ending ${isBad(outcome.type) ? "bad" : "good"}` }, text);
}

/** @param {string | undefined} type */
const isBad = (type) => type === "error" || type === "timeout" || type === "failure";

/**
 * @param {Place} place
 * @param {any} episode
 * @param {import("../parts/flow.js").Parameter[][]} flow
 */
function timeline(place, episode, flow) {
  const { steps } = episode;
  if (steps.length === 0) return empty("No steps yet.");
  const selected = Number(place.query.get("step") ?? 0);
  const wanted = Math.max(0, (selected || Number(place.query.get("from") ?? 1)) - 1);
  const begin = Math.floor(Math.min(wanted, steps.length - 1) / STEPS_SHOWN) * STEPS_SHOWN;
  const end = begin + STEPS_SHOWN;
  const slowest = Math.max(1, ...steps.map((/** @type {any} */ each) => each.latency_ms ?? 0));
  const items = steps
    .slice(begin, end)
    .map((/** @type {any} */ step, /** @type {number} */ i) =>
      stepItem(step, { place, parameters: flow[begin + i] ?? [], episode, slowest, selected }),
    );
  const from = (/** @type {number} */ at) => changed(place, { step: null, from: String(at + 1) });
  const isPassedOn = flow.some((parameters) => parameters.some(({ source }) => source !== null));
  return h(
    "section",
    {},
    h("h2", {}, `Steps (${count(steps.length)})`),
    isPassedOn &&
      h(
        "p",
        { class: "muted small only-wide" },
        "A line at the left goes from the step that gave a value to the step that used it.",
      ),
    h("div", { class: "flow" }, h("ol", { class: "timeline", id: "steps" }, items)),
    pager({
      first: begin > 0 ? from(0) : null,
      next: end < steps.length ? from(end) : null,
      nextName: "Later steps",
    }),
  );
}

/**
 * @param {any} step
 * @param {{place: Place, parameters: import("../parts/flow.js").Parameter[], episode: any,
 *   slowest: number, selected: number}} context
 */
function stepItem(step, { place, parameters, episode, slowest, selected }) {
  const { number, tool, action, result, latency_ms, tokens, at } = step;
  const type = result?.type ?? "unknown";
  const kind = isBad(type) ? "bad" : type === "success" ? "good" : "";
  const output = result?.output ?? result?.message ?? null;
  const offset = Date.parse(at) - Date.parse(episode.started_at);
  const about = [
    offset > 0 && `+${duration(offset)}`,
    latency_ms !== null && `took ${duration(latency_ms)}`,
    tokens !== null && `${count(tokens)} tokens`,
  ].filter(Boolean);
  return h(
    "li",
    {
      class: `${kind}${number === selected ? " selected" : ""}`,
      tabindex: "-1",
      "data-number": number,
    },
    h(
      "div",
      { class: "step-head" },
      h(
        "a",
        { class: "tool", href: changed(place, { step: String(number), from: null }) },
        `${number}. ${tool}`,
      ),
      pill(type),
      h("span", { class: "muted small" }, about.join(" · ")),
      latency_ms > 0 && latencyBar(latency_ms / slowest),
    ),
    action && h("p", { class: "action" }, action),
    parameters.length > 0 && parameterList(place, parameters, episode.steps),
    output && folded(`result-${number}`, String(output), isBad(type)),
  );
}

/** @param {number} share */
function latencyBar(share) {
  const line = { height: 5, rx: 2.5 };
  return svg(
    "svg",
    { class: "latency", "aria-hidden": "true" },
    svg("rect", { class: "track", width: "100%", ...line }),
    svg("rect", { class: "bar", width: `${Math.max(3, 100 * share).toFixed(1)}%`, ...line }),
  );
}

/**
 * @param {Place} place
 * @param {import("../parts/flow.js").Parameter[]} parameters
 * @param {any[]} steps
 */
function parameterList(place, parameters, steps) {
  return h(
    "dl",
    { class: "parameters" },
    parameters.map(({ name, value, source }) =>
      h(
        "div",
        {},
        h("dt", {}, name),
        h("dd", {}, h("code", {}, cut(value, VALUE_MAX)), source && sourceOf(place, source, steps)),
      ),
    ),
  );
}

/** @param {Place} place @param {import("../parts/flow.js").Source} source @param {any[]} steps */
function sourceOf(place, { step, path }, steps) {
  if (step === 0) return h("span", { class: "source" }, "from the task");
  const tool = steps.find(({ number }) => number === step)?.tool ?? "";
  return h(
    "a",
    { class: "source", href: changed(place, { step: String(step), from: null }) },
    `from step ${step}`,
    h("span", { class: "muted" }, ` ${cut(path || tool, 60)}`),
  );
}

/** @param {string} id @param {string} text @param {boolean} isOpen */
function folded(id, text, isOpen) {
  const first = cut(text.replaceAll(/\s+/g, " ").trim(), 90);
  return h(
    "details",
    { id, open: isOpen },
    h("summary", {}, "Result ", h("span", { class: "muted mono" }, first)),
    h("pre", { tabindex: "0" }, indented(text).slice(0, RESULT_MAX)),
  );
}

/** JSON as one reads it. @param {string} text */
function indented(text) {
  if (text.length > RESULT_MAX || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * @param {HTMLElement} box
 * @param {any[]} steps
 * @param {import("../parts/flow.js").Parameter[][]} flow
 */
function arcsOf(box, steps, flow) {
  const list = /** @type {HTMLElement | null} */ (box.querySelector("#steps"));
  if (!list) return;
  const flows = flow.flatMap((parameters, i) =>
    [...new Set(parameters.flatMap(({ source }) => (source ? [source.step] : [])))].map((from) => ({
      from,
      to: steps[i].number,
    })),
  );
  return drawArcs(list, flows);
}

/** @param {any} reward */
function rewardCard({ total, base, efficiency, quality, learning }) {
  return h(
    "section",
    { class: "card" },
    h("h2", {}, `Reward ${percent(total, 0)}`),
    why({ base, efficiency, quality, learning }),
  );
}

/** @param {any} reflection */
function reflectionCard(reflection) {
  const lists = ["successes", "improvements", "insights"].filter(
    (name) => reflection[name].length > 0,
  );
  if (lists.length === 0) return null;
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Reflection"),
    lists.map((name) => [
      h("h3", {}, name),
      h(
        "ul",
        {},
        reflection[name].map((/** @type {string} */ line) => h("li", {}, line)),
      ),
    ]),
  );
}

/** @param {string} id @param {any[]} all */
function relatedCard(id, all) {
  const SHOWN = 20;
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Related episodes"),
    h(
      "ul",
      { class: "rows" },
      all
        .slice(0, SHOWN)
        .map(({ from, to, type, created_at }) =>
          h(
            "li",
            {},
            h(
              "span",
              { class: "muted" },
              `${from === id ? "" : "← "}${type.replaceAll("_", " ")} `,
            ),
            episodeLink(from === id ? to : from),
            " ",
            h("span", { class: "muted small" }, since(created_at)),
          ),
        ),
    ),
    all.length > SHOWN && h("p", { class: "muted" }, `and ${counted(all.length - SHOWN, "other")}`),
  );
}
