/** The page "Now": whether the service is well, why not, and what happened. */

import { ask } from "./api.js";
import { ago, bytes, count, fill, h, pill, table, time } from "./dom.js";
import { drawPlots } from "./plots.js";

/** Points that the page keeps of what it saw itself. */
const LIVE_MAX = 400;

/** The page, looked at again and again: its plots go on between two samples of the service. */
export class NowPage {
  /** @type {any[]} */
  #live = [];
  #takeDownPlots = () => {};

  /** Shows how the service is now. @param {Element} main @returns {Promise<void>} */
  async show(main) {
    const [view, capacity] = await Promise.all([ask("/admin/overview"), ask("/admin/capacity")]);
    this.#live = [...this.#live, view.now].slice(-LIVE_MAX);
    // What was open and where one was stays so.
    const open = new Set([...main.querySelectorAll("details[open]")].map((details) => details.id));
    const scroll = window.scrollY;
    this.#takeDownPlots();
    const plots = h("div", { class: "plots" });
    const checks = [...view.readiness.checks].sort((a, b) => rank(b) - rank(a)).map(check);
    fill(
      main,
      banner(view),
      stats(view),
      h("h2", {}, "Checks"),
      h("div", { class: "grid" }, checks),
      h("h2", {}, "Over time"),
      plots,
      h("h2", {}, "Instances"),
      instances(view.fleet.instances),
      h("h2", {}, "Jobs and backups"),
      jobs(view.jobs),
      h("h2", {}, "Capacity"),
      forecasts(capacity),
      h("h2", {}, "Incidents of the last day"),
      incidents(view.incidents, open),
    );
    this.#draw(plots, view);
    window.scrollTo(0, scroll);
  }

  /** @param {Element} box @param {any} view */
  #draw(box, view) {
    const samples = [...view.samples, ...this.#live].sort((a, b) => (a.at < b.at ? -1 : 1));
    if (samples.length > 1) this.#takeDownPlots = drawPlots(box, samples, view.bucket_bounds);
    else {
      const text = "The plots begin with the next update, in five seconds.";
      box.append(h("p", { class: "card empty" }, text));
    }
  }
}

/** What is not well comes first. @param {any} each */
const rank = ({ status }) => ["healthy", "degraded", "unhealthy"].indexOf(status);

/** @param {string} name @param {any} mode */
function lasts(name, { until }) {
  return until ? `${name} until ${until.slice(0, 16).replace("T", " ")} UTC` : name;
}

/** @param {any} view */
function banner({ readiness, version, fleet }) {
  const unwell = readiness.checks.filter((/** @type {any} */ each) => each.status !== "healthy");
  const title = {
    healthy: "All is well",
    degraded: "Degraded – memory goes on",
    unhealthy: "Not well",
  }[/** @type {string} */ (readiness.status)];
  const modes = [
    fleet.maintenance && lasts("maintenance", fleet.maintenance),
    fleet.degraded && lasts("degraded by hand", fleet.degraded),
  ].filter(Boolean);
  return h(
    "section",
    { class: `banner ${readiness.status}`, "aria-label": "State", "data-status": readiness.status },
    h("strong", {}, title),
    h(
      "span",
      {},
      unwell.length === 0
        ? "every check passes"
        : unwell.map((/** @type {any} */ each) => each.name.replaceAll("_", " ")).join(", "),
    ),
    modes.length > 0 && pill(modes.join(", ")),
    h("span", {}, `version ${version.version}${version.commit ? ` (${version.commit})` : ""}`),
  );
}

/** @param {any} view */
function stats({ now, fleet }) {
  const { totals } = now;
  const looked = (totals.cache_hits ?? 0) + (totals.cache_misses ?? 0);
  const answering = fleet.instances.filter((/** @type {any} */ each) => !each.error).length;
  const all = [
    ["instances", `${answering} / ${fleet.instances.length}`],
    ["breakers open", count(totals.breakers_open ?? 0)],
    ["rows waiting", count(totals.outbox_rows ?? 0)],
    ["dead letters", count(totals.outbox_dead ?? 0)],
    ["active episodes", count(totals.active_episodes ?? 0)],
    ["cache hits", looked === 0 ? "–" : `${((100 * totals.cache_hits) / looked).toFixed(1)} %`],
    ["patterns", count(totals.patterns ?? 0)],
    ["recalls", count(totals.recalls ?? 0)],
  ];
  return h(
    "div",
    { class: "stats" },
    all.map(([name, value]) =>
      h("div", { class: "stat" }, h("b", {}, value), h("span", { class: "muted" }, name)),
    ),
  );
}

/** @param {any} each */
function check({ name, status, latency_ms, message }) {
  return h(
    "article",
    { class: "card" },
    h("div", { class: "head" }, h("h3", {}, name.replaceAll("_", " ")), pill(status)),
    h("p", {}, message),
    latency_ms > 0 && h("p", { class: "muted" }, `${latency_ms} ms`),
  );
}

/** @param {any[]} all */
function instances(all) {
  const rows = all.map((each) =>
    each.error
      ? [String(each.instance), pill("unhealthy"), each.error, "", "", "", "", "", ""]
      : [
          String(each.instance),
          pill(each.breakers.turso.state),
          pill(each.breakers.r2.state),
          [
            count(each.outbox.rows),
            each.outbox.oldest_at ? ` (${ago(each.outbox.oldest_at)})` : "",
            each.outbox.last_error ? h("div", { class: "mono" }, each.outbox.last_error) : "",
          ],
          count(each.outbox.dead),
          [count(each.cached_episodes), ` · ${bytes(each.cached_bytes)}`],
          count(each.active_episodes),
          `${each.connections.in_use} + ${each.connections.waiting} of ${each.connections.limit}`,
          bytes(each.storage_bytes),
        ],
  );
  const heads = [
    "instance",
    "breaker: database",
    "breaker: R2",
    "outbox",
    "dead letters",
    "cache",
    "active",
    "connections",
    "storage",
  ];
  return table(heads, rows, { caption: "Instances", numbers: [4, 6] });
}

/** @param {any[]} all */
function jobs(all) {
  if (all.length === 0)
    return h(
      "p",
      { class: "card empty" },
      "No job has run yet. The schedule starts the first health check within five minutes of a deployment.",
    );
  const rows = all.map(({ job, result, ended_at, started_at, last_success_at, detail }) => [
    job,
    pill(result ?? "running"),
    ago(ended_at ?? started_at),
    ago(last_success_at),
    detail,
  ]);
  return table(["job", "last run", "when", "last success", "result"], rows, {
    caption: "Jobs",
  });
}

/** @param {any} view */
function forecasts({ forecasts: all, rates, bytes_per_episode }) {
  const size = (/** @type {any} */ each, /** @type {number | null} */ n) =>
    each.unit === "bytes" ? bytes(n) : count(n);
  const rows = all.map((/** @type {any} */ each) => [
    each.resource,
    size(each, each.now),
    size(each, each.limit),
    `${(100 * each.used).toFixed(1)} %`,
    each.per_day === null ? "–" : `${size(each, Math.max(0, each.per_day))} a day`,
    each.reached_at.expected ? each.reached_at.expected.slice(0, 10) : "not in sight",
    each.advice,
  ]);
  if (rows.length === 0) return h("p", { class: "card empty" }, "Nothing was measured yet.");
  return h(
    "div",
    {},
    table(["of", "now", "limit", "used", "growth", "reached", "advice"], rows, {
      caption: "Capacity",
      numbers: [1, 2, 3],
    }),
    h(
      "p",
      { class: "muted" },
      `Episodes: ${count(rates.episodes.per_hour)} an hour, ${count(rates.episodes.per_day)} a day, ${bytes(bytes_per_episode && Math.round(bytes_per_episode))} each.`,
    ),
  );
}

/** @param {any[]} all @param {Set<string>} open */
function incidents(all, open) {
  if (all.length === 0) return h("p", { class: "card empty" }, "There was no incident.");
  const kinds = { info: "good", warning: "warn", critical: "bad" };
  return h(
    "ol",
    { class: "timeline" },
    [...all]
      .reverse()
      .slice(0, 100)
      .map(({ seq, at, kind, severity, title, detail }) =>
        h(
          "li",
          { class: Reflect.get(kinds, severity) },
          h(
            "div",
            {},
            time(at),
            " ",
            pill(severity),
            " ",
            h("span", { class: "muted" }, kind.replaceAll("_", " ")),
          ),
          h("div", {}, title),
          h(
            "details",
            { id: `incident-${seq}`, open: open.has(`incident-${seq}`) },
            h("summary", {}, "Detail"),
            h("pre", {}, JSON.stringify(detail, null, 2)),
          ),
        ),
      ),
  );
}
