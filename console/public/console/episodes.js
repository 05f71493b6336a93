/** The pages "Episodes" and "Episode": what was done, step by step. */

import { ask, session } from "./api.js";
import { ago, count, fill, h, pill, table, time, why } from "./dom.js";
import { guarded, namespaceField, onSubmit } from "./forms.js";

const PAGE_SIZE = 25;
/** Characters of a task in the list, and of a step's result. */
const TASK_MAX = 160;
const RESULT_MAX = 20_000;
const STATES = ["", "in_progress", "completed", "failed", "abandoned"];

/** @param {Element} main */
export async function showEpisodes(main) {
  const list = h("div", {});
  const search = h("input", { type: "search", placeholder: "part of the task" });
  const states = h(
    "select",
    {},
    STATES.map((value) => h("option", { value }, value.replaceAll("_", " ") || "all")),
  );

  /** @param {string | null} cursor */
  const load = async (cursor) => {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    const text = /** @type {HTMLInputElement} */ (search).value.trim();
    const status = /** @type {HTMLSelectElement} */ (states).value;
    if (text) query.set("text", text);
    if (status) query.set("status", status);
    if (cursor) query.set("cursor", cursor);
    const page = await ask(`/v1/episodes?${query}`);
    fill(list, ...pageOf(page), page.next_cursor && olderButton(list, page.next_cursor, load));
  };

  const again = () => guarded(list, () => load(null));
  const form = h(
    "form",
    { class: "row", onsubmit: onSubmit(again) },
    namespaceField(again),
    h("label", { class: "wide" }, "Task contains", search),
    h("label", {}, "State", states),
    h("button", { class: "main" }, "Show"),
  );
  fill(main, h("h2", {}, "Episodes"), form, list);
  await load(null);
}

/** @param {any} page */
function pageOf({ episodes, degraded }) {
  const rows = episodes.map((/** @type {any} */ each) => [
    h("a", { href: `#episode/${encodeURIComponent(each.id)}` }, each.task.slice(0, TASK_MAX)),
    pill(each.outcome?.type ?? each.status),
    each.context.domain || "–",
    count(each.step_count),
    each.reward ? each.reward.total.toFixed(2) : "–",
    ago(each.started_at),
  ]);
  const heads = ["task", "state", "domain", "steps", "reward", "started"];
  return [
    degraded &&
      h("p", { class: "error" }, "The database is out of reach: this is what the instances have."),
    rows.length === 0
      ? h("p", { class: "card empty" }, `No episodes in the namespace "${session.namespace}".`)
      : table(heads, rows, { caption: "Episodes", numbers: [3, 4] }),
  ];
}

/**
 * @param {Element} list
 * @param {string} cursor
 * @param {(cursor: string) => Promise<void>} load
 */
function olderButton(list, cursor, load) {
  const onclick = () => guarded(list, () => load(cursor));
  return h("p", {}, h("button", { type: "button", onclick }, "Older ones"));
}

/** @param {Element} main @param {string} id */
export async function showEpisode(main, id) {
  const episode = await ask(`/v1/episodes/${encodeURIComponent(id)}`);
  const { namespace, version, outcome, reward, reflection, steps } = episode;
  const begun = Date.parse(episode.started_at);
  fill(
    main,
    h("p", {}, h("a", { href: "#episodes" }, "← all episodes")),
    h("h2", {}, episode.task, " ", pill(outcome?.type ?? episode.status)),
    h("p", { class: "mono muted" }, `${namespace} / ${episode.id} · version ${version}`),
    facts(episode),
    outcome &&
      h(
        "section",
        { class: "card" },
        h("h3", {}, "Outcome"),
        h("p", {}, outcome.verdict || outcome.reason || outcome.type),
      ),
    h("h2", {}, `Steps (${steps.length})`),
    steps.length === 0
      ? h("p", { class: "card empty" }, "No steps yet.")
      : h(
          "ol",
          { class: "timeline" },
          steps.map((/** @type {any} */ step) => stepItem(step, begun)),
        ),
    h(
      "div",
      { class: "grid" },
      reward && rewardCard(reward),
      reflection && reflectionCard(reflection),
    ),
  );
}

/** @param {any} episode */
function facts({ started_at, ended_at, task_type, context, tags }) {
  const values = [
    ["started", time(started_at)],
    ["ended", time(ended_at)],
    ["type", task_type.replaceAll("_", " ")],
    ["domain", context.domain || "–"],
    ["complexity", context.complexity],
    ["tags", [...context.tags, ...tags].join(", ") || "–"],
  ];
  return h(
    "div",
    { class: "stats" },
    values.map(([name, value]) =>
      h("div", { class: "stat" }, h("div", {}, value), h("span", { class: "muted" }, name)),
    ),
  );
}

/** @param {any} reward */
function rewardCard({ total, base, efficiency, quality, learning }) {
  return h(
    "section",
    { class: "card" },
    h("h3", {}, `Reward ${total.toFixed(2)}`),
    why({ base, efficiency, quality, learning }),
  );
}

/** @param {any} step @param {number} begun when the episode was started, ms */
function stepItem({ number, tool, action, parameters, result, latency_ms, tokens, at }, begun) {
  const type = result?.type ?? "unknown";
  const kind =
    { success: "good", error: "bad", timeout: "bad" }[/** @type {string} */ (type)] ?? "";
  const output = result?.output ?? result?.message ?? null;
  const about = [
    `+${((Date.parse(at) - begun) / 1000).toFixed(1)} s`,
    latency_ms !== null && `${latency_ms} ms`,
    tokens !== null && `${count(tokens)} tokens`,
  ].filter(Boolean);
  const hasParameters = parameters && Object.keys(parameters).length > 0;
  return h(
    "li",
    { class: kind },
    h(
      "div",
      {},
      h("strong", {}, `${number}. ${tool}`),
      " ",
      pill(type),
      " ",
      h("span", { class: "muted" }, about.join(" · ")),
    ),
    action && h("div", {}, action),
    hasParameters && folded("Parameters", JSON.stringify(parameters, null, 2), false),
    output && folded("Result", String(output).slice(0, RESULT_MAX), type !== "success"),
  );
}

/** @param {string} title @param {string} text @param {boolean} isOpen */
function folded(title, text, isOpen) {
  return h("details", { open: isOpen }, h("summary", {}, title), h("pre", { tabindex: "0" }, text));
}

/** @param {any} reflection */
function reflectionCard(reflection) {
  const lists = ["successes", "improvements", "insights"].filter(
    (name) => reflection[name].length > 0,
  );
  return h(
    "section",
    { class: "card" },
    h("h3", {}, "Reflection"),
    lists.map((name) => [
      h("p", { class: "muted" }, name),
      h(
        "ul",
        {},
        reflection[name].map((/** @type {string} */ line) => h("li", {}, line)),
      ),
    ]),
  );
}
