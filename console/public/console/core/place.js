/**
 * Where one is in the console: which view, of which item, in which namespace, with which filters.
 * All of it stands in the address behind "#", so that a link, a reload and the browser's way back
 * show the same.
 */

import { session } from "./api.js";

/** The parameter that names the namespace. */
const NAMESPACE = "ns";

/** @typedef {{view: string, id: string, query: URLSearchParams}} Place */

/** @param {string} hash as of `location` @returns {Place} */
export function placeOf(hash) {
  const [path = "", query = ""] = splitOnce(hash.replace(/^#/, ""), "?");
  const [view = "", id = ""] = splitOnce(path, "/");
  return { view: view || "start", id: decoded(id), query: new URLSearchParams(query) };
}

/** The namespace that a place names, or null. @param {Place} place */
export function namespaceOf({ query }) {
  return query.get(NAMESPACE);
}

/**
 * The address of a view in the present namespace.
 *
 * @param {string} view
 * @param {{id?: string, query?: Record<string, string | null | undefined>, namespace?: string}}
 *   [options] a value that is empty is left out
 */
export function hrefOf(view, { id = "", query = {}, namespace = session.namespace } = {}) {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) all.set(name, value);
  all.set(NAMESPACE, namespace);
  return `#${view}${id === "" ? "" : `/${encodeURIComponent(id)}`}?${all}`;
}

/**
 * The address of a place with other filters; its page begins anew.
 *
 * @param {Place} place
 * @param {Record<string, string | null | undefined>} changes
 */
export function changed({ view, id, query }, changes) {
  const { [NAMESPACE]: _, after: __, ...kept } = Object.fromEntries(query);
  return hrefOf(view, { id, query: { ...kept, ...changes } });
}

/** @param {string} text @param {string} mark */
function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** An address may be typed by hand. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
