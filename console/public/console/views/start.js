/** The view "Overview": what the memory does for those who use it. */

import { ask, session } from "../core/api.js";
import { fill, h, heading } from "../core/dom.js";
import { count, counted, percent, shareOf, signed } from "../core/format.js";
import { hrefOf } from "../core/place.js";
import { bars, figure, intervalBar, intervalText } from "../parts/figures.js";
import { episodeRows, lessonRows, patternRows } from "../parts/items.js";
import { patternsById } from "./patterns.js";

const SHOWN = 5;
/** Episodes whose patterns are looked at for those that were seen last. */
const RECENT = 10;

/** @type {import("../console.js").View} */
export const start = {
  title: "Overview",
  everyMs: 15_000,
  async show({ signal }) {
    const [stats, episodes, lessons, usage] = await Promise.all([
      ask("/v1/stats", { signal }),
      ask(`/v1/episodes?limit=${RECENT}`, { signal }),
      ask(`/v1/lessons?limit=${SHOWN}`, { signal }),
      session.isOperator
        ? ask(`/admin/usage?over=day&by=requests&limit=${SHOWN}`, { signal })
        : null,
    ]);
    const newest = episodes.episodes.slice(0, SHOWN);
    const patterns = await patternsSeenLast(episodes.episodes, signal);
    if (stats.episodes.total === 0 && stats.patterns.total === 0 && lessons.lessons.length === 0)
      return [head(stats), welcome(), usage && namespaces(usage)];
    return [
      head(stats),
      h("div", { class: "figures" }, helped(stats), avoided(stats), effect(stats), recalls(stats)),
      h(
        "div",
        { class: "columns" },
        h(
          "div",
          { class: "stack" },
          list("Newest lessons", "lessons", lessons.lessons, lessonRows, "Nobody said one yet."),
          list("Newest episodes", "episodes", newest, episodeRows, "Nothing was recorded yet."),
        ),
        h(
          "div",
          { class: "stack" },
          list("Patterns seen last", "patterns", patterns, patternRows, "Nothing was learned yet."),
          usage ? namespaces(usage) : domains(stats),
        ),
      ),
    ];
  },
};

/**
 * Those that the newest episodes were counted for.
 *
 * @param {any[]} episodes
 * @param {AbortSignal} signal
 */
async function patternsSeenLast(episodes, signal) {
  const ids = episodes.flatMap((each) => each.pattern_ids.slice(0, SHOWN));
  const seen = await patternsById(ids, signal);
  return seen.length > 0 ? seen : (await ask(`/v1/patterns?limit=${SHOWN}`, { signal })).patterns;
}

/** @param {any} stats */
function head({ episodes, patterns, steps, degraded }) {
  const about = [
    counted(episodes.total, "episode"),
    counted(steps, "step"),
    counted(patterns.total, "pattern"),
    episodes.in_progress > 0 && `${count(episodes.in_progress)} running now`,
  ].filter(Boolean);
  return [
    heading("What this memory does", about.join(" · ")),
    degraded &&
      h(
        "p",
        { class: "error" },
        "The database is out of reach: these figures are what the instances have.",
      ),
  ];
}

/** Of what was used of the answers, how much helped. @param {any} stats */
function helped({ use }) {
  const kinds = Object.values(use);
  const sum = (/** @type {string} */ name) =>
    kinds.reduce((total, kind) => total + Reflect.get(kind, name), 0);
  const share = shareOf(sum("helped"), sum("used"));
  if (!share) {
    const shown = sum("shown");
    return figure(
      "Helped",
      "–",
      `${counted(shown, "item")} shown; nobody has said yet whether one helped, and no run ended that was shown one.`,
      h("a", { href: hrefOf("proof") }, "What is counted"),
    );
  }
  return figure(
    "Helped",
    percent(share.rate, 0),
    intervalBar(share),
    intervalText(share),
    `of ${counted(sum("used"), "item")} that runs used`,
  );
}

/** The errors that the answered episodes met less, as the hold-out finds. @param {any} stats */
function avoided({ holdout }) {
  const [newest] = holdout?.comparisons ?? [];
  const { value, low, high } = newest?.effect.error_repeated ?? {};
  if (value === null || value === undefined) {
    return figure(
      "Errors avoided",
      "–",
      "Not measured: it takes a share of episodes that are answered nothing.",
      h("a", { href: hrefOf("proof") }, "How to measure it"),
    );
  }
  const n = newest.shown.episodes;
  const range = low === null ? null : `95 % interval ${rounded(-high * n)} … ${rounded(-low * n)}`;
  return figure(
    "Errors avoided",
    rounded(-value * n),
    range,
    `repeated errors fewer than without it, in ${counted(n, "episode")}`,
    h("a", { href: hrefOf("proof") }, "The comparison"),
  );
}

/** @param {number} n */
function rounded(n) {
  const whole = Math.round(n);
  return whole < 0 ? `−${count(-whole)}` : count(Math.abs(whole));
}

/** @param {any} stats */
function effect({ holdout, recall_effect: seen, success_rate }) {
  const [newest] = holdout?.comparisons ?? [];
  if (newest && newest.effect.success.value !== null) {
    const { value, low, high } = newest.effect.success;
    return figure(
      "Success, by lot",
      [signed(value, 100), h("small", {}, " points")],
      low !== null && `95 % interval ${signed(low, 100)} … ${signed(high, 100)} points`,
      `${percent(newest.shown.success.rate, 0)} with an answer, ${percent(newest.held_out.success.rate, 0)} without`,
    );
  }
  const { with_recall: asked, without_recall: not } = seen;
  if (asked.rate === null)
    return figure("Episodes that succeed", percent(success_rate, 0), "no episode asked yet");
  return figure(
    "Episodes that asked succeed",
    percent(asked.rate, 0),
    intervalBar(asked),
    intervalText(asked),
    not.rate === null
      ? "every episode asked"
      : `${percent(not.rate, 0)} of those that did not ask; chance and task differ too`,
  );
}

/** @param {any} stats */
function recalls({ recalls: n, feedback, patterns }) {
  return figure(
    "Recalls",
    count(n),
    `${counted(feedback, "recall")} judged, by agents or by how runs ended`,
    `${counted(patterns.promoted, "rule")} that held often enough to be advised`,
  );
}

/**
 * @param {string} title
 * @param {string} view
 * @param {any[]} items
 * @param {(items: any[]) => Element} rows
 * @param {string} nothing
 */
function list(title, view, items, rows, nothing) {
  return h(
    "section",
    { class: "card" },
    h(
      "div",
      { class: "head" },
      h("h2", {}, title),
      h("a", { href: hrefOf(view), "aria-label": `All: ${title}` }, "All"),
    ),
    items.length === 0 ? h("p", { class: "muted" }, nothing) : rows(items),
  );
}

/** @param {any} usage */
function namespaces({ namespaces: all, others }) {
  const rows = all.map((/** @type {any} */ each) => ({
    name: h("a", { href: hrefOf("start", { namespace: each.namespace }) }, each.namespace),
    value: each.requests,
    text: counted(each.requests, "request"),
  }));
  if (others.namespaces.requests > 0) {
    const value = others.namespaces.requests;
    rows.push({ name: "all others", value, text: counted(value, "request") });
  }
  return h(
    "section",
    { class: "card" },
    h(
      "div",
      { class: "head" },
      h("h2", {}, "Top namespaces, last day"),
      h("a", { href: hrefOf("usage"), "aria-label": "All: usage" }, "All"),
    ),
    rows.length === 0 ? h("p", { class: "muted" }, "No request was counted yet.") : bars(rows),
  );
}

/** @param {any} stats */
function domains({ domains: all }) {
  const box = h("section", { class: "card" });
  const rows = all.slice(0, SHOWN).map((/** @type {any} */ each) => ({
    name: h(
      "a",
      { href: hrefOf("episodes", { query: { domain: each.domain } }) },
      each.domain || "no domain",
    ),
    value: each.episodes,
    text: `${counted(each.episodes, "episode")}, ${percent(each.success_rate, 0)} succeed`,
  }));
  fill(box, h("div", { class: "head" }, h("h2", {}, "Domains")), bars(rows));
  return box;
}

/** What one does with a memory that is empty. */
function welcome() {
  const ways = [
    [
      "Import past runs",
      "Drop a file of episodes or chats with tool calls, and it learns from them at once.",
      h("a", { class: "button main", href: hrefOf("import") }, "Import a file"),
    ],
    [
      "Record an agent",
      "A key, and ten lines of code, a hook of Claude Code, or OpenTelemetry spans.",
      h("a", { class: "button", href: "/docs" }, "All routes"),
    ],
    [
      "Write a lesson",
      "A sentence that the next run should know is shown wherever it applies.",
      h("a", { class: "button", href: hrefOf("lessons") }, "Add a lesson"),
    ],
  ];
  return h(
    "div",
    { class: "welcome" },
    h("h2", {}, `The namespace "${session.namespace}" is empty`),
    h(
      "div",
      { class: "grid" },
      ways.map(([title, text, action]) =>
        h("section", { class: "card" }, h("h3", {}, title), h("p", {}, text), h("p", {}, action)),
      ),
    ),
  );
}
