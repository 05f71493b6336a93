/** What the pages of the memory browser share: their forms, and where a failure is shown. */

import { namespaceNames, session } from "./api.js";
import { fill, h } from "./dom.js";

/**
 * The namespace that is browsed: one of those that the key may see, or what is typed.
 *
 * @param {() => void | Promise<void>} again after it changed
 */
export function namespaceField(again) {
  // A page may have several fields.
  const names = h("datalist", { id: `namespaces-${crypto.randomUUID()}` });
  const input = h("input", {
    value: session.namespace,
    list: names.id,
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "64",
    pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*",
  });
  input.addEventListener("change", () => {
    session.namespace = /** @type {HTMLInputElement} */ (input).value.trim() || "default";
    void again();
  });
  // Without the list the field is one to type into.
  namespaceNames().then(
    (all) => fill(names, ...all.map((name) => h("option", { value: name }))),
    () => undefined,
  );
  return h("label", {}, "Namespace", input, names);
}

/** @param {() => unknown} work @returns {(event: Event) => void} */
export function onSubmit(work) {
  return (event) => {
    event.preventDefault();
    work();
  };
}

/**
 * Does the work, and shows what went wrong where its result would be.
 *
 * @param {Element} box
 * @param {() => Promise<void>} work
 */
export async function guarded(box, work) {
  try {
    await work();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    fill(box, h("p", { class: "error", role: "alert" }, text));
  }
}
