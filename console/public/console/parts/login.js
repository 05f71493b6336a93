/** Where the key is asked for. */

import { fill, h } from "../core/dom.js";
import { onSubmit, valueOf } from "./forms.js";

const HINT = [
  "ADMIN_TOKEN shows everything; a key of a namespace shows its memory.",
  "It stays in this tab and is gone when you close it.",
].join(" ");

/**
 * @param {Element} main
 * @param {{problem: string, onKey: (key: string) => void}} options `problem`: why it is asked again
 */
export function showLogin(main, { problem, onKey }) {
  const input = h("input", {
    type: "password",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    name: "key",
  });
  fill(
    main,
    h(
      "form",
      { class: "card login", onsubmit: onSubmit(() => onKey(valueOf(input))) },
      h("img", { src: "/console/icon.svg", alt: "", width: "40", height: "40" }),
      h("h1", {}, "Sign in to this memory"),
      problem && h("p", { class: "error", role: "alert" }, problem),
      h("label", {}, "Key", input),
      h("button", { class: "main" }, "Open the console"),
      h("p", { class: "muted small" }, HINT),
    ),
  );
  input.focus();
}
