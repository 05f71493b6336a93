/**
 * The KV namespace as the OAuth library is given it: a client whose id is an address is read from
 * there and not from storage, and a name that is too long for the platform is none. The library's
 * names of keys are its documented ones ("client:ID", "grant:USER:ID", "token:…").
 *
 * @module
 */

import { Problem } from "../problem.ts";
import { invalid } from "../validate.ts";
import { byteLength } from "../../util/bytes.ts";
import { isDocumentAddress, type ClientDocuments } from "./client-documents.ts";

/** Bytes of a key (developers.cloudflare.com/kv/platform/limits). */
const KEY_MAX_BYTES = 512;
const CLIENT = "client:";

/** What the library uses of a KV namespace. */
export type Storage = Pick<KVNamespace, "get" | "put" | "delete" | "list">;

/** @param kv the deployment's @returns throws a Problem not_ready where that does not answer */
export function storageOf(kv: KVNamespace, documents: ClientDocuments): Storage {
  const get = (async (key: string, options?: KVNamespaceGetOptions<"text">) => {
    const id = key.startsWith(CLIENT) ? key.slice(CLIENT.length) : "";
    if (isDocumentAddress(id)) return documents.get(id);
    return byteLength(key) > KEY_MAX_BYTES ? null : answered(kv.get(key, options));
  }) as unknown as KVNamespace["get"];
  return {
    get,
    put: (key, value, options) => answered(kv.put(key, value, options)),
    delete: (key) => answered(kv.delete(key)),
    list: <M>(options?: KVNamespaceListOptions) =>
      byteLength(options?.prefix ?? "") > KEY_MAX_BYTES
        ? Promise.resolve({ keys: [], list_complete: true as const, cacheStatus: null })
        : answered(kv.list<M>(options), typeof options?.cursor === "string"),
  };
}

/** @param hasCursor it was asked to go on from a place that a client named */
async function answered<T>(asked: Promise<T>, hasCursor = false): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (hasCursor && / 400\b/.test(String(error)))
      throw invalid("cursor", "must be the next_cursor of an earlier page");
    const detail = "The storage of OAuth does not answer. Try again.";
    throw new Problem("not_ready", detail, [], { "Retry-After": "1" });
  }
}
