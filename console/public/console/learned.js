/** The pages "Patterns" and "Recall": what was learned, with its evidence, and what a recall finds and why. */

import { ask, session } from "./api.js";
import { decisionsOn } from "./curation.js";
import { ago, bytes, fill, h, pill, table, why } from "./dom.js";
import { guarded, namespaceField, onSubmit } from "./forms.js";

const PATTERNS_SHOWN = 60;
const EPISODES_OF_PATTERN = 5;
const TASK_MAX = 200;

/** @param {Element} main */
export async function showPatterns(main) {
  const list = h("div", { class: "grid" });
  const load = async () => {
    const { patterns } = await ask(`/v1/patterns?limit=${PATTERNS_SHOWN}`);
    const nothing = `Nothing was learned in the namespace "${session.namespace}" yet.`;
    fill(
      list,
      patterns.length === 0
        ? h("p", { class: "card empty" }, nothing)
        : patterns.map((/** @type {any} */ pattern) => patternCard(pattern, again)),
    );
  };
  const again = () => guarded(list, load);
  fill(
    main,
    h("h2", {}, "Patterns"),
    h(
      "form",
      { class: "row", onsubmit: onSubmit(again) },
      namespaceField(again),
      h("button", { class: "main" }, "Show"),
    ),
    list,
  );
  await load();
}

/** @param {any} pattern @param {() => void | Promise<void>} [again] after a decision; absent: none */
function patternCard(pattern, again) {
  const { success, failure, episodes } = pattern.support;
  const kind = pattern.kind.replaceAll("_", " ");
  const seen = `${kind} · seen ${ago(pattern.last_seen_at)} · lift ${pattern.lift.toFixed(2)}`;
  const evidence = `${success.toFixed(1)} successes, ${failure.toFixed(1)} failures`;
  return h(
    "article",
    { class: "card" },
    h("div", { class: "head" }, h("h3", {}, pattern.description), pill(pattern.polarity)),
    h("p", { class: "muted" }, seen),
    why({ confidence: pattern.confidence, ...pattern.why }),
    h("p", {}, `Evidence: ${evidence}, ${episodes} episodes`),
    pattern.episodes.length > 0 &&
      h(
        "p",
        {},
        pattern.episodes
          .slice(0, EPISODES_OF_PATTERN)
          .map((/** @type {string} */ id, /** @type {number} */ i) => [
            i > 0 ? ", " : "",
            h(
              "a",
              { href: `#episode/${encodeURIComponent(id)}`, class: "mono" },
              `…${id.slice(-8)}`,
            ),
          ]),
      ),
    again &&
      decisionsOn(
        "pattern",
        { id: pattern.id, words: pattern.description, mark: pattern.curation },
        again,
      ),
  );
}

/** @param {Element} main */
export async function showRecall(main) {
  const answer = h("div", { "aria-live": "polite" });
  const task = h("textarea", {
    required: true,
    maxlength: "10000",
    placeholder: "What is to be done?",
  });
  const domain = h("input", { maxlength: "200" });
  const recall = async () => {
    const context = /** @type {HTMLInputElement} */ (domain).value.trim();
    const begun = performance.now();
    const view = await ask("/v1/recall", {
      task: /** @type {HTMLTextAreaElement} */ (task).value,
      ...(context ? { context: { domain: context } } : {}),
      limit: 5,
    });
    fill(answer, answerOf(view, performance.now() - begun));
  };
  fill(
    main,
    h("h2", {}, "Recall"),
    h(
      "form",
      { class: "row", onsubmit: onSubmit(() => guarded(answer, recall)) },
      h("label", { class: "all" }, "Task", task),
      namespaceField(() => undefined),
      h("label", {}, "Domain", domain),
      h("button", { class: "main" }, "Recall"),
    ),
    answer,
  );
}

/** @param {any} view @param {number} ms how long it took */
function answerOf(view, ms) {
  const { episodes, patterns, heuristics, playbook, next_tools, lessons = [] } = view;
  return [
    h("p", { class: "muted" }, summaryOf(view, ms)),
    h("h2", {}, "Episodes"),
    episodes.length === 0
      ? h("p", { class: "card empty" }, "There is no similar episode.")
      : h("div", { class: "grid" }, episodes.map(recalledCard)),
    lessons.length > 0 && [h("h2", {}, "Lessons"), h("ul", {}, lessons.map(lessonLine))],
    next_tools.length > 0 && [h("h2", {}, "Next tools"), nextTools(next_tools)],
    playbook && playbookOf(playbook),
    patterns.length > 0 && [
      h("h2", {}, "Patterns"),
      h(
        "div",
        { class: "grid" },
        patterns.map((/** @type {any} */ pattern) => patternCard(pattern)),
      ),
    ],
    heuristics.length > 0 && [
      h("h2", {}, "Heuristics"),
      h("div", { class: "grid" }, heuristics.map(heuristicCard)),
    ],
  ];
}

/** @param {any} lesson */
function lessonLine({ text, kind, evidence }) {
  const said = `said ${evidence.said} times, used ${evidence.used}`;
  return h("li", {}, pill(kind), " ", text, " ", h("span", { class: "muted" }, said));
}

/** @param {any} view @param {number} ms */
function summaryOf(view, ms) {
  const { episodes, patterns, heuristics, served_by, degraded } = view;
  return [
    `${episodes.length} episodes, ${patterns.length} patterns, ${heuristics.length} heuristics`,
    `served by the ${served_by}${degraded ? ", degraded" : ""}`,
    `${Math.round(ms)} ms`,
    bytes(JSON.stringify(view).length),
  ].join(" · ");
}

/** @param {any[]} tools */
function nextTools(tools) {
  const rows = tools.map((each) => [each.tool, each.probability.toFixed(2), each.why]);
  return table(["tool", "probability", "why"], rows, { caption: "Next tools", numbers: [1] });
}

/** @param {any} playbook */
function playbookOf(playbook) {
  return [
    h("h2", {}, `Playbook (confidence ${playbook.confidence.toFixed(2)})`),
    h("ol", { class: "timeline" }, playbook.steps.map(playbookStep)),
  ];
}

/** @param {any} step */
function playbookStep({ order, tool, action, support, success_rate, pitfalls }) {
  const succeeds = success_rate === null ? "" : `, succeeds ${(100 * success_rate).toFixed(0)} %`;
  return h(
    "li",
    {},
    h("strong", {}, `${order}. ${tool}`),
    " ",
    h("span", { class: "muted" }, `support ${support.toFixed(2)}${succeeds}`),
    h("div", {}, action),
    pitfalls.map((/** @type {any} */ pitfall) =>
      h("div", {}, pill("avoid"), " ", pitfall.description),
    ),
  );
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
  const href = `#episode/${encodeURIComponent(id)}`;
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
      h("h3", {}, h("a", { href }, task.slice(0, TASK_MAX))),
      pill(warning ? "avoid" : (outcome ?? status)),
    ),
    h("p", { class: "muted" }, about.join(" · ")),
    why(episode.why),
    episode.summary && h("p", {}, episode.summary),
    tools.length > 0 && h("p", { class: "mono" }, tools.join(" → ")),
  );
}
