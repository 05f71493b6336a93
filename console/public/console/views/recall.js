/** The view "Recall": what an agent would be told about a task, and why. */

import { ask } from "../core/api.js";
import { empty, h, heading, pill, section, table, why } from "../core/dom.js";
import { bytes, counted, cut, importedOf, percent } from "../core/format.js";
import { hrefOf } from "../core/place.js";
import { graphOf } from "../parts/graph.js";
import { episodeLink } from "../parts/items.js";
import { patternCard } from "./patterns.js";
import { questionOf, suggestions, taskForm } from "./playbooks.js";

const LIMIT = 5;
const TASK_MAX = 200;

/** @type {import("../console.js").View} */
export const recall = {
  title: "Recall",
  async show({ place, signal }) {
    const { task, domain } = await questionOf(place, signal);
    const head = [
      heading("Recall", "What an agent is told that asks about a task, and why."),
      taskForm(place, { task, domain, button: "Recall" }),
    ];
    if (task === "") return [head, await suggestions("recall", signal)];
    const context = domain === "" ? {} : { context: { domain } };
    const begun = performance.now();
    const view = await ask("/v1/recall", { body: { task, ...context, limit: LIMIT }, signal });
    const playbookHref = hrefOf("playbooks", { query: { task, domain } });
    return [head, answerOf(view, { ms: performance.now() - begun, playbookHref })];
  },
};

/** @param {any} view @param {{ms: number, playbookHref: string}} options `ms`: how long it took */
function answerOf(view, { ms, playbookHref }) {
  const { episodes, patterns, heuristics, playbook, next_tools, lessons = [] } = view;
  return [
    h("p", { class: "muted" }, summaryOf(view, ms)),
    view.held_out &&
      h("p", { class: "card" }, "By lot this recall is answered nothing: a hold-out is on."),
    lessons.length > 0 &&
      section("Lessons", h("ul", { class: "rows card" }, lessons.map(lessonLine))),
    section(
      "Episodes",
      episodes.length === 0
        ? empty("There is no similar episode.")
        : h("div", { class: "grid" }, episodes.map(recalledCard)),
    ),
    next_tools.length > 0 && section("Next tools", nextTools(next_tools)),
    playbook &&
      playbook.steps.length > 0 &&
      section(
        `Playbook, confidence ${playbook.confidence.toFixed(2)}`,
        h(
          "div",
          { class: "card" },
          graphOf(playbook.steps, { hrefOf: () => playbookHref, selected: 0 }),
        ),
      ),
    patterns.length > 0 &&
      section(
        "Patterns",
        h(
          "div",
          { class: "grid" },
          patterns.map((/** @type {any} */ each) => patternCard(each)),
        ),
      ),
    heuristics.length > 0 &&
      section("Heuristics", h("div", { class: "grid" }, heuristics.map(heuristicCard))),
  ];
}

/** @param {any} lesson */
function lessonLine({ text, kind, evidence }) {
  const said = `said ${counted(evidence.said, "time")}, used ${evidence.used}${importedOf(evidence)}`;
  return h("li", {}, pill(kind), " ", text, " ", h("span", { class: "muted small" }, said));
}

/** @param {any} view @param {number} ms */
function summaryOf(view, ms) {
  const { episodes, patterns, heuristics, served_by, degraded } = view;
  return [
    `${counted(episodes.length, "episode")}, ${counted(patterns.length, "pattern")}, ${counted(heuristics.length, "heuristic")}`,
    `served by the ${served_by}${degraded ? ", degraded" : ""}`,
    `${Math.round(ms)} ms`,
    bytes(JSON.stringify(view).length),
  ].join(" · ");
}

/** @param {any[]} tools */
function nextTools(tools) {
  const rows = tools.map((each) => [each.tool, percent(each.probability, 0), each.why]);
  return table(["tool", "likely next", "why"], rows, { caption: "Next tools", numbers: [1] });
}

/** @param {any} heuristic */
function heuristicCard({ condition, action, polarity, confidence, why: parts }) {
  return h(
    "article",
    { class: "card" },
    h("div", { class: "head" }, h("h3", {}, condition), pill(polarity)),
    h("p", {}, action),
    why({ confidence, ...parts }),
  );
}

/** @param {any} episode */
function recalledCard(episode) {
  const { id, task, warning, outcome, status, score, reward, matched_terms, tools } = episode;
  const about = [
    `score ${score.toFixed(3)}`,
    `reward ${reward === null ? "–" : reward.toFixed(2)}`,
    `matched: ${matched_terms.join(", ") || "–"}`,
  ];
  return h(
    "article",
    { class: "card" },
    h(
      "div",
      { class: "head" },
      h("h3", {}, episodeLink(id, cut(task, TASK_MAX))),
      pill(warning ? "avoid" : (outcome ?? status)),
    ),
    h("p", { class: "muted small" }, about.join(" · ")),
    why(episode.why),
    episode.summary && h("p", {}, episode.summary),
    tools.length > 0 && h("p", { class: "mono small" }, tools.join(" → ")),
  );
}
