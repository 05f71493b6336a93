/**
 * Sizes that only the Coordinator measures: of the database and of the bucket.
 *
 * @module
 */

import type { Database } from "../../../storage/index.ts";

/** Rows that a mean size is taken of. */
const ROWS_SAMPLED = 200;
/** Objects beyond this many pages are not summed up: a page is a request. */
const PAGES_SUMMED = 50;

/** Throws `DatabaseError`. */
export async function databaseSizes(
  database: Pick<Database, "all">,
): Promise<{ database_bytes?: number; pattern_row_bytes?: number }> {
  const [size] = await database.all<{ bytes: number; pattern: number | null }>(
    `SELECT page_count * page_size AS bytes,
        (SELECT avg(octet_length(body))
          FROM (SELECT body FROM patterns LIMIT ${ROWS_SAMPLED})) AS pattern
      FROM pragma_page_count(), pragma_page_size()`,
  );
  if (!size) return {};
  return {
    database_bytes: size.bytes,
    ...(size.pattern ? { pattern_row_bytes: size.pattern } : {}),
  };
}

/**
 * Bytes of all objects, of the first fifty thousand when there are more. Throws what the bucket
 * throws.
 */
export async function bucketBytes(bucket: Pick<R2Bucket, "list">): Promise<number> {
  let bytes = 0;
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_SUMMED; page++) {
    const listed = await bucket.list(cursor === undefined ? {} : { cursor });
    bytes += listed.objects.reduce((sum, object) => sum + object.size, 0);
    if (!listed.truncated) return bytes;
    cursor = listed.cursor;
  }
  return bytes;
}
