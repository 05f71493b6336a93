/** Episodes, patterns and lessons as they stand in lists of several views. */

import { breakable, h, pill, since } from "../core/dom.js";
import { counted, cut, importedOf, shortId } from "../core/format.js";
import { hrefOf } from "../core/place.js";

const TASK_MAX = 160;

/** @param {string} id @param {any} [text] */
export function episodeLink(id, text = shortId(id)) {
  return h("a", { href: hrefOf("episode", { id }), class: text === shortId(id) && "mono" }, text);
}

/** @param {any} each an episode of a list */
export function episodeState({ outcome, status, archived_at }) {
  return [pill(outcome?.type ?? status), archived_at && [" ", pill("archived")]];
}

/** @param {any[]} all episodes of a list */
export function episodeRows(all) {
  return h(
    "ul",
    { class: "rows" },
    all.map((each) =>
      h(
        "li",
        {},
        h(
          "div",
          { class: "main-line" },
          episodeLink(each.id, cut(each.task, TASK_MAX)),
          episodeState(each),
        ),
        h(
          "div",
          { class: "muted small" },
          [
            counted(each.step_count, "step"),
            each.context.domain,
            each.reward && `reward ${each.reward.total.toFixed(2)}`,
          ]
            .filter(Boolean)
            .join(" · "),
          " · ",
          since(each.started_at),
        ),
      ),
    ),
  );
}

/** @param {any[]} all */
export function patternRows(all) {
  return h(
    "ul",
    { class: "rows" },
    all.map((each) =>
      h(
        "li",
        {},
        h(
          "div",
          { class: "main-line" },
          h("a", { href: hrefOf("pattern", { id: each.id }) }, breakable(wordsOf(each))),
          pill(each.polarity),
        ),
        h(
          "div",
          { class: "muted small" },
          `${each.kind.replaceAll("_", " ")} · ${counted(each.support.episodes, "episode")} · seen `,
          since(each.last_seen_at),
        ),
      ),
    ),
  );
}

/** What a pattern says: a person's words, where there are some. @param {any} pattern */
export const wordsOf = ({ curation, description }) => cut(curation?.text ?? description, TASK_MAX);

/** @param {any[]} all */
export function lessonRows(all) {
  return h(
    "ul",
    { class: "rows" },
    all.map((each) =>
      h(
        "li",
        {},
        h(
          "div",
          { class: "main-line" },
          h("a", { href: hrefOf("lessons", { query: { q: cut(each.text, 80) } }) }, each.text),
          pill(each.kind),
        ),
        h(
          "div",
          { class: "muted small" },
          `said ${counted(each.evidence.said, "time")} · used ${each.evidence.used}${importedOf(each.evidence)} · `,
          since(each.said_at),
        ),
      ),
    ),
  );
}
