/** The view "Playbooks": the way that most similar episodes went, as a graph, step by step. */

import { ask } from "../core/api.js";
import { empty, h, heading, pill } from "../core/dom.js";
import { counted, cut, percent } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { decisionsOn } from "../parts/decisions.js";
import { filters, textBox } from "../parts/forms.js";
import { graphOf } from "../parts/graph.js";
import { episodeLink } from "../parts/items.js";

const SUGGESTED = 8;
const EPISODES_SHOWN = 6;
const TASK_SHOWN = 140;
/** What fits into an address. */
const TASK_MAX = 2_000;

/** @typedef {import("../core/place.js").Place} Place */

/** @type {import("../console.js").View} */
export const playbooks = {
  title: "Playbooks",
  async show({ place, signal, redraw }) {
    const { task, domain } = await questionOf(place, signal);
    const head = [
      heading("Playbooks", "The way that similar episodes went and succeeded, taken together."),
      taskForm(place, { task, domain, button: "Show the playbook" }),
    ];
    if (task === "") return [head, await suggestions("playbooks", signal)];
    const context = domain === "" ? {} : { context: { domain } };
    const { playbook, held_out } = await ask("/v1/playbooks", {
      body: { task, ...context },
      signal,
    });
    if (held_out)
      return [head, empty("By lot this question is answered nothing: a hold-out is on.")];
    if (!playbook || playbook.steps.length === 0) {
      return [
        head,
        empty("No similar episode succeeded yet.", "A playbook is made of what went well."),
        await suggestions("playbooks", signal),
      ];
    }
    return [head, playbookParts(place, playbook, redraw)];
  },
};

/**
 * The task that the address names, by itself or by an episode that has it.
 *
 * @param {Place} place
 * @param {AbortSignal} signal
 */
export async function questionOf({ query }, signal) {
  const like = query.get("like");
  const domain = query.get("domain") ?? "";
  if (!like) return { task: query.get("task") ?? "", domain };
  const { task, context } = await ask(`/v1/episodes/${encodeURIComponent(like)}`, { signal });
  return { task: task.slice(0, TASK_MAX), domain: domain || context.domain };
}

/**
 * @param {Place} place
 * @param {{task: string, domain: string, button: string}} options
 */
export function taskForm(place, { task, domain, button }) {
  const { field } = textBox("Task", {
    name: "task",
    value: task,
    maxlength: String(TASK_MAX),
    placeholder: "What is to be done?",
  });
  const form = filters(
    (values) => changed(place, { ...values, like: null, step: null }),
    field,
    h("label", {}, "Domain", h("input", { name: "domain", value: domain, maxlength: "200" })),
  );
  const submit = form.querySelector("button");
  if (submit) Object.assign(submit, { textContent: button, className: "main" });
  return form;
}

/** Tasks that were done, to ask about. @param {string} view @param {AbortSignal} signal */
export async function suggestions(view, signal) {
  const page = await ask(`/v1/episodes?outcome=success&limit=${SUGGESTED}`, { signal });
  const tasks = new Map(page.episodes.map((/** @type {any} */ each) => [each.task, each.id]));
  if (tasks.size === 0) return null;
  return h(
    "section",
    {},
    h("h2", {}, "Or like one of these"),
    h(
      "ul",
      { class: "rows card" },
      [...tasks].map(([task, id]) =>
        h("li", {}, h("a", { href: hrefOf(view, { query: { like: id } }) }, cut(task, TASK_SHOWN))),
      ),
    ),
  );
}

/** @param {Place} place @param {any} playbook @param {() => Promise<void>} redraw */
function playbookParts(place, playbook, redraw) {
  const {
    steps,
    confidence,
    based_on: from,
    when_not_to_apply: not,
    note,
    curation,
    detours = [],
    id,
  } = playbook;
  const asked = Number(place.query.get("step"));
  const step = steps.find((/** @type {any} */ each) => each.order === asked) ?? steps[0];
  const hrefFor = (/** @type {number} */ order) => changed(place, { step: String(order) });
  return h(
    "div",
    { class: "playbook" },
    h(
      "section",
      { class: "card" },
      h("h2", {}, `The way, confidence ${confidence.toFixed(2)}`),
      graphOf(steps, { hrefOf: hrefFor, selected: step.order }),
      h("p", { class: "muted small key" }, h("i", { class: "dashed" }), " a value is passed on"),
    ),
    h(
      "div",
      { class: "stack" },
      stepCard(step),
      h(
        "section",
        { class: "card" },
        h("h2", {}, "About it"),
        note && h("p", {}, note),
        not.length > 0 && [
          h("h3", {}, "Mind before you apply it"),
          h(
            "ul",
            {},
            not.map((/** @type {string} */ each) => h("li", {}, each)),
          ),
        ],
        detours.length > 0 && [
          h("h3", {}, "Tried in vain"),
          h("ul", { class: "rows" }, detours.map(detourItem)),
        ],
        h("h3", {}, "Made of"),
        h(
          "p",
          {},
          from
            .slice(0, EPISODES_SHOWN)
            .map((/** @type {string} */ each) => [episodeLink(each), " "]),
        ),
        decisionsOn(
          "playbook",
          { id, words: note ?? curation?.text ?? "", mark: curation },
          redraw,
        ),
      ),
    ),
  );
}

/** @param {any} detour */
function detourItem({ action, episodes, way_out: way }) {
  return h(
    "li",
    {},
    pill("avoid"),
    ` ${action}: in ${counted(episodes.length, "run")}`,
    way && h("div", {}, pill("do"), " ", way),
  );
}

/** @param {any} step */
function stepCard({ order, tool, action, parameters = [], when, for_each: each, ...step }) {
  const { support, success_rate: rate, expected, pitfalls, ways_out: ways = [], episodes } = step;
  const facts = [
    ["taken by", `${percent(support, 0)} of the runs`],
    ["succeeds", percent(rate, 0)],
    ["when", when],
    ["for each", each],
    ["expected", expected],
  ].filter(([, value]) => value);
  return h(
    "section",
    { class: "card", id: "step" },
    h("h2", {}, `${order}. ${tool}`),
    action !== tool && h("p", { class: "action" }, action),
    h(
      "dl",
      { class: "facts lean" },
      facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    ),
    parameters.length > 0 && [
      h("h3", {}, "Called with"),
      h("dl", { class: "parameters" }, parameters.map(parameterItem)),
    ],
    pitfalls.length > 0 && [
      h("h3", {}, "Pitfalls"),
      h(
        "ul",
        { class: "rows" },
        pitfalls.map((/** @type {any} */ pitfall) =>
          h(
            "li",
            {},
            pill("avoid"),
            " ",
            pitfall.description,
            pitfall.way_out && h("div", {}, pill("do"), " ", pitfall.way_out),
          ),
        ),
      ),
    ],
    ways.length > 0 && [h("h3", {}, "If it fails"), h("ul", { class: "rows" }, ways.map(wayOut))],
    h("h3", {}, "Seen in"),
    h(
      "p",
      {},
      episodes.slice(0, EPISODES_SHOWN).map((/** @type {string} */ id) => [episodeLink(id), " "]),
    ),
  );
}

/** @param {any} way */
function wayOut({ error, actions, episodes, in_vain: vain, did_not_help: others = [] }) {
  const worked = episodes.length;
  const names = (/** @type {any[]} */ all) => all.map(({ action }) => action);
  return h(
    "li",
    {},
    h("code", {}, cut(error, TASK_SHOWN)),
    h(
      "div",
      {},
      pill("do"),
      ` ${names(actions).join(" → ")}: worked ${worked} of ${worked + vain}`,
    ),
    others.length > 0 &&
      h("div", { class: "muted small" }, `did not help: ${names(others).join(", ")}`),
  );
}

/** @param {any} parameter */
function parameterItem({ name, value, source, or = [], one_of: oneOf = [], support }) {
  const sources = [source, ...or].filter((each) => each && each !== "ask");
  return h(
    "div",
    {},
    h("dt", {}, name),
    h(
      "dd",
      {},
      value !== undefined && h("code", {}, cut(value, TASK_SHOWN)),
      sources.map((each, i) => [
        i > 0 ? " or " : "",
        h("span", { class: "source" }, each === "task" ? "from the task" : `from ${each}`),
      ]),
      oneOf.length > 0 && h("span", {}, ` one of ${oneOf.join(", ")}`),
      value === undefined &&
        sources.length === 0 &&
        oneOf.length === 0 &&
        "yours to choose or ask for",
      h("span", { class: "muted small" }, ` ${percent(support, 0)}`),
    ),
  );
}
