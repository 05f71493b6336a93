/**
 * One request on its way through the API: what it says about itself, and the memory asked on its
 * behalf. Made anew for each request; it holds nothing beyond it.
 *
 * @module
 */

import type { ApiOptions, Backend } from "./backend.ts";
import { parseJson, readBody, type Replacements } from "./body.ts";
import type { Caller } from "./caller.ts";
import { isZipped, JSON_TYPES, PATCH_TYPES, requireType, unzipped } from "./edge/content.ts";
import { problemOf } from "./problem.ts";
import { invalid } from "./validate.ts";
import type { CacheMark, Call, RateView, Reply, Result } from "../contract/call.ts";
import { LIMITS } from "../contract/limits.ts";
import { type Input, type OperationName, OPERATIONS, type Output } from "../contract/operations.ts";
import type { RouteContract } from "../contract/route.ts";
import type { Scope } from "../contract/vocabulary.ts";
import { homeOf } from "../memory/rendezvous.ts";
import { sha256Hex } from "../util/hashing/hash.ts";

/** The longest that a caller may say it waits, ms. */
const TIMEOUT_MAX_MS = 60_000;

/** `Idempotency-Key` of a POST; null: there is none. */
function idempotencyKeyOf({ method, headers }: Request): string | null {
  const key = headers.get("Idempotency-Key");
  if (key === null || method !== "POST") return null;
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw invalid(
    "Idempotency-Key",
    `must have 1 to ${LIMITS.idempotency_key_max} printable ASCII characters`,
  );
}

/** `Request-Timeout`: how long the caller waits, ms; null: it does not say. */
function timeoutOf(headers: Headers): number | null {
  const header = headers.get("Request-Timeout");
  if (header === null) return null;
  const ms = /^\d{1,6}$/.test(header) ? Number(header) : 0;
  if (ms >= 1 && ms <= TIMEOUT_MAX_MS) return ms;
  throw invalid(
    "Request-Timeout",
    `must be a whole number of milliseconds from 1 to ${TIMEOUT_MAX_MS}`,
  );
}

/** `Prefer: wait=stored`. */
function waitsForStored(headers: Headers): boolean {
  return /(^|[,;\s])wait=stored($|[,;\s])/.test(headers.get("Prefer") ?? "");
}

export type Success<T> = Extract<Result<T>, { ok: true }>;

/** What a request is, before anything of it is read. */
interface RequestFacts {
  request: Request;
  url: URL;
  /** Of the path, decoded. */
  params: Readonly<Record<string, string>>;
  requestId: string;
  caller: Caller;
  /** What the route needs. */
  scope: RouteContract["scope"];
}

export class RequestContext {
  readonly request: Request;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly caller: Caller;
  readonly scope: RouteContract["scope"];
  readonly backend: Backend;
  readonly options: ApiOptions;

  /** Where the last answer came from, and what is left of the key's requests. */
  cache: CacheMark | null = null;
  rate: RateView | null = null;
  /** How long the instance took to recall, the way there and back included; null: no recall. */
  recallSeconds: number | null = null;
  /** What of the body was taken as something else. */
  readonly replaced: Replacements = { characters: 0 };
  /** The request is several calls, which its Idempotency-Key is not about one by one. */
  isBatch = false;

  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  #namespace: string | null;
  #isAuthorized = false;

  constructor(facts: RequestFacts, backend: Backend, options: ApiOptions) {
    this.request = facts.request;
    this.url = facts.url;
    this.params = facts.params;
    this.requestId = facts.requestId;
    this.caller = facts.caller;
    this.scope = facts.scope;
    this.backend = backend;
    this.options = options;
    const { request, caller } = facts;
    this.#namespace = request.headers.get("X-Memory-Namespace") ?? caller.grant?.namespace ?? null;
  }

  /** The same request, by another caller. */
  as(caller: Caller): RequestContext {
    const { request, url, params, requestId, scope } = this;
    const facts = { request, url, params, requestId, caller, scope };
    return new RequestContext(facts, this.backend, this.options);
  }

  /** Names the namespace that the path is about. */
  enter(namespace: string): void {
    this.#namespace = namespace;
  }

  /** The body, read once. @throws Problem when it is too large, of another type, or not JSON */
  async json(): Promise<unknown> {
    const types = this.request.method === "PATCH" ? PATCH_TYPES : JSON_TYPES;
    return parseJson(await this.bytes(types), this.replaced);
  }

  /** The body's bytes, read once. @throws Problem when it is too large, or of none of these types */
  async bytes(types: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
    const { request, scope } = this;
    // An operator's command may be typed by hand; a browser cannot send it, because it needs a key.
    requireType(request, types, scope === "root");
    const isEncoded = isZipped(request);
    const sent = await readBody(request, () => this.judge());
    // What is small may become large.
    if (isEncoded) await this.judge();
    this.#bytes = isEncoded ? await unzipped(sent) : sent;
    return this.#bytes;
  }

  /** The query parameters by name. @throws Problem when one is given twice */
  query(): Record<string, string> {
    const given = new Map<string, string>();
    for (const [name, value] of this.url.searchParams) {
      if (name === "__proto__") throw invalid(name, "unknown field");
      if (given.has(name)) throw invalid(name, "is given more than once");
      given.set(name, value);
    }
    return Object.fromEntries(given);
  }

  /** null: there is none. */
  idempotencyKey(): string | null {
    return idempotencyKeyOf(this.request);
  }

  /** The memory's answer to an operation. @throws Problem when it refuses */
  async run<N extends OperationName>(
    name: N,
    input: Input<N>,
    instance?: number,
  ): Promise<Success<Output<N>>> {
    // A read is not kept for a repetition: its Idempotency-Key is accepted and ignored.
    const call = await this.#call(OPERATIONS[name].scope !== "read");
    const home = instance ?? (await this.#home(name, input));
    const startedAt = this.options.now();

    const reply = await this.backend.execute(home, name, input, call);
    if (name === "recall") this.recallSeconds = (this.options.now() - startedAt) / 1_000;
    return this.#taken(reply);
  }

  /** Lets the caller in, or throws a Problem. @returns the namespace that it works in */
  async authorize(scope: Scope): Promise<string> {
    return this.authorizeAt(this.namespaceHome(await this.backend.instanceCount()), scope);
  }

  /** The same, by the instance of this index. */
  async authorizeAt(instance: number, scope: Scope): Promise<string> {
    const call = await this.#call(false);
    return this.#taken(await this.backend.execute(instance, "authorize", { scope }, call))
      .namespace;
  }

  /**
   * Throws a Problem when the caller may not use this route at all; asks the memory once for that,
   * and not when it answered before.
   */
  async judge(): Promise<void> {
    if (this.#isAuthorized || this.scope === null || this.scope === "root") return;
    await this.authorize(this.scope);
  }

  /** The index of the instance that the request's namespace lives at, of so many. */
  namespaceHome(count: number): number {
    return homeOf(`ns:${this.#namespace ?? "default"}`, count);
  }

  async #home<N extends OperationName>(name: N, input: Input<N>): Promise<number> {
    const count = await this.backend.instanceCount();
    if (OPERATIONS[name].home === "episode" && "id" in input) {
      return homeOf(String(input.id), count);
    }
    return this.namespaceHome(count);
  }

  /** Keeps what the memory reports beside a result. @throws Problem when it refused */
  #taken<T>({ result, cache, rate }: Reply<T>): Success<T> {
    this.#isAuthorized = true;
    this.cache = cache ?? this.cache;
    this.rate = rate ?? this.rate;
    if (!result.ok) throw problemOf(result.error);
    return result;
  }

  /** @param isKept a repetition with the same Idempotency-Key is to be answered alike */
  async #call(isKept: boolean): Promise<Call> {
    const { request } = this;
    const key = this.isBatch || !isKept ? null : this.idempotencyKey();
    let fingerprint = "";
    if (key !== null) {
      const body = await sha256Hex(this.#bytes);
      const head = `${request.method} ${this.url.pathname}\n${this.#namespace ?? ""}\n${body}`;
      fingerprint = await sha256Hex(head);
    }

    return {
      ...this.caller,
      namespace: this.#namespace,
      request_id: this.requestId,
      traceparent: request.headers.get("traceparent"),
      idempotency: key === null ? null : { key, fingerprint },
      wait_stored: waitsForStored(request.headers),
      timeout_ms: timeoutOf(request.headers),
      forwarded: false,
    };
  }
}
