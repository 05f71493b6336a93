/**
 * How the console asks the service. The key is in this tab's session storage only, and is sent
 * nowhere but to the service that the page came from.
 */

const KEY = "memory-console-key";
const NAMESPACE = "memory-console-namespace";

export const session = {
  get key() {
    return sessionStorage.getItem(KEY) ?? "";
  },
  set key(value) {
    sessionStorage.setItem(KEY, value);
  },
  get namespace() {
    return sessionStorage.getItem(NAMESPACE) ?? "default";
  },
  set namespace(value) {
    sessionStorage.setItem(NAMESPACE, value);
  },
  forget() {
    sessionStorage.removeItem(KEY);
    sessionStorage.removeItem(NAMESPACE);
  },
};

/** The service answered, and not with a success. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Throws Refused with the reason that the service gives. @param {string} path @param {any} [body] */
export async function ask(path, body) {
  const scoped = path.startsWith("/v1/");
  const answer = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      Authorization: `Bearer ${session.key}`,
      ...(scoped ? { "X-Memory-Namespace": session.namespace } : {}),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(20_000),
  });
  const content = await answer.json().catch(() => null);
  if (!answer.ok)
    throw new Refused(answer.status, content?.detail ?? `The service answered ${answer.status}.`);
  return content;
}

/** What is offered at once. */
const NAMES_MAX = 200;

/**
 * The names of namespaces that the key may see, the first of them; none where it may not read.
 *
 * @returns {Promise<string[]>}
 */
export async function namespaceNames() {
  // Asked without a namespace: the one of this tab may be none of the key's.
  const answer = await fetch(`/v1/namespaces?limit=${NAMES_MAX}`, {
    headers: { Authorization: `Bearer ${session.key}` },
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(20_000),
  });
  if (!answer.ok) return [];
  const { namespaces } = await answer.json();
  return namespaces.map((/** @type {{ name: string }} */ { name }) => name);
}
