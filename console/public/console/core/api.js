/**
 * How the console asks the service. The key is in this tab's session storage only, and is sent
 * nowhere but to the service that the page came from.
 */

const KEY = "memory-console-key";
const TIMEOUT_MS = 20_000;
/** An import's answer comes when its last line is taken in. */
const IMPORT_TIMEOUT_MS = 120_000;
/** Namespaces that one answer names. */
const NAMES_PAGE = 200;

export const session = {
  get key() {
    return sessionStorage.getItem(KEY) ?? "";
  },
  set key(value) {
    sessionStorage.setItem(KEY, value);
  },
  /** Which namespace is shown; the address says it. */
  namespace: "default",
  /** Whether the key may watch the service as well as a memory. */
  isOperator: false,
  forget() {
    sessionStorage.removeItem(KEY);
    this.namespace = "default";
    this.isOperator = false;
  },
};

/** The service answered, and not with a success; or did not answer, which is status 0. */
export class Refused extends Error {
  /** @param {number} status @param {string} message @param {number} waitMs as it asks for */
  constructor(status, message, waitMs = 0) {
    super(message);
    this.status = status;
    this.waitMs = waitMs;
  }
}

/**
 * Throws Refused with the reason that the service gives.
 *
 * @param {string} path
 * @param {{body?: any, method?: string, signal?: AbortSignal | undefined}} [options]
 * @returns {Promise<any>}
 */
export async function ask(path, { body, method, signal } = {}) {
  const answer = await send(path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    type: "application/json",
    body: body === undefined ? null : JSON.stringify(body),
    signal: within(TIMEOUT_MS, signal),
  });
  return answer.json().catch(() => null);
}

/**
 * Sends lines of an import.
 *
 * @param {string} lines NDJSON
 * @param {{update: boolean, signal?: AbortSignal | undefined}} options
 * @returns {Promise<any[]>} an answer to each line
 */
export async function sendLines(lines, { update, signal }) {
  const answer = await send(`/v1/import${update ? "?on_conflict=update" : ""}`, {
    method: "POST",
    type: "application/x-ndjson",
    body: lines,
    signal: within(IMPORT_TIMEOUT_MS, signal),
  });
  const text = await answer.text();
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line));
}

/**
 * A page of the names of namespaces that the key may see.
 *
 * @param {string | null} cursor
 * @returns {Promise<{namespaces: {name: string, empty: boolean}[], next_cursor: string | null}>}
 */
export async function namespacePage(cursor = null) {
  const query = new URLSearchParams({ limit: String(NAMES_PAGE) });
  if (cursor !== null) query.set("cursor", cursor);
  // Asked without a namespace: the one of this tab may be none of the key's.
  const answer = await send(`/v1/namespaces?${query}`, {
    isScoped: false,
    signal: within(TIMEOUT_MS),
  });
  return answer.json();
}

/**
 * @param {string} path
 * @param {{method?: string, type?: string, body?: string | null, isScoped?: boolean,
 *   signal: AbortSignal}} options
 */
async function send(path, options) {
  const { method = "GET", type = "", body = null, isScoped = true, signal } = options;
  const asked = fetch(path, {
    method,
    headers: {
      Authorization: `Bearer ${session.key}`,
      ...(isScoped && path.startsWith("/v1/") ? { "X-Memory-Namespace": session.namespace } : {}),
      ...(body === null ? {} : { "Content-Type": type }),
    },
    body,
    cache: "no-store",
    credentials: "omit",
    signal,
  });
  const answer = await asked.catch((error) => {
    // Somebody went on to another view: that is no failure of the service.
    if (signal.aborted && error.name === "AbortError") throw error;
    throw new Refused(0, "The service does not answer.");
  });
  if (answer.ok) return answer;

  const content = await answer.json().catch(() => null);
  const waitMs = 1_000 * Number(answer.headers.get("Retry-After") ?? 0);
  const reason = content?.detail ?? `The service answered ${answer.status}.`;
  throw new Refused(answer.status, reason, Number.isFinite(waitMs) ? waitMs : 0);
}

/** @param {number} ms @param {AbortSignal} [signal] */
function within(ms, signal) {
  const timeout = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
