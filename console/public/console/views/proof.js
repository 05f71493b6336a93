/** The view "Proof": whether the memory helps, by its hold-out and by what was used of it. */

import { ask, session } from "../core/api.js";
import { h, heading, pill, section, table } from "../core/dom.js";
import { count, interval, percent, signed } from "../core/format.js";
import { intervalBar } from "../parts/figures.js";
import { choice, guarded, onSubmit, valueOf } from "../parts/forms.js";

/** Shares of episodes that are offered for a hold-out. */
const SHARES = [0, 0.05, 0.1, 0.2, 0.5];

/** @type {import("../console.js").View} */
export const proof = {
  title: "Proof",
  everyMs: 30_000,
  async show({ signal, redraw }) {
    const { holdout, use, recall_effect, calibration } = await ask("/v1/stats", { signal });
    return [
      heading(
        "Proof",
        "Whether the memory helps: what a comparison by lot finds, and what agents say.",
      ),
      section("The randomised comparison", holdoutOf(holdout, redraw)),
      section("What was shown, used and helped", useTable(use)),
      section(
        "Episodes that asked, and those that did not",
        h(
          "p",
          { class: "muted" },
          "Not by lot: those that ask may have other tasks. It says less than the comparison above.",
        ),
        effectTable(recall_effect),
      ),
      section("How well it foretells", calibrationTable(calibration)),
    ];
  },
};

/** @param {any} holdout @param {() => Promise<void>} redraw */
function holdoutOf(holdout, redraw) {
  const { share = 0, comparisons = [] } = holdout ?? {};
  const now =
    share > 0
      ? `By lot ${percent(share)} of the episodes of "${session.namespace}" are answered nothing.`
      : `Every episode of "${session.namespace}" is answered. To measure what that is worth, let a share of them go without.`;
  return [
    h("p", { class: "muted" }, now),
    shareForm(share, redraw),
    comparisons.map(comparisonCard),
  ];
}

/** Sets how many episodes go without. @param {number} share @param {() => Promise<void>} redraw */
function shareForm(share, redraw) {
  const box = h("div", { "aria-live": "polite" });
  const all = [...new Set([...SHARES, share])].sort((a, b) => a - b);
  const names = Object.fromEntries(
    all.map((each) => [String(each), each === 0 ? "none" : `${percent(each)} of the episodes`]),
  );
  const field = choice(all.map(String), { name: "share", value: String(share), names });
  const set = () =>
    guarded(box, async () => {
      const body = { recall_holdout: Number(valueOf(field)) };
      await ask("/v1/namespace/settings", { method: "PUT", body });
      await redraw();
    });
  return h(
    "form",
    { class: "filters", onsubmit: onSubmit(() => void set()) },
    h("label", {}, "Answered nothing, by lot", field),
    h("button", {}, "Set"),
    box,
  );
}

/** @param {any} comparison */
function comparisonCard({ share, shown, held_out, effect, verdict, still_needed }) {
  const left =
    still_needed > 0
      ? `${count(still_needed)} more episodes until a difference of this size, or of 5 points, is found with a chance of 80 %.`
      : "There are enough episodes to find a difference of this size, or of 5 points.";
  return h(
    "article",
    { class: "card" },
    h("div", { class: "head" }, h("h3", {}, `${percent(share)} held out`), pill(verdict)),
    h(
      "div",
      { class: "versus" },
      h("span", {}, "with an answer"),
      intervalBar(shown.success),
      h("b", {}, percent(shown.success.rate)),
      h("span", {}, "held out"),
      intervalBar(held_out.success),
      h("b", {}, percent(held_out.success.rate)),
    ),
    table(
      ["measure", "answered", "held out", "difference", "95 % interval"],
      [
        ["episodes", count(shown.episodes), count(held_out.episodes), "", ""],
        ["not judged", count(shown.unjudged), count(held_out.unjudged), "", ""],
        rateRow("success", shown.success, held_out.success, effect.success),
        rateRow(
          "error repeated",
          shown.error_repeated,
          held_out.error_repeated,
          effect.error_repeated,
        ),
        [
          "steps",
          count(shown.mean_steps),
          count(held_out.mean_steps),
          signed(effect.steps.value, 1),
          interval(effect.steps, 1),
        ],
      ],
      {
        caption: `Episodes with and without an answer, ${percent(share)} held out`,
        numbers: [1, 2, 3, 4],
      },
    ),
    h("p", { class: "muted" }, left),
  );
}

/** @param {string} name @param {any} shown @param {any} held @param {any} difference */
function rateRow(name, shown, held, difference) {
  return [
    name,
    percent(shown.rate),
    percent(held.rate),
    signed(difference.value, 100, " points"),
    interval(difference, 100),
  ];
}

/** @param {any} use */
function useTable(use) {
  const rows = Object.entries(use).map(([kind, { shown, used, helped, rate, low, high }]) => [
    kind,
    count(shown),
    count(used),
    count(helped),
    percent(rate),
    intervalBar({ rate, low, high }) ?? "–",
    rate === null ? "–" : `${percent(low)} … ${percent(high)}`,
  ]);
  return table(["kind", "shown", "used", "helped", "rate", "0 … 100 %", "95 % interval"], rows, {
    caption: "What was shown, used and helped",
    numbers: [1, 2, 3, 4, 6],
  });
}

/** @param {any} effect */
function effectTable({ with_recall, without_recall }) {
  const rows = Object.entries({ asked: with_recall, "did not ask": without_recall }).map(
    ([name, { episodes, rate, low, high }]) => [
      name,
      count(episodes),
      percent(rate),
      intervalBar({ rate, low, high }) ?? "–",
      rate === null ? "–" : `${percent(low)} … ${percent(high)}`,
    ],
  );
  return table(["episodes that", "number", "success", "0 … 100 %", "95 % interval"], rows, {
    caption: "Success of episodes that asked the memory and of those that did not",
    numbers: [1, 2, 4],
  });
}

/** @param {any} calibration */
function calibrationTable({ next_tools, outcome }) {
  const rows = Object.entries({ "the next tool": next_tools, "the outcome": outcome }).map(
    ([name, { forecasts, error }]) => [name, count(forecasts), percent(error)],
  );
  return table(["of", "forecasts", "mean error"], rows, {
    caption: "Forecasts, and how far they were from what came",
    numbers: [1, 2],
  });
}
