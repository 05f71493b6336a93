/**
 * R2 as the service uses it: every request passes a guard, which has a deadline for it and a
 * circuit breaker before it. Nothing else has the bucket itself. The Coordinator has the breaker;
 * Workflows, the schedule's jobs and the gateway know from its last answer, for a moment, whether
 * R2 may be asked. What requests came to goes with the next question, a failure at once. So there
 * is about one message in two seconds, however many objects are read.
 *
 * @module
 */

import { SETTINGS } from "../../contract/settings.ts";
import type { Log } from "../../observability/index.ts";
import { withDeadline } from "../../util/deadline.ts";

export type R2Operation = "read" | "write" | "list" | "delete";

/**
 * Does a request to R2, or refuses it.
 *
 * @throws R2NotAsked when it is refused; R2Fault when R2 is at fault; what R2 answers otherwise
 */
export type R2Guard = <T>(operation: R2Operation, request: () => Promise<T>) => Promise<T>;

/** R2 did not do what it was asked, and is at fault: it failed, or did not answer in time. */
export class R2Fault extends Error {
  override readonly name = "R2Fault";
}

/** The circuit breaker is open: R2 was not asked. */
export class R2NotAsked extends Error {
  override readonly name = "R2NotAsked";
  readonly retryAfterMs: number;

  constructor(reason: string | null, retryAfterMs: number) {
    super(`R2 is not asked, for its circuit breaker is open (${reason ?? "no reason given"})`);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Codes of R2's errors, at the end of their messages, that say that R2 or the way to it is at
 * fault. Any other code is an answer: about the request, such as a checksum that does not match.
 * developers.cloudflare.com/r2/api/error-codes
 */
const FAULT_CODES: ReadonlySet<string> = new Set([
  "10001", // internal error
  "10002", // unauthorized
  "10003", // access denied
  "10006", // no such bucket
  "10043", // service unavailable
  "10054", // client disconnect
  "10058", // too many requests
]);

/**
 * Does one request within its deadline.
 *
 * @throws R2Fault when R2 is at fault; what R2 answers otherwise
 */
export async function requestR2<T>(
  operation: R2Operation,
  request: () => Promise<T>,
  deadlineMs: number,
): Promise<T> {
  const late = (): never => {
    throw new R2Fault(`R2 ${operation}: no answer within ${deadlineMs} ms`);
  };
  try {
    return await withDeadline(request(), deadlineMs, late);
  } catch (error) {
    if (error instanceof R2Fault || !isFault(error)) throw error;
    throw new R2Fault(`R2 ${operation}: ${messageOf(error)}`, { cause: error });
  }
}

function isFault(error: unknown): boolean {
  // A mistake of ours says nothing of R2.
  if (error instanceof TypeError || error instanceof RangeError) return false;
  const code = /\((\d+)\)\s*$/.exec(messageOf(error))?.[1];
  return code === undefined || FAULT_CODES.has(code);
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const OPERATIONS: Readonly<Record<string, R2Operation>> = {
  get: "read",
  head: "read",
  put: "write",
  delete: "delete",
  list: "list",
};
/** What reads an object's body; the request that found the object has not done so. */
const BODY_READERS: ReadonlySet<string> = new Set(["arrayBuffer", "bytes", "text", "json", "blob"]);

/**
 * The bucket with every request behind the guard: its methods, and reading the body of an object
 * that it found. Uploads in parts, which nobody makes, are not offered.
 */
export function guardedBucket(bucket: R2Bucket, guard: R2Guard): R2Bucket {
  return new Proxy(bucket, {
    get(target, name) {
      const operation = OPERATIONS[String(name)];
      if (operation === undefined) return undefined;
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]): Promise<unknown> => {
        const answer = await guard(operation, () => method.apply(target, args));
        const isObject = name === "get" && answer !== null;
        return isObject ? guardedBody(answer as R2ObjectBody, guard) : answer;
      };
    },
  });
}

function guardedBody(object: R2ObjectBody, guard: R2Guard): R2ObjectBody {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const method = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
      if (!BODY_READERS.has(String(name))) return method;
      return (...args: unknown[]) => guard("read", () => method(...args));
    },
  });
}

/** What requests came to since the last report, the oldest first. */
export interface R2Report {
  /** Of the admission under which they were made; null: only the question is asked. */
  epoch: number | null;
  calls: { failed: boolean; ms: number }[];
  /** What the last failed one met. */
  fault: string | null;
}

/** Whether R2 may be asked. */
export interface R2Admission {
  isAdmitted: boolean;
  /** Of the breaker's state; outcomes of requests that were made in another state do not count. */
  epoch: number;
  /** Why not; null: it may be, or no reason was given. */
  reason: string | null;
  /** When it may be worth asking again, ms. */
  retry_after_ms: number;
  /** Deadline of a request, ms. */
  timeout_ms: number;
}

/** How long an admission holds; a refusal is asked for anew each time, ms. */
const ADMISSION_MS = 2_000;
/** Outcomes of one report: more than the breaker looks back. */
const CALLS_REPORTED = 20;

interface R2AccessPorts {
  /** Tells the Coordinator, and asks it. */
  report: (report: R2Report) => Promise<R2Admission>;
  now: () => number;
  log: Log;
}

export class R2Access {
  readonly #ports: R2AccessPorts;
  #admission: { at: number; value: R2Admission } | null = null;
  #asking: Promise<R2Admission> | null = null;
  #calls: R2Report["calls"] = [];
  #fault: string | null = null;

  constructor(ports: R2AccessPorts) {
    this.#ports = ports;
  }

  /** See `R2Guard`. */
  readonly guard: R2Guard = async <T>(
    operation: R2Operation,
    request: () => Promise<T>,
  ): Promise<T> => {
    const { epoch, timeout_ms } = await this.admit();
    const { now } = this.#ports;
    const begun = now();
    try {
      const value = await requestR2(operation, request, timeout_ms);
      this.#note(epoch, { failed: false, ms: now() - begun });
      return value;
    } catch (error) {
      if (error instanceof R2Fault) {
        this.#note(epoch, { failed: true, ms: now() - begun });
        this.#fault = error.message;
        await this.#ask();
      }
      throw error;
    }
  };

  /**
   * Resolves when R2 may be asked.
   *
   * @throws R2NotAsked when it may not
   */
  async admit(): Promise<R2Admission> {
    const last = this.#admission;
    const isFresh =
      last !== null && last.value.isAdmitted && this.#ports.now() - last.at < ADMISSION_MS;
    const admission = isFresh ? last.value : await this.#ask();
    if (!admission.isAdmitted) throw new R2NotAsked(admission.reason, admission.retry_after_ms);
    return admission;
  }

  /** A request that was made before the breaker moved says nothing of how R2 is since. */
  #note(epoch: number, call: R2Report["calls"][number]): void {
    if (epoch !== this.#admission?.value.epoch) return;
    this.#calls = [...this.#calls, call].slice(-CALLS_REPORTED);
  }

  /** One question at a time, whoever asks. */
  #ask(): Promise<R2Admission> {
    this.#asking ??= this.#exchange().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #exchange(): Promise<R2Admission> {
    const { report, now, log } = this.#ports;
    const sent = { epoch: this.#admission?.value.epoch ?? null, calls: this.#calls };
    const fault = this.#fault;
    this.#calls = [];
    this.#fault = null;
    let value: R2Admission;
    try {
      value = await report({ ...sent, fault });
    } catch (error) {
      // The breaker spares R2 and its users time; nothing depends on it.
      log({ event: "bucket_breaker_unavailable", reason: String(error) });
      value = {
        isAdmitted: true,
        epoch: sent.epoch ?? 0,
        reason: null,
        retry_after_ms: 0,
        timeout_ms: this.#admission?.value.timeout_ms ?? SETTINGS.r2_timeout_ms.default,
      };
    }
    this.#admission = { at: now(), value };
    return value;
  }
}
