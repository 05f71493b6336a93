/** The operators' console: asks for a key, then shows the page that the address names. */

import { ask, Refused, session } from "./api.js";
import { fill, h } from "./dom.js";
import { guarded, showEpisode, showEpisodes, showPatterns, showRecall } from "./memory.js";
import { showNow } from "./now.js";

const LOOK_EVERY_MS = 5_000;
const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const pages = /** @type {HTMLElement} */ (document.getElementById("pages"));
const sessionBox = /** @type {HTMLElement} */ (document.getElementById("session"));
const freshness = /** @type {HTMLElement} */ (document.getElementById("freshness"));
const announce = /** @type {HTMLElement} */ (document.getElementById("announce"));
/**
 * Rises with each change of page, so that an answer that comes late is not shown on another one.
 */
let visit = 0;
let lastStatus = "";

function login(/** @type {string} */ problem = "") {
  visit += 1;
  pages.hidden = true;
  sessionBox.hidden = true;
  const input = h("input", {
    type: "password",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    name: "key",
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    session.key = /** @type {HTMLInputElement} */ (input).value.trim();
    try {
      await mayWatch();
      open();
    } catch (error) {
      session.forget();
      login(error instanceof Error ? error.message : String(error));
    }
  };
  fill(
    main,
    h(
      "form",
      { class: "card login", onsubmit: submit },
      h("h2", {}, "Sign in"),
      h(
        "p",
        { class: "muted" },
        "ADMIN_TOKEN shows everything; a key of a namespace shows its memory. It stays in this tab and is gone when you close it.",
      ),
      problem && h("p", { class: "error", role: "alert" }, problem),
      h("label", {}, "Key", input),
      h("button", { class: "main" }, "Open the console"),
    ),
  );
  input.focus();
}

/**
 * A key of a namespace may not watch the service; its memory can be browsed with it. Throws when
 * the key is none.
 */
async function mayWatch() {
  try {
    await ask("/admin/instances");
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 403) throw error;
    await ask("/v1/stats");
    if (location.hash === "" || location.hash === "#now") location.hash = "#episodes";
  }
}

function open() {
  pages.hidden = false;
  sessionBox.hidden = false;
  show();
}

function show() {
  if (session.key === "") return login();
  const mine = ++visit;
  const [page = "now", id = ""] = (location.hash.slice(1) || "now").split("/");
  if (page === "main") return;
  for (const link of pages.querySelectorAll("a")) {
    if (link.hash === `#${page}` || (page === "episode" && link.hash === "#episodes"))
      link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  freshness.textContent = "";
  fill(main, h("p", { class: "empty" }, "Looking …"));
  const box = h("div", {});
  const shown = () => {
    if (mine === visit && box.parentElement !== main) fill(main, box);
  };
  const work = {
    now: () => watch(box, mine, shown),
    episodes: () => showEpisodes(box),
    patterns: () => showPatterns(box),
    recall: () => showRecall(box),
    episode: () => showEpisode(box, decodeURIComponent(id)),
  };
  const found = Reflect.get(work, page);
  if (page !== "now") shown();
  void guarded(
    box,
    found ?? (async () => fill(box, h("p", { class: "error" }, "There is no such page."))),
  ).then(shown);
  document.title = `${page} – memory-service console`;
}

/**
 * Looks again and again while the page is shown.
 *
 * @param {HTMLElement} box
 * @param {number} mine
 * @param {() => void} shown
 */
async function watch(box, mine, shown) {
  shown();
  while (mine === visit) {
    try {
      if (!document.hidden) {
        await showNow(box);
        freshness.textContent = `as of ${new Date().toISOString().slice(11, 19)} UTC`;
        const status = box.querySelector("[data-status]")?.getAttribute("data-status") ?? "";
        if (status !== lastStatus) announce.textContent = `The service is ${status}.`;
        lastStatus = status;
      }
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return login(error.message);
      freshness.textContent = "";
      box.querySelector(".error.look")?.remove();
      box.prepend(
        h(
          "p",
          { class: "error look", role: "alert" },
          `The last look failed: ${error instanceof Error ? error.message : String(error)} What is below may be old.`,
        ),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

document.getElementById("forget")?.addEventListener("click", () => {
  session.forget();
  login();
});
window.addEventListener("hashchange", () => {
  show();
  if (location.hash !== "#main") main.focus({ preventScroll: true });
});
if (session.key === "") login();
else open();
