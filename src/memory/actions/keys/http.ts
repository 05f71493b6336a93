/**
 * Says what kind of action a request to an address is: method, host, and the path with what
 * differs from case to case left open. Pure.
 *
 * @module
 */

const URL_MAX = 2_000;
/** Parts of a path that a key names. */
const PARTS_MAX = 6;
const METHOD = /^(?:get|post|put|patch|delete|head|options)$/i;

/** null: it is no address. @param method as it is given beside it, if it is */
export function httpKey(address: string, method: unknown): string | null {
  if (address.length > URL_MAX) return null;
  const parts = /^https?:\/\/(?:[^/?#\s@]*@)?([^/?#\s]+)([^?#\s]*)/i.exec(address.trim());
  if (!parts) return null;
  const [, host = "", path = ""] = parts;
  const template = path
    .split("/")
    .filter((part) => part !== "")
    .map(openPart);
  const shown = template.slice(0, PARTS_MAX).join("/") + (template.length > PARTS_MAX ? "/…" : "");
  const verb = typeof method === "string" && METHOD.test(method) ? method.toUpperCase() : "GET";
  return `${verb} ${host.toLowerCase()}/${shown}`;
}

/** A part of a path; `{}` where it names one of many. */
function openPart(part: string): string {
  const isOne = /\d/.test(part) ? !/^v\d{1,2}$/.test(part) : part.length > 32 || /[%@=]/.test(part);
  return isOne ? "{}" : part;
}
