/**
 * Writes times as the wire has them.
 *
 * @module
 */

/** RFC 3339 in UTC with milliseconds. @param ms since the epoch. Throws a RangeError for NaN. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** As `isoTime`; null where there is no time. */
export function isoTimeOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : isoTime(ms);
}
