/**
 * Fields that have a value: an option that was not given must not be sent as null.
 *
 * @module
 */

/** The same fields without those that are undefined. */
export function omitUndefined<T extends object>(
  fields: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
