/** The operators' console: asks for a key, then shows the view that the address names. */

import { ask, namespacePage, Refused, session } from "./core/api.js";
import { empty, fill, h, heading } from "./core/dom.js";
import { Live } from "./core/live.js";
import { changed, hrefOf, namespaceOf, placeOf } from "./core/place.js";
import { isBusy, swap } from "./core/swap.js";
import { namespacePicker } from "./parts/namespaces.js";
import { showLinkKey, showLogin } from "./parts/login.js";
import { markLink, showMenu } from "./parts/menu.js";
import { VIEWS } from "./views/index.js";

/** @typedef {import("./core/place.js").Place} Place */
/**
 * @typedef {object} Visit a view that is shown
 * @property {Place} place
 * @property {AbortSignal} signal aborted when another is shown
 * @property {() => Promise<void>} redraw shows it anew, after something was changed
 * @property {(work: (box: HTMLElement) => void | (() => void)) => void} after what is done once the
 *   content stands in the page; what it returns is done when the content goes
 */
/**
 * @typedef {object} View
 * @property {string} title
 * @property {number} [everyMs] how often it is shown anew; undefined: it is not
 * @property {(visit: Visit) => Promise<any>} show resolves with its nodes
 */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

class Console {
  #main = byId("main");
  #views = VIEWS();
  #leave = new AbortController();
  /** @type {Live | null} */
  #live = null;
  /** The view, item and namespace that are shown, and how their content was made. */
  #shown = "";
  #markup = "";
  /** @type {(() => void)[]} */
  #takeDown = [];
  #lastStatus = "";
  /** Rises with each drawing, so that an answer that comes late is not shown over a newer one. */
  #turn = 0;

  start() {
    byId("forget").addEventListener("click", () => {
      session.forget();
      this.#login();
    });
    byId("skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.#main.focus();
    });
    byId("find").addEventListener("submit", (event) => this.#find(event));
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      byId("find").querySelector("input")?.focus();
    });
    window.addEventListener("hashchange", () => this.#arrive(() => this.#show()));
    this.#arrive(() => this.#begun());
  }

  /** Signs in with the key that this tab has, or asks for one. */
  #begun() {
    if (session.key === "") this.#login();
    else void this.#signIn(session.key);
  }

  /**
   * Goes on, unless the address carries a key: no key is taken by following a link. Whoever made it
   * would have others look at, and write into, a memory of his.
   *
   * @param {() => void} goOn
   */
  #arrive(goOn) {
    const link = takeLink();
    if (link === null) return goOn();
    this.#leaveView();
    document.title = "Sign in – memory-service console";
    showLinkKey(this.#main, {
      key: link.key,
      present: session.key,
      onUse: () => {
        history.replaceState(null, "", `${location.pathname}${link.place}`);
        void this.#signIn(link.key);
      },
      onDrop: () => this.#begun(),
    });
  }

  /** Ends what is shown, and hides what is only for who is signed in. */
  #leaveView() {
    this.#go();
    this.#shown = "";
    // What is shown instead is not made by a view.
    this.#markup = "";
    this.#main.removeAttribute("aria-busy");
    for (const id of ["pages", "bar"]) byId(id).hidden = true;
  }

  #login(problem = "") {
    this.#leaveView();
    document.title = "Sign in – memory-service console";
    showLogin(this.#main, { problem, onKey: (key) => void this.#signIn(key) });
  }

  /** @param {string} key */
  async #signIn(key) {
    session.key = key;
    try {
      session.isOperator = await isOperators();
      session.namespace = namespaceOf(placeOf(location.hash)) ?? (await firstNamespace());
      showMenu(byId("pages"), byId("menu"), this.#views);
      byId("bar").hidden = false;
      this.#show();
      // The form is gone: the keyboard goes on from the top of the page, not from where that was.
      byId("skip").focus();
      byId("skip").blur();
    } catch (error) {
      if (isOutage(error)) {
        // The key may be right: it is kept.
        return this.#put(viewBox(failure(error, () => void this.#signIn(key))), []);
      }
      session.forget();
      this.#login(messageOf(error));
    }
  }

  /** @param {Event} event */
  #find(event) {
    event.preventDefault();
    const input = byId("find").querySelector("input");
    const words = input?.value.trim() ?? "";
    if (words !== "") location.hash = hrefOf("search", { query: { q: words } });
  }

  /** Ends what the view before does. */
  #go() {
    this.#leave.abort();
    this.#leave = new AbortController();
    this.#live?.stop();
    this.#live = null;
  }

  #show() {
    if (session.key === "") return this.#login();
    this.#go();
    const place = placeOf(location.hash);
    const named = namespaceOf(place);
    if (named === null) {
      // The address always says the namespace, so that it can be passed on as it is.
      history.replaceState(null, "", changed(place, {}));
    } else session.namespace = named;
    const view = this.#views.get(place.view);
    const shown = JSON.stringify([place.view, place.id, session.namespace]);
    const isOther = shown !== this.#shown;
    const isBegin = this.#shown === "";
    this.#shown = shown;

    document.title = `${view?.title ?? "Not found"} – ${session.namespace} – memory-service`;
    markLink(byId("pages"), place.view);
    fill(byId("namespace"), namespacePicker(place));
    const find = byId("find").querySelector("input");
    if (find) find.value = place.view === "search" ? (place.query.get("q") ?? "") : "";
    byId("freshness").textContent = "";
    byId("freshness").classList.remove("live");
    if (isOther) this.#begin();
    // After signing in the way begins at the top of the page, not in its middle.
    if (isOther && !isBegin) this.#main.focus({ preventScroll: true });
    this.#main.setAttribute("aria-busy", "true");
    if (!view) {
      const link = h("a", { class: "button", href: hrefOf("start") }, "Overview");
      return this.#put(
        viewBox([heading("Not found", null), empty("There is no such page.", link)]),
        [],
      );
    }
    void this.#open(view, place, this.#leave.signal);
  }

  /** What is shown until the first answer. */
  #begin() {
    this.#put(
      h(
        "div",
        { class: "skeleton", role: "status" },
        h("h1", { class: "hidden" }, "Loading …"),
        ["wide", "", "", ""].map((kind) => h("div", { class: `bone ${kind}` })),
      ),
      [],
    );
    window.scrollTo(0, 0);
  }

  /** @param {View} view @param {Place} place @param {AbortSignal} signal */
  async #open(view, place, signal) {
    const isWell = await this.#draw(view, place, signal, true);
    if (signal.aborted || view.everyMs === undefined) return;
    const work = async () => {
      if (isBusy(this.#main)) {
        byId("freshness").textContent = "waits for you";
        return true;
      }
      const wasWell = await this.#draw(view, place, signal, false);
      // What is shown may have come to its end.
      if (view.everyMs === undefined && !signal.aborted) this.#live?.stop();
      return wasWell;
    };
    this.#live = new Live(work, isWell ? view.everyMs : 2 * view.everyMs);
  }

  /**
   * @param {View} view
   * @param {Place} place
   * @param {AbortSignal} signal
   * @param {boolean} isFirst
   */
  async #draw(view, place, signal, isFirst) {
    const turn = ++this.#turn;
    /** @type {((box: HTMLElement) => void | (() => void))[]} */
    const after = [];
    const redraw = async () => void (await this.#draw(view, place, signal, false));
    try {
      const nodes = await view.show({ place, signal, redraw, after: (work) => after.push(work) });
      if (signal.aborted || turn !== this.#turn) return true;
      this.#put(viewBox(nodes, place.view), after);
      this.#say(view.everyMs !== undefined);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#fail(error, isFirst);
      return false;
    }
  }

  /** @param {HTMLElement} fresh @param {((box: HTMLElement) => void | (() => void))[]} after */
  #put(fresh, after) {
    // Read only: markup is never set.
    const markup = fresh.innerHTML;
    if (markup === this.#markup && after.length === 0) {
      this.#main.removeAttribute("aria-busy");
      return;
    }
    this.#markup = markup;
    if (!fresh.matches(".skeleton")) this.#main.removeAttribute("aria-busy");
    for (const work of this.#takeDown) work();
    swap(this.#main, fresh);
    this.#takeDown = after.flatMap((work) => work(fresh) ?? []);
  }

  /** @param {boolean} isLive */
  #say(isLive) {
    const at = new Date().toISOString().slice(11, 19);
    byId("freshness").textContent = isLive ? `live · ${at} UTC` : "";
    byId("freshness").classList.toggle("live", isLive);
    const status =
      this.#main.querySelector("[data-status]")?.getAttribute("data-status") ?? this.#lastStatus;
    if (status !== this.#lastStatus) byId("announce").textContent = `The service is ${status}.`;
    this.#lastStatus = status;
  }

  /** @param {unknown} error @param {boolean} isFirst nothing of the view is there yet */
  #fail(error, isFirst) {
    if (error instanceof Refused && error.status === 401) {
      session.forget();
      return this.#login(error.message);
    }
    byId("freshness").textContent = "";
    byId("freshness").classList.remove("live");
    if (isFirst) return this.#put(viewBox(failure(error, this.#show.bind(this))), []);
    this.#main.querySelector(".error.update")?.remove();
    const text = `The last update failed: ${messageOf(error)} What is shown below may be out of date.`;
    this.#main.prepend(h("p", { class: "error update", role: "alert" }, text));
    // The next update that goes well takes this away.
    this.#markup = "";
  }
}

/** @param {any} content @param {string} name of the view, for its style */
const viewBox = (content, name = "none") => h("div", { class: `view of-${name}` }, content);

/** @param {unknown} error @param {() => void} again */
function failure(error, again) {
  return h(
    "div",
    { class: "card failure" },
    h("h1", {}, "This could not be shown"),
    h("p", { class: "error", role: "alert" }, messageOf(error)),
    h("button", { type: "button", class: "main", onclick: again }, "Try again"),
  );
}

/** @param {unknown} error */
const isOutage = (error) => error instanceof Refused && (error.status === 0 || error.status >= 500);

/** Whether the key may watch the service. Throws when the service does not know the key. */
async function isOperators() {
  try {
    await ask("/admin/instances");
    return true;
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 403) throw error;
    return false;
  }
}

/** The namespace that is shown where the address names none: one with a memory in it. */
async function firstNamespace() {
  const { namespaces } = await namespacePage().catch((error) => {
    // An operator looks at the service above all when it is not well.
    if (isOutage(error)) return { namespaces: [] };
    throw error;
  });
  const isDefault = (/** @type {{name: string}} */ { name }) => name === "default";
  const full = namespaces.filter(({ empty: isEmpty }) => !isEmpty);
  return (
    (full.find(isDefault) ?? full[0] ?? namespaces.find(isDefault) ?? namespaces[0])?.name ??
    "default"
  );
}

/**
 * What a link such as `npm start` prints says behind its "#": the key, and the place that is shown
 * with it. Both are taken out of the address, and so out of the history. null: it names no key.
 */
function takeLink() {
  const link = new URLSearchParams(location.hash.slice(1));
  const key = link.get("key");
  if (key === null) return null;
  history.replaceState(null, "", location.pathname);
  const namespace = link.get("namespace");
  return { key, place: namespace === null ? "" : hrefOf("start", { namespace }) };
}

new Console().start();
