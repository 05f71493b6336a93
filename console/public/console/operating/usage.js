/** The view "Usage": which namespaces and keys use the service, and how much. */

import { ask } from "../core/api.js";
import { empty, h, heading, section, table } from "../core/dom.js";
import { bytes, count, shortId } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { bars } from "../parts/figures.js";
import { choice, filters } from "../parts/forms.js";

const SHOWN = 25;
const BARS_SHOWN = 8;
const SPANS = ["day", "hour"];
const MEASURES = ["requests", "refusals", "episodes", "open_episodes", "rows", "bytes"];
const HEADS = ["requests", "refused", "episodes", "open", "rows", "bytes"];

/** @type {import("../console.js").View} */
export const usage = {
  title: "Usage",
  everyMs: 15_000,
  async show({ place, signal }) {
    const over = place.query.get("over") ?? "day";
    const by = place.query.get("by") ?? "requests";
    const asked = new URLSearchParams({ over, by, limit: String(SHOWN) });
    const { namespaces, keys, others, silent } = await ask(`/admin/usage?${asked}`, { signal });
    const size = (/** @type {any} */ each) =>
      by === "bytes" ? bytes(each[by]) : count(each[by] ?? null);
    const most = namespaces.slice(0, BARS_SHOWN).map((/** @type {any} */ each) => ({
      name: h("a", { href: hrefOf("start", { namespace: each.namespace }) }, each.namespace),
      value: each[by] ?? 0,
      text: size(each),
    }));
    return [
      heading("Usage", "Counted by the instances, by clock hours or days."),
      filters(
        (values) => changed(place, values),
        h("label", {}, "The last", choice(SPANS, { name: "over", value: over })),
        h("label", {}, "By", choice(MEASURES, { name: "by", value: by })),
      ),
      silent.length > 0 &&
        h(
          "p",
          { class: "error" },
          `Instances ${silent.join(", ")} did not answer: theirs is missing.`,
        ),
      namespaces.length === 0
        ? empty("No request was counted yet.")
        : [
            h(
              "section",
              { class: "card" },
              h("h2", {}, `Most ${by.replaceAll("_", " ")}`),
              bars(most),
            ),
            section("Namespaces", usageTable("namespace", namespaces, others.namespaces)),
            section("Keys", usageTable("key", keys, others.keys)),
          ],
    ];
  },
};

/** @param {"namespace" | "key"} of @param {any[]} all @param {any} others */
function usageTable(of, all, others) {
  const rows = all.map((each) => [nameOf(of, each), ...cells(each)]);
  if (others.requests > 0) rows.push(["all others", ...cells(others)]);
  return table([of, ...HEADS], rows, { caption: `Usage by ${of}`, numbers: [1, 2, 3, 4, 5, 6] });
}

/** @param {"namespace" | "key"} of @param {any} each */
function nameOf(of, each) {
  if (of === "namespace")
    return h("a", { href: hrefOf("start", { namespace: each.namespace }) }, each.namespace);
  return [
    each.name ?? h("span", { class: "mono" }, shortId(each.key)),
    each.revoked_at && h("span", { class: "muted" }, " revoked"),
  ];
}

/** @param {any} each */
function cells(each) {
  const { requests, refusals, episodes, open_episodes: open, rows } = each;
  return [...[requests, refusals, episodes, open, rows].map(count), bytes(each.bytes)];
}
