/**
 * R2 as the service uses it: every request passes a guard, which has a deadline for it and a
 * circuit breaker before it. Nothing else has the bucket itself.
 *
 * @module
 */

import { withDeadline } from "../../../util/deadline.ts";

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
