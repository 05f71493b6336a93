/** A question that is answered before something is done that nothing takes back. */

import { h } from "../core/dom.js";

/**
 * Asks in a dialog, which the keyboard cannot leave but by an answer; Escape is a no. It stands in
 * the page's content, so that it goes with it, unanswered.
 *
 * @param {{question: string, about: string, yes: string}} options `yes`: what the button says
 * @returns {Promise<boolean>}
 */
export function confirmed({ question, about, yes }) {
  const dialog = /** @type {HTMLDialogElement} */ (
    h(
      "dialog",
      {
        class: "confirm",
        "aria-labelledby": "confirm-question",
        "aria-describedby": "confirm-about",
      },
      h("h2", { id: "confirm-question" }, question),
      h("p", { id: "confirm-about" }, about),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", autofocus: "", onclick: () => dialog.close("") }, "Cancel"),
        h("button", { type: "button", class: "risky", onclick: () => dialog.close("yes") }, yes),
      ),
    )
  );
  document.getElementById("main")?.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
