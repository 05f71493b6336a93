/** The view "Access": which apps and which keys may use the memory, and how each is taken back. */

import { ask, Refused } from "../core/api.js";
import { empty, h, heading, pill, section, since, table } from "../core/dom.js";
import { counted, shortId } from "../core/format.js";
import { changed, hrefOf } from "../core/place.js";
import { confirmed } from "../parts/confirm.js";
import { choice, filters, guarded, pager } from "../parts/forms.js";

const GRANTS_PAGE = 50;
/** Keys that are shown; `memory-cli key list` has all. */
const KEYS_SHOWN = 200;
const HOUR_MS = 3_600_000;
const STATES = ["", "all"];
const APP_HEADS = [
  "app",
  "key",
  "namespace",
  "may",
  "since",
  "last used",
  "ends",
  "state",
  "action",
];
const KEY_HEADS = ["key", "may", "namespaces", "since", "last used", "ends", "state", "action"];

/** @typedef {import("../core/place.js").Place} Place */
/** @typedef {{box: Element, redraw: () => Promise<void>}} Acting where a failure is shown */

/** The view; it remembers what it revoked, which the list of apps has for up to a minute more. */
export class AccessView {
  title = "Access";
  /** @type {Set<string>} */
  #revoked = new Set();

  /** @param {import("../console.js").Visit} visit */
  async show({ place, signal, redraw }) {
    const [grants, { keys }] = await Promise.all([
      grantPage(place, signal),
      ask("/admin/keys", { signal }),
    ]);
    const acting = () => ({ box: h("div", { "aria-live": "polite" }), redraw });
    return [
      heading("Access", "Which apps and which keys may use this service; each is taken back here."),
      section("Apps", this.#apps(place, grants, keys, acting())),
      section("Keys", keyParts(place, keys, acting())),
    ];
  }

  /**
   * @param {Place} place
   * @param {any} page of the apps
   * @param {any[]} keys
   * @param {Acting} acting
   */
  #apps(place, page, keys, acting) {
    if (page.isOff) return empty("No app can be let in: /mcp takes keys alone.", page.isOff);
    const key = place.query.get("key");
    const named = keys.find(({ id }) => id === key)?.name ?? key;
    const grants = page.grants.filter((/** @type {any} */ { id }) => !this.#revoked.has(id));
    const rows = grants.map((/** @type {any} */ each) => this.#appRow(place, each, acting));
    return [
      acting.box,
      key &&
        h(
          "p",
          { class: "muted" },
          `Let in with the key ${named}. `,
          h("a", { href: changed(place, { key: null }) }, "Show all apps"),
        ),
      rows.length === 0
        ? empty(
            "No app was let in.",
            "Apps that connect by OAuth are listed here, each with the key that let it in.",
          )
        : table(APP_HEADS, rows, { caption: "Apps" }),
      pager({
        first: place.query.get("after") ? changed(place, {}) : null,
        next:
          page.next_cursor &&
          hrefOf("access", {
            query: { ...Object.fromEntries(place.query), after: page.next_cursor },
          }),
        nextName: "More",
      }),
    ];
  }

  /** @param {Place} place @param {any} grant @param {Acting} acting */
  #appRow(place, grant, acting) {
    const { id, key_id: keyId, namespace, scopes, active } = grant;
    const name = grant.client_name || grant.client_id;
    const revoke = async () => {
      await ask(`/admin/oauth/grants/${encodeURIComponent(id)}`, { method: "DELETE" });
      this.#revoked.add(id);
    };
    return [
      [h("b", {}, name), h("div", { class: "muted small mono" }, shortId(grant.client_id))],
      h(
        "a",
        { href: changed(place, { key: keyId }) },
        grant.key_name ?? h("span", { class: "mono" }, shortId(keyId)),
      ),
      namespace === "" ? "–" : h("a", { href: hrefOf("start", { namespace }) }, namespace),
      scopes.join(", "),
      since(grant.created_at),
      since(grant.last_token_at),
      day(grant.expires_at),
      pill(active ? "active" : "its key has ended"),
      revokeButton(acting, revoke, {
        id,
        name,
        question: `Revoke the access of ${name}?`,
        about: `Its tokens for the namespace ${namespace} are refused, everywhere within about a minute. It can only come back through the page of consent.`,
      }),
    ];
  }
}

/**
 * A page of what was granted to apps; `isOff`: why there is none, where OAuth is off.
 *
 * @param {Place} place
 * @param {AbortSignal} signal
 */
async function grantPage({ query }, signal) {
  const asked = new URLSearchParams({ limit: String(GRANTS_PAGE) });
  const [key, after] = [query.get("key"), query.get("after")];
  if (key) asked.set("key_id", key);
  if (after) asked.set("cursor", after);
  try {
    return await ask(`/admin/oauth/grants?${asked}`, { signal });
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return { isOff: error.message };
    throw error;
  }
}

/** @param {Place} place @param {any[]} keys @param {Acting} acting */
function keyParts(place, keys, acting) {
  const state = place.query.get("keys") ?? "";
  const wanted = keys.filter((each) => state === "all" || stateOf(each) === "active");
  // What was never used stands behind what was.
  const sorted = wanted.toSorted((a, b) => (usedAt(a) < usedAt(b) ? 1 : -1));
  const rows = sorted.slice(0, KEYS_SHOWN).map((each) => keyRow(place, each, acting));
  return [
    acting.box,
    filters(
      (values) => changed(place, values),
      h(
        "label",
        {},
        "Show",
        choice(STATES, {
          name: "keys",
          value: state,
          names: { "": "keys that work", all: "all keys" },
        }),
      ),
    ),
    rows.length === 0
      ? empty("No key works.", "memory-cli key create makes one.")
      : table(KEY_HEADS, rows, { caption: "Keys" }),
    wanted.length > KEYS_SHOWN &&
      h(
        "p",
        { class: "muted" },
        `${counted(wanted.length - KEYS_SHOWN, "key")} more: memory-cli key list has all.`,
      ),
  ];
}

/** @param {string | null} at */
const day = (at) => (at ? h("time", { datetime: at, title: at }, at.slice(0, 10)) : "–");

/** When a key was last used, which is known to the hour. @param {string | null} at */
function used(at) {
  const isNow = at !== null && Date.now() - Date.parse(at) < HOUR_MS;
  return isNow ? h("time", { datetime: at, title: at }, "this hour") : since(at);
}

/** @param {any} key */
const usedAt = ({ last_used_at: used, created_at: made }) => [used ?? "", made].join(" ");

/** @param {any} key */
function stateOf({ revoked_at: revoked, expires_at: expires }) {
  if (revoked !== null) return "revoked";
  return expires !== null && Date.parse(expires) <= Date.now() ? "expired" : "active";
}

/** @param {Place} place @param {any} key @param {Acting} acting */
function keyRow(place, key, acting) {
  const { id, name, scopes, namespaces, expires_at: expires } = key;
  const state = stateOf(key);
  const revoke = () => ask(`/admin/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
  return [
    [
      h("b", {}, name),
      h(
        "div",
        { class: "muted small" },
        h("span", { class: "mono" }, shortId(id)),
        " · ",
        h("a", { href: changed(place, { key: id }) }, "its apps"),
      ),
    ],
    scopes.join(", "),
    namespaces.map((/** @type {string} */ each) => (each === "*" ? "all" : each)).join(", "),
    since(key.created_at),
    used(key.last_used_at),
    expires === null ? "never" : day(expires),
    pill(state),
    state === "active" &&
      revokeButton(acting, revoke, {
        id,
        name,
        question: `Revoke the key ${name}?`,
        about:
          "Every call with it, and every app that was let in with it, is refused at once. It is never taken back.",
      }),
  ];
}

/**
 * @param {Acting} acting
 * @param {() => Promise<any>} revoke
 * @param {{id: string, name: string, question: string, about: string}} options
 */
function revokeButton({ box, redraw }, revoke, { id, name, question, about }) {
  const onclick = async () => {
    if (!(await confirmed({ question, about, yes: "Revoke" }))) return;
    await guarded(box, async () => {
      await revoke();
      await redraw();
      // The button that had the focus is gone.
      document.getElementById("main")?.focus({ preventScroll: true });
    });
  };
  return h(
    "button",
    {
      type: "button",
      class: "risky",
      "data-key": `revoke-${id}`,
      "aria-label": `Revoke ${name}`,
      onclick,
    },
    "Revoke",
  );
}
