/** Where the key is asked for, and whether one is taken that came in a link. */

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

/** As the service makes keys: their ids are in them, and are no secret. */
const KEY = /^mk_([0-9a-f]{12})_[0-9a-f]{48}$/;

/**
 * Asks whether the key of a link is to be used.
 *
 * @param {Element} main
 * @param {{key: string, present: string, onUse: () => void, onDrop: () => void}} options `present`:
 *   the key that the tab has, or ""
 */
export function showLinkKey(main, { key, present, onUse, onDrop }) {
  const isIn = present !== "";
  const use = h("button", { type: "button", class: "main", onclick: onUse }, "Use the key");
  fill(
    main,
    h(
      "div",
      { class: "card login" },
      h("img", { src: "/console/icon.svg", alt: "", width: "40", height: "40" }),
      h("h1", {}, "Use the key of this link?"),
      h("p", {}, "The link carries ", whose(key), isIn && [". This tab has ", whose(present)], "."),
      h(
        "p",
        {},
        "What you see and change is then the memory of whoever that key belongs to. Use it only if you trust who gave you the link.",
      ),
      use,
      h(
        "button",
        { type: "button", onclick: onDrop },
        isIn ? "Stay with the key of this tab" : "Enter a key",
      ),
    ),
  );
  use.focus();
}

/** What a key is called, without what is secret of it. @param {string} key */
function whose(key) {
  const [, id] = KEY.exec(key) ?? [];
  return id === undefined ? "an operator's secret" : ["the key ", h("code", {}, id)];
}
