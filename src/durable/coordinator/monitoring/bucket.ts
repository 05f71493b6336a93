/**
 * R2, with every request measured.
 *
 * @module
 */

import type { Counting } from "../../../observability/index.ts";

/** Objects beyond this are not summed up: a page is a request. */
const PAGES_MAX = 50;

/** Throws what the work throws. */
export async function measured<T>(
  meter: Counting,
  operation: "read" | "write" | "list" | "delete",
  work: () => Promise<T>,
): Promise<T> {
  const labels = { operation, backend: "r2" };
  const begun = Date.now();
  try {
    return await work();
  } catch (error) {
    meter.count("memory_storage_errors_total", { ...labels, kind: "unreachable" });
    throw error;
  } finally {
    meter.observe(
      "memory_storage_operation_duration_seconds",
      (Date.now() - begun) / 1_000,
      labels,
    );
  }
}

/** Bytes of all objects, of the first fifty thousand when there are more. */
export async function bucketBytes(bucket: R2Bucket): Promise<number> {
  let bytes = 0;
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const listed = await bucket.list(cursor === undefined ? {} : { cursor });
    bytes += listed.objects.reduce((sum, object) => sum + object.size, 0);
    if (!listed.truncated) return bytes;
    cursor = listed.cursor;
  }
  return bytes;
}
