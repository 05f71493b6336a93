/**
 * Makes an R2 bucket the object store of backups. Throws what the bucket throws, and
 * `BackupFault` for an object that is too large.
 *
 * @module
 */

import { BackupFault } from "../format/manifest.ts";
import type { ObjectStore } from "../ports.ts";

/** The most keys that R2 deletes in one call. */
const REMOVED_AT_ONCE = 1_000;

export function r2Store(bucket: R2Bucket): ObjectStore {
  return {
    async get(key, max) {
      const object = await bucket.get(key);
      if (!object) return null;
      if (object.size > max) {
        await object.body.cancel();
        throw new BackupFault(key, `has ${object.size} bytes; at most ${max} are read`);
      }
      return new Uint8Array(await object.arrayBuffer());
    },
    async put(key, bytes, sha256) {
      await bucket.put(key, bytes, { sha256 });
    },
    async create(key, bytes) {
      return (await bucket.put(key, bytes, { onlyIf: { etagDoesNotMatch: "*" } })) !== null;
    },
    async list(prefix) {
      const keys: string[] = [];
      let cursor: string | undefined;
      for (;;) {
        const page = await bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
        keys.push(...page.objects.map(({ key }) => key));
        if (!page.truncated) return keys;
        cursor = page.cursor;
      }
    },
    async remove(keys) {
      for (let at = 0; at < keys.length; at += REMOVED_AT_ONCE) {
        await bucket.delete(keys.slice(at, at + REMOVED_AT_ONCE));
      }
    },
  };
}
