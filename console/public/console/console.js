/** The operators' console: asks for a key, then shows the page that the address names. */

import { ask, Refused, session } from "./api.js";
import { fill, h } from "./dom.js";
import { showLessons } from "./curation.js";
import { showEpisode, showEpisodes } from "./episodes.js";
import { guarded } from "./forms.js";
import { showPatterns, showRecall } from "./learned.js";
import { NowPage } from "./now.js";
import { showProof } from "./proof.js";

const UPDATE_EVERY_MS = 5_000;

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

class Console {
  #main = byId("main");
  #pages = byId("pages");
  #session = byId("session");
  #freshness = byId("freshness");
  #announce = byId("announce");
  #now = new NowPage();
  /**
   * Rises with each change of page, so that an answer that comes late is not shown on another one.
   */
  #visit = 0;
  #lastStatus = "";

  start() {
    byId("forget").addEventListener("click", () => {
      session.forget();
      this.#login();
    });
    window.addEventListener("hashchange", () => {
      this.#show();
      if (location.hash !== "#main") this.#main.focus({ preventScroll: true });
    });
    const key = takeLink();
    if (key !== null) void this.#signIn(key);
    else if (session.key === "") this.#login();
    else this.#open();
  }

  #login(/** @type {string} */ problem = "") {
    this.#visit += 1;
    this.#pages.hidden = true;
    this.#session.hidden = true;
    const input = h("input", {
      type: "password",
      required: true,
      autocomplete: "off",
      spellcheck: "false",
      name: "key",
    });
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#signIn(/** @type {HTMLInputElement} */ (input).value.trim());
    };
    const hint =
      "ADMIN_TOKEN shows everything; a key of a namespace shows its memory. It stays in this tab and is gone when you close it.";
    fill(
      this.#main,
      h(
        "form",
        { class: "card login", onsubmit },
        h("h2", {}, "Sign in"),
        h("p", { class: "muted" }, hint),
        problem && h("p", { class: "error", role: "alert" }, problem),
        h("label", {}, "Key", input),
        h("button", { class: "main" }, "Open the console"),
      ),
    );
    input.focus();
  }

  /** @param {string} key */
  async #signIn(key) {
    session.key = key;
    try {
      await checkKey();
      this.#open();
    } catch (error) {
      session.forget();
      this.#login(messageOf(error));
    }
  }

  #open() {
    this.#pages.hidden = false;
    this.#session.hidden = false;
    this.#show();
  }

  #show() {
    if (session.key === "") return this.#login();
    const visit = ++this.#visit;
    const [page = "now", id = ""] = (location.hash.slice(1) || "now").split("/");
    if (page === "main") return;
    this.#markLink(page);
    document.title = `${page} – memory-service console`;
    this.#freshness.textContent = "";
    fill(this.#main, h("p", { class: "empty" }, "Loading …"));

    const box = h("div", {});
    const appear = () => {
      if (visit === this.#visit && box.parentElement !== this.#main) fill(this.#main, box);
    };
    const works = {
      now: () => this.#watch(box, visit),
      episodes: () => showEpisodes(box),
      patterns: () => showPatterns(box),
      lessons: () => showLessons(box),
      recall: () => showRecall(box),
      proof: () => showProof(box),
      episode: () => showEpisode(box, decodeURIComponent(id)),
    };
    const nothing = async () => fill(box, h("p", { class: "error" }, "There is no such page."));
    appear();
    void guarded(box, Reflect.get(works, page) ?? nothing).then(appear);
  }

  /** @param {string} page */
  #markLink(page) {
    for (const link of this.#pages.querySelectorAll("a")) {
      if (link.hash === `#${page}` || (page === "episode" && link.hash === "#episodes"))
        link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** Updates the page again and again while it is shown. @param {HTMLElement} box @param {number} visit */
  async #watch(box, visit) {
    while (visit === this.#visit) {
      try {
        if (!document.hidden) await this.#update(box);
      } catch (error) {
        if (error instanceof Refused && error.status === 401) return this.#login(error.message);
        this.#freshness.textContent = "";
        box.querySelector(".error.update")?.remove();
        const text = `The last update failed: ${messageOf(error)} What is shown below may be out of date.`;
        box.prepend(h("p", { class: "error update", role: "alert" }, text));
      }
      await new Promise((resolve) => setTimeout(resolve, UPDATE_EVERY_MS));
    }
  }

  /** @param {HTMLElement} box */
  async #update(box) {
    await this.#now.show(box);
    this.#freshness.textContent = `as of ${new Date().toISOString().slice(11, 19)} UTC`;
    const status = box.querySelector("[data-status]")?.getAttribute("data-status") ?? "";
    if (status !== this.#lastStatus) this.#announce.textContent = `The service is ${status}.`;
    this.#lastStatus = status;
  }
}

/**
 * A key of a namespace may not watch the service; its memory can be browsed with it. Throws when
 * the service does not know the key.
 */
async function checkKey() {
  try {
    await ask("/admin/instances");
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 403) throw error;
    await ask("/v1/stats");
    if (location.hash === "" || location.hash === "#now") location.hash = "#episodes";
  }
}

/**
 * What a link that `npm start` printed says behind its "#": the key, and which namespace is shown.
 * It is taken out of the address, and so out of the history. null: the address names no key.
 */
function takeLink() {
  const link = new URLSearchParams(location.hash.slice(1));
  const key = link.get("key");
  if (key === null) return null;
  const namespace = link.get("namespace");
  history.replaceState(null, "", `${location.pathname}${namespace === null ? "" : "#episodes"}`);
  if (namespace !== null) session.namespace = namespace;
  return key;
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

new Console().start();
