/**
 * Sends one request, and repeats it as long as its errors pass by themselves. What is repeated
 * counts once: a POST carries an idempotency key.
 *
 * @module
 */

import { errorOf, MemoryError } from "./errors.ts";

export interface ClientOptions {
  /** Where the service is: `https://memory.example.com`. */
  url: string;
  /** The key, or where it comes from each time. */
  key?: string | (() => string | Promise<string>);
  /** The namespace; the key's default when not given. */
  namespace?: string;
  /** How long one try may take, ms; of what is streamed, until it begins. Default 30,000. */
  timeoutMs?: number;
  /** Tries after the first. Default 3; 0 for none. */
  retries?: number;
  /**
   * The longest wait before a repetition, ms; when the service asks for more, the error is thrown at
   * once. Default 30,000.
   */
  retryWaitMaxMs?: number;
  /** Another fetch, for tests or a service binding. */
  fetch?: (request: Request) => Promise<Response>;
  /**
   * Told when a run cannot be recorded because the key is refused, and when it cannot because nothing
   * answers at `url`: each once. Default: `console.warn`.
   */
  warn?: (message: string) => void;
  /** Called before each repetition. */
  onRetry?: (about: { attempt: number; waitMs: number; error: MemoryError }) => void;
}

export interface RequestOptions {
  /** Ends it early; it then throws the signal's reason. */
  signal?: AbortSignal;
  /** Of one try, ms. */
  timeoutMs?: number;
  retries?: number;
  namespace?: string;
  /** Its own when not given: a POST that is repeated counts once. */
  idempotencyKey?: string;
  /** Waits until the write is in the database (`Prefer: wait=stored`). */
  waitStored?: boolean;
  /** The version that the resource must still have. */
  ifMatch?: number;
  /** Further headers. */
  headers?: Record<string, string>;
}

export interface RawRequest {
  method: string;
  path: string;
  query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  body?: BodyInit;
  type?: string;
  /** A repetition is known by its content, and not by a key. */
  unkeyed?: true;
  /** The answer counts when all of it is there; else it is a stream. */
  whole?: true;
}

/** How long one try may take, ms. */
const TIMEOUT_MS = 30_000;
/** Tries after the first. */
const RETRIES = 3;
/** The longest wait before a repetition, ms. */
const WAIT_MAX_MS = 30_000;
const RETRY_BASE_MS = 200;
const RETRY_MAX_MS = 5_000;
/** Characters of `https://`. */
const SCHEME_MAX = 8;

/** Codes that pass by themselves. What else has a 5xx is a bug, and repeating it helps nobody. */
const PASSING = new Set([
  "network",
  "timeout",
  "idempotency_in_flight",
  "rate_limited",
  "overloaded",
  "not_ready",
]);

function passes(error: MemoryError): boolean {
  return PASSING.has(error.code) || [429, 502, 503, 504].includes(error.status);
}

export class Http {
  readonly #options: ClientOptions;

  /** @throws TypeError for a `url` that is missing, or none of `http:` or `https:` */
  constructor(options: ClientOptions) {
    // Of a variable of the environment that nobody set, whatever its type says.
    if (typeof options.url !== "string" || options.url === "")
      throw new TypeError("url is missing: is MEMORY_URL, or where else it comes from, set?");
    const begin = options.url.slice(0, SCHEME_MAX).toLowerCase();
    if (!begin.startsWith("http://") && !begin.startsWith("https://"))
      throw new TypeError(`url must begin with http:// or https://, and is "${options.url}"`);
    this.#options = { ...options, url: options.url.replace(/\/+$/, "") };
  }

  /** The answer, of a status below 400. Throws `MemoryError`. */
  async send(request: RawRequest, options: RequestOptions = {}): Promise<Response> {
    const retries = options.retries ?? this.#options.retries ?? RETRIES;
    // A stream is gone once it was sent.
    const isRepeatable = !(request.body instanceof ReadableStream);
    const idempotencyKey =
      options.idempotencyKey ?? (isRepeatable && !request.unkeyed ? crypto.randomUUID() : null);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(request, options, idempotencyKey, attempt);
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
        // It was deleted by the try whose answer was lost.
        if (attempt > 1 && request.method === "DELETE" && error.status === 404)
          return new Response(null);
        const waitMs = error.retryAfterMs ?? backoff(attempt);
        const waitMaxMs = this.#options.retryWaitMaxMs ?? WAIT_MAX_MS;
        if (!isRepeatable || attempt > retries || !passes(error) || waitMs > waitMaxMs) throw error;
        this.#options.onRetry?.({ attempt, waitMs, error });
        await pause(waitMs, options.signal);
      }
    }
  }

  async #once(
    request: RawRequest,
    options: RequestOptions,
    idempotencyKey: string | null,
    attempt: number,
  ): Promise<Response> {
    const { url, init } = await this.#built(request, options, idempotencyKey);
    const { fetch: send = (one: Request) => fetch(one) } = this.#options;
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const signals = options.signal ? [timeout.signal, options.signal] : [timeout.signal];
    const signal = AbortSignal.any(signals);
    const answered = async (): Promise<Response> => {
      const answer = await send(new Request(url, { ...init, signal }));
      return request.whole ? wholeOf(answer) : answer;
    };
    let response: Response;
    try {
      // A fetch of the caller's may not know what a signal is.
      response = await Promise.race([answered(), ended(signal)]);
    } catch (cause) {
      if (options.signal?.aborted) throw options.signal.reason;
      const isTimeout = timeout.signal.aborted;
      throw new MemoryError(
        isTimeout
          ? `${url.origin} did not answer within ${timeoutMs} ms.`
          : `${url.origin} cannot be reached: ${reason(cause)}`,
        { code: isTimeout ? "timeout" : "network", attempts: attempt, cause },
      );
    } finally {
      clearTimeout(timer);
    }
    if (response.status < 400) return response;
    throw await errorOf(response, attempt);
  }

  async #built(
    { method, path, query = {}, body, type = "application/json" }: RawRequest,
    options: RequestOptions,
    idempotencyKey: string | null,
  ): Promise<{ url: URL; init: RequestInit }> {
    const url = new URL(this.#options.url + path);
    for (const [name, value] of Object.entries(query))
      if (value !== null && value !== undefined) url.searchParams.set(name, String(value));

    const headers = new Headers(options.headers);
    const { key } = this.#options;
    const secret = typeof key === "function" ? await key() : key;
    if (secret) headers.set("Authorization", `Bearer ${secret}`);
    const namespace = options.namespace ?? this.#options.namespace;
    if (namespace !== undefined) headers.set("X-Memory-Namespace", namespace);
    if (body !== undefined) headers.set("Content-Type", type);
    if (method === "POST" && idempotencyKey !== null)
      headers.set("Idempotency-Key", idempotencyKey);
    if (options.waitStored) headers.set("Prefer", "wait=stored");
    if (options.ifMatch !== undefined) headers.set("If-Match", `"${options.ifMatch}"`);

    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    const isStream = body instanceof ReadableStream;
    return { url, init: isStream ? ({ ...init, duplex: "half" } as RequestInit) : init };
  }
}

/** The same with its body read. Throws when that breaks off. */
async function wholeOf(answer: Response): Promise<Response> {
  const { status, headers } = answer;
  const body = await answer.text();
  return new Response(body === "" ? null : body, { status, headers });
}

/** Rejects with the signal's reason. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** Exponential with full jitter, ms. */
function backoff(attempt: number): number {
  return Math.random() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (attempt - 1));
}

function reason(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const said = inner instanceof Error ? inner.message || inner.name : String(inner);
  const code = (inner as { code?: unknown } | null)?.code;
  return said === "" && typeof code === "string" ? code : said;
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
