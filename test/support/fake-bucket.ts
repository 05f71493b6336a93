/**
 * A bucket in memory with what the service uses of R2, and faults: requests that fail as R2 says
 * it, and requests that are never answered.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** errors: R2's own failure. stalls: no answer, ever. */
export type BucketFault = "none" | "errors" | "stalls";

export class FakeBucket {
  readonly objects = new Map<string, Uint8Array<ArrayBuffer>>();
  /** What happens to requests from now on. */
  fault: BucketFault = "none";
  /** Called with each request before it is worked on. */
  onRequest: (request: string) => void = () => undefined;
  /** Every request, in order, those that failed too. */
  readonly requests: string[] = [];

  /** As the binding that the platform hands out. */
  get binding(): R2Bucket {
    const request = <T>(name: string, key: string, work: () => T): Promise<T> => {
      this.requests.push(`${name} ${key}`);
      this.onRequest(`${name} ${key}`);
      if (this.fault === "stalls") return new Promise(() => undefined);
      if (this.fault === "errors")
        return Promise.reject(
          new Error(`${name}: We encountered an internal error. Please try again. (10001)`),
        );
      return Promise.resolve().then(work);
    };
    const bucket = {
      get: (key: string) => request("get", key, () => this.#object(key)),
      put: (key: string, body: string | Uint8Array<ArrayBuffer>, options?: R2PutOptions) =>
        request("put", key, () => this.#put(key, body, options)),
      list: (options: R2ListOptions = {}) =>
        request("list", options.prefix ?? "", () => ({
          objects: [...this.objects.keys()]
            .filter((key) => key.startsWith(options.prefix ?? ""))
            .sort()
            .map((key) => ({ key, size: this.objects.get(key)?.length ?? 0 })),
          truncated: false,
        })),
      delete: (keys: string | string[]) =>
        request("delete", String(keys), () => {
          for (const key of [keys].flat()) this.objects.delete(key);
        }),
    };
    return bucket as unknown as R2Bucket;
  }

  #object(key: string) {
    const bytes = this.objects.get(key);
    if (!bytes) return null;
    const read =
      <T>(work: () => T) =>
      async (): Promise<T> =>
        work();
    return {
      key,
      size: bytes.length,
      etag: etagOf(bytes),
      body: { cancel: async () => undefined },
      arrayBuffer: read(() => bytes.slice().buffer),
      text: read(() => new TextDecoder().decode(bytes)),
    };
  }

  #put(
    key: string,
    body: string | Uint8Array<ArrayBuffer>,
    options?: R2PutOptions,
  ): { key: string } | null {
    if (!isMet(options?.onlyIf as R2Conditional | undefined, this.objects.get(key))) return null;
    const bytes = new Uint8Array(typeof body === "string" ? new TextEncoder().encode(body) : body);
    if (typeof options?.sha256 === "string") {
      const sum = createHash("sha256").update(bytes).digest("hex");
      if (sum !== options.sha256)
        throw new Error("put: The SHA-256 checksum you specified did not match. (10037)");
    }
    this.objects.set(key, bytes);
    return { key };
  }
}

function etagOf(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

/** Whether the condition of a write holds for what is there. */
function isMet(condition: R2Conditional | undefined, present: Uint8Array | undefined): boolean {
  if (condition?.etagDoesNotMatch !== undefined) return present === undefined;
  if (condition?.etagMatches === undefined) return true;
  return present !== undefined && etagOf(present) === condition.etagMatches;
}
