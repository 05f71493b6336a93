/** The page "Proof": whether the memory helps, by its hold-out and by what was used of it. */

import { ask, session } from "./api.js";
import { count, fill, h, table } from "./dom.js";
import { guarded, namespaceField, onSubmit } from "./forms.js";

/** What a verdict looks like. */
const VERDICTS = { helps: "healthy", harms: "unhealthy", undecided: "degraded" };

/** @param {Element} main */
export async function showProof(main) {
  const answer = h("div", { "aria-live": "polite" });
  const load = async () => {
    const stats = await ask("/v1/stats");
    fill(answer, holdoutOf(stats.holdout), h("h2", {}, "What was used"), useTable(stats.use));
  };
  const again = () => guarded(answer, load);
  fill(
    main,
    h("h2", {}, "Proof"),
    h(
      "form",
      { class: "row", onsubmit: onSubmit(again) },
      namespaceField(again),
      h("button", { class: "main" }, "Show"),
    ),
    answer,
  );
  await load();
}

/** @param {any} holdout */
function holdoutOf(holdout) {
  const { share = 0, comparisons = [] } = holdout ?? {};
  const now =
    share > 0
      ? `By lot ${percent(share)} of the episodes of "${session.namespace}" are answered nothing.`
      : `Every episode of "${session.namespace}" is answered. To measure what that is worth: memory-cli namespace set --recall-holdout 0.1`;
  return [h("p", { class: "muted" }, now), comparisons.map(comparisonCard)];
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
    h(
      "div",
      { class: "head" },
      h("h3", {}, `${percent(share)} held out`),
      h("span", { class: `pill ${Reflect.get(VERDICTS, verdict)}` }, verdict),
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
    rate === null ? "–" : `${percent(low)} … ${percent(high)}`,
  ]);
  return table(["kind", "shown", "used", "helped", "rate", "95 % interval"], rows, {
    caption: "What was shown, used and helped",
    numbers: [1, 2, 3, 4, 5],
  });
}

/** @param {number | null} share */
function percent(share) {
  return share === null ? "–" : `${Math.round(1_000 * share) / 10} %`;
}

/** @param {number | null} value @param {number} scale @param {string} unit */
function signed(value, scale, unit = "") {
  if (value === null) return "–";
  return `${value > 0 ? "+" : ""}${(scale * value).toFixed(1)}${unit}`;
}

/** @param {any} difference @param {number} scale */
function interval({ low, high }, scale) {
  return low === null ? "–" : `${signed(low, scale)} … ${signed(high, scale)}`;
}
