/** The view "Service": whether the service is well, why not, and what happened. */

import { ask } from "../core/api.js";
import { h, heading, pill, section, since, table, time } from "../core/dom.js";
import { bytes, count, percent } from "../core/format.js";
import { drawPlots } from "./plots.js";

/** Points that the view keeps of what it saw itself. */
const LIVE_MAX = 400;
const INCIDENTS_SHOWN = 100;

/** The view, looked at again and again: its plots go on between two samples of the service. */
export class ServiceView {
  title = "Service";
  everyMs = 5_000;
  /** @type {any[]} */
  #live = [];

  /** @param {import("../console.js").Visit} visit */
  async show({ signal, after }) {
    const [view, capacity] = await Promise.all([
      ask("/admin/overview", { signal }),
      ask("/admin/capacity", { signal }),
    ]);
    this.#live = [...this.#live, view.now].slice(-LIVE_MAX);
    const plots = h("div", { class: "plots" });
    after(() => this.#draw(plots, view));
    const checks = [...view.readiness.checks].sort((a, b) => rank(b) - rank(a)).map(check);
    return [
      heading("Service", "Whether it is well, why not, and what happened."),
      banner(view),
      stats(view),
      section("Checks", h("div", { class: "grid" }, checks)),
      section("Over time", plots),
      section("Instances", instances(view.fleet.instances)),
      section("Jobs and backups", jobs(view.jobs)),
      section("Capacity", forecasts(capacity)),
      section("Incidents of the last day", incidents(view.incidents)),
    ];
  }

  /** @param {Element} box @param {any} view */
  #draw(box, view) {
    const samples = [...view.samples, ...this.#live].sort((a, b) => (a.at < b.at ? -1 : 1));
    if (samples.length > 1) return drawPlots(box, samples, view.bucket_bounds);
    const text = "The plots begin with the next update, in five seconds.";
    box.append(h("p", { class: "card empty" }, text));
  }
}

const TONES = { healthy: "good", degraded: "warn", unhealthy: "bad" };

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
    {
      class: `banner ${TONES[/** @type {keyof typeof TONES} */ (readiness.status)]}`,
      "aria-label": "State",
      "data-status": readiness.status,
    },
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
    ["cache hits", looked === 0 ? "–" : percent(totals.cache_hits / looked)],
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
            each.outbox.oldest_at ? [" (", since(each.outbox.oldest_at), ")"] : "",
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
  return table(heads, rows, { caption: "Instances", numbers: [4, 5, 6, 7, 8] });
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
    since(ended_at ?? started_at),
    since(last_success_at),
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

/** @param {any[]} all */
function incidents(all) {
  if (all.length === 0) return h("p", { class: "card empty" }, "There was no incident.");
  const kinds = { info: "good", warning: "warn", critical: "bad" };
  return h(
    "ol",
    { class: "timeline" },
    [...all]
      .reverse()
      .slice(0, INCIDENTS_SHOWN)
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
            { id: `incident-${seq}` },
            h("summary", {}, "Detail"),
            h("pre", {}, JSON.stringify(detail, null, 2)),
          ),
        ),
      ),
  );
}
