/**
 * One request on its way through the API: who sent it, what it says, and how the memory is asked.
 *
 * @module
 */

import type { z } from "zod";
import { homeOf } from "../memory/rendezvous.ts";
import { LIMITS } from "../contract/limits.ts";
import {
  OPERATION_RULES,
  type CacheMark,
  type Call,
  type Input,
  type OperationName,
  type Output,
  type RateView,
  type Reply,
  type Result,
  type Scope,
} from "../contract/operations.ts";
import type { ApiOptions, Backend } from "./backend.ts";
import { invalid, parseJson, readBody, requireType, validate } from "./body.ts";
import { keyHash } from "./hash.ts";
import { Problem, problemOf } from "./problem.ts";
import { withDeadline } from "../util/deadline.ts";
import { sha256Hex } from "../util/hash.ts";

export type Success<T> = Extract<Result<T>, { ok: true }>;

/** The longest that a caller may say it waits, ms. */
const TIMEOUT_MAX_MS = 60_000;

/** How long one instance may take to say whether a caller may read the metrics, ms. */
const METRICS_AUTHORITY_MS = 1_000;

export interface Caller {
  key_hash: string | null;
  root: boolean;
}

export class Context {
  readonly request: Request;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly backend: Backend;
  readonly options: ApiOptions;
  readonly caller: Caller;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  #namespace: string | null;
  /** What the route needs; its finder sets it. */
  scope: Scope | "root" | null = null;
  /** The memory has judged the caller. */
  authorized = false;
  /** Where the last answer came from, and what is left of the key's requests. */
  cache: CacheMark | null = null;
  rate: RateView | null = null;
  /** How long the instance took to recall, the way there and back included. */
  recallSeconds: number | null = null;
  /** The request is several calls, which its Idempotency-Key is not about one by one. */
  isBatch = false;

  constructor(
    request: Request,
    url: URL,
    params: Readonly<Record<string, string>>,
    requestId: string,
    backend: Backend,
    options: ApiOptions,
    caller: Caller,
  ) {
    this.request = request;
    this.url = url;
    this.params = params;
    this.requestId = requestId;
    this.backend = backend;
    this.options = options;
    this.caller = caller;
    this.#namespace = request.headers.get("X-Memory-Namespace");
  }

  /** The namespace that the caller named; null: the key's default. */
  get namespace(): string | null {
    return this.#namespace;
  }

  /** Names the namespace that the path is about. */
  enter(namespace: string): void {
    this.#namespace = namespace;
  }

  async body<S extends z.ZodType>(schema: S): Promise<z.output<S>> {
    return validate(schema, await this.json());
  }

  async json(): Promise<unknown> {
    requireType(this.request, "application/json");
    this.#bytes = await readBody(this.request, () => this.judge());
    return parseJson(this.#bytes);
  }

  /**
   * Throws a Problem when the caller may not use this route at all; asks the memory once for that.
   */
  async judge(): Promise<void> {
    if (this.authorized || this.scope === null || this.scope === "root") return;
    await this.authorize(this.scope);
  }

  query<S extends z.ZodType>(schema: S): z.output<S> {
    const given = new Map<string, string>();
    for (const [name, value] of this.url.searchParams) {
      if (name === "__proto__") throw invalid(name, "unknown field");
      if (given.has(name)) throw invalid(name, "is given more than once");
      given.set(name, value);
    }
    return validate(schema, Object.fromEntries(given));
  }

  /** The version that `If-Match` names; null: any. */
  ifMatch(): number | null {
    const header = this.request.headers.get("If-Match");
    if (header === null || header.trim() === "*") return null;
    const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1];
    if (version === undefined) throw invalid("If-Match", 'must be * or one ETag such as "3"');
    return Number(version);
  }

  /** Asks the memory. Throws a Problem when it says no. */
  async run<N extends OperationName>(
    name: N,
    input: Input<N>,
    instance?: number,
  ): Promise<Success<Output<N>>> {
    // A read is not kept for a repetition, whose Idempotency-Key is accepted and says nothing.
    const call = await this.#call(OPERATION_RULES[name].scope !== "read");
    const home = instance ?? (await this.home(name, input));
    const begun = this.options.now();
    const reply = await this.backend.execute(home, name, input, call);
    if (name === "recall") this.recallSeconds = (this.options.now() - begun) / 1_000;
    return this.#served(reply);
  }

  /** Throws a Problem when the caller may not do this. */
  async authorize(scope: Scope): Promise<string> {
    const instance = homeOf(
      `ns:${this.#namespace ?? "default"}`,
      await this.backend.instanceCount(),
    );
    const call = await this.#call(false);
    return this.#served(await this.backend.execute(instance, "authorize", { scope }, call))
      .namespace;
  }

  /**
   * Whether the caller of a route that is open to all showed the ADMIN_TOKEN or a key with the
   * scope metrics. Says no within a second when nobody can tell: who looks after a service that is
   * unwell shows the ADMIN_TOKEN.
   */
  async isWatcher(): Promise<boolean> {
    if (!this.request.headers.has("Authorization")) return false;
    try {
      const caller = await identify(this.request, this.url, this.options.adminToken);
      if (caller.root) return true;
      const count = await withDeadline(this.backend.instanceCount(), METRICS_AUTHORITY_MS);
      const call = { ...(await this.#call(false)), ...caller };
      const asked = this.backend.execute(
        homeOf(`ns:${this.#namespace ?? "default"}`, count),
        "authorize",
        { scope: "metrics" },
        call,
      );
      return (await withDeadline(asked, METRICS_AUTHORITY_MS)).result.ok;
    } catch {
      return false;
    }
  }

  /**
   * Lets in who may read the metrics, asking one instance after the other: the metrics must be
   * readable when the caller's own instance is what is down. Throws a Problem when the caller may
   * not.
   */
  async authorizeForMetrics(): Promise<void> {
    if (this.caller.root || this.options.metricsOpen) return;
    const count = await this.backend.instanceCount().catch(() => 1);
    const call = await this.#call(false);
    for (let index = 0; ; index++) {
      try {
        const asked = this.backend.execute(index, "authorize", { scope: "metrics" }, call);
        this.#served(await withDeadline(asked, METRICS_AUTHORITY_MS));
        return;
      } catch (error) {
        if (error instanceof Problem || index + 1 >= count) throw error;
      }
    }
  }

  /** Remembers what is said beside a result. Throws a Problem when it is none. */
  #served<T>({ result, cache, rate }: Reply<T>): Success<T> {
    this.authorized = true;
    this.cache = cache ?? this.cache;
    this.rate = rate ?? this.rate;
    if (!result.ok) throw problemOf(result.error);
    return result;
  }

  async home<N extends OperationName>(name: N, input: Input<N>): Promise<number> {
    const count = await this.backend.instanceCount();
    if (OPERATION_RULES[name].home === "episode" && "id" in input)
      return homeOf(String(input.id), count);
    return homeOf(`ns:${this.#namespace ?? "default"}`, count);
  }

  idempotencyKey(): string | null {
    const key = this.request.headers.get("Idempotency-Key");
    if (key === null || this.request.method !== "POST") return null;
    if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
    throw invalid(
      "Idempotency-Key",
      `must have 1 to ${LIMITS.idempotency_key_max} printable ASCII characters`,
    );
  }

  /** @param once a repetition with the same Idempotency-Key is to be answered alike */
  async #call(once: boolean): Promise<Call> {
    const key = this.isBatch || !once ? null : this.idempotencyKey();
    let fingerprint = "";
    if (key !== null) {
      const head = `${this.request.method} ${this.url.pathname}\n${this.#namespace ?? ""}\n${await sha256Hex(this.#bytes)}`;
      fingerprint = await sha256Hex(head);
    }
    const prefer = this.request.headers.get("Prefer") ?? "";
    return {
      ...this.caller,
      namespace: this.#namespace,
      request_id: this.requestId,
      traceparent: this.request.headers.get("traceparent"),
      idempotency: key === null ? null : { key, fingerprint },
      wait_stored: /(^|[,;\s])wait=stored($|[,;\s])/.test(prefer),
      timeout_ms: this.#timeout(),
      forwarded: false,
    };
  }

  /** `Request-Timeout`: how long the caller waits, ms. */
  #timeout(): number | null {
    const header = this.request.headers.get("Request-Timeout");
    if (header === null) return null;
    const ms = /^\d{1,6}$/.test(header) ? Number(header) : 0;
    if (ms >= 1 && ms <= TIMEOUT_MAX_MS) return ms;
    throw invalid(
      "Request-Timeout",
      `must be a whole number of milliseconds from 1 to ${TIMEOUT_MAX_MS}`,
    );
  }
}

/** Who the bearer key says the caller is. Throws a Problem when there is none. */
export async function identify(
  request: Request,
  url: URL,
  adminToken: string | null,
): Promise<Caller> {
  if (url.search !== "") refuseKeyIn(url.searchParams);
  const key = /^Bearer +(\S{1,500})$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  if (key === undefined) {
    throw new Problem("unauthenticated", "Send a key as Authorization: Bearer KEY.", [], {
      "WWW-Authenticate": "Bearer",
    });
  }
  const key_hash = await keyHash(key);
  return { key_hash, root: adminToken !== null && sameText(key_hash, await keyHash(adminToken)) };
}

/** Throws a Problem for a key among the parameters. */
function refuseKeyIn(parameters: URLSearchParams): void {
  for (const name of ["key", "api_key", "apikey", "token", "access_token"]) {
    if (!parameters.has(name)) continue;
    throw new Problem(
      "key_in_url",
      "Addresses end up in logs. Send the key as Authorization: Bearer KEY.",
      [{ path: name, message: "unknown field" }],
    );
  }
}

/** Compares in a time that does not depend on where two texts of one length differ. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
