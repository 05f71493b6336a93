/**
 * The KV namespace as the OAuth library is given it: a client whose id is an address is read from
 * there and not from storage, and a name that is too long for the platform is none. The library's
 * names of keys are its documented ones ("client:ID", "grant:USER:ID", "token:…").
 *
 * @module
 */

import { byteLength } from "../../util/bytes.ts";
import { isDocumentAddress, type ClientDocuments } from "./client-documents.ts";

/** Bytes of a key (developers.cloudflare.com/kv/platform/limits). */
const KEY_MAX_BYTES = 512;
const CLIENT = "client:";

/** What the library uses of a KV namespace. */
type Storage = Pick<KVNamespace, "get" | "put" | "delete" | "list">;

/** @param kv the deployment's */
export function storageOf(kv: KVNamespace, documents: ClientDocuments): Storage {
  const get = (async (key: string, options?: KVNamespaceGetOptions<"text">) => {
    const id = key.startsWith(CLIENT) ? key.slice(CLIENT.length) : "";
    if (isDocumentAddress(id)) return documents.get(id);
    return byteLength(key) > KEY_MAX_BYTES ? null : kv.get(key, options);
  }) as unknown as KVNamespace["get"];
  return {
    get,
    put: (key, value, options) => kv.put(key, value, options),
    delete: (key) => kv.delete(key),
    list: <M>(options?: KVNamespaceListOptions) =>
      byteLength(options?.prefix ?? "") > KEY_MAX_BYTES
        ? Promise.resolve({ keys: [], list_complete: true as const, cacheStatus: null })
        : kv.list<M>(options),
  };
}
