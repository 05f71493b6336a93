/** The button by which a person archives an episode, or brings it back. */

import { ask } from "../core/api.js";
import { h } from "../core/dom.js";
import { guarded } from "./forms.js";

/** How a filter of lists calls what it lets through. */
export const ARCHIVED_NAMES = { "": "not archived", only: "archived", any: "all" };
export const ARCHIVED = Object.keys(ARCHIVED_NAMES);

/**
 * null: it still runs.
 *
 * @param {any} episode
 * @param {() => void | Promise<void>} again after it is done
 */
export function archiving({ id, status, archived_at }, again) {
  if (status === "in_progress") return null;
  const box = h("div", { "aria-live": "polite" });
  const action = archived_at ? "unarchive" : "archive";
  const change = () =>
    guarded(box, async () => {
      await ask(`/v1/episodes/${encodeURIComponent(id)}/${action}`, { method: "POST" });
      await again();
    });
  const title = "Archived episodes stay stored, out of recalls and lists.";
  return [
    h(
      "button",
      { type: "button", title, "data-key": "archive", onclick: () => void change() },
      archived_at ? "Bring back" : "Archive",
    ),
    box,
  ];
}
