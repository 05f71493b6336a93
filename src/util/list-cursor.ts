/**
 * Encodes and decodes where a page of a list ended, as the opaque text that a client sends back
 * for the next page: the value that the list is ordered by, and the id that breaks ties. Of a list
 * that has several orders also which one it is.
 *
 * @module
 */

export interface CursorPosition {
  /** What the list is ordered by: a whole number, ≥ 0, of at most 16 digits. */
  order: number;
  /** 1…128 characters of Latin-1. */
  id: string;
  /** Which order it is: 1…16 lower-case letters, hyphens or underscores. Absent: the usual one. */
  list?: string;
}

/** URL-safe Base64 without padding. */
export function encodeListCursor({ order, id, list }: CursorPosition): string {
  const text = `${list === undefined ? "" : `${list} `}${order}:${id}`;
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The position in a cursor; null: `encodeListCursor` cannot have made this text. */
export function decodeListCursor(cursor: string): CursorPosition | null {
  let text: string;
  try {
    text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }

  const [, list, order, id] = /^(?:([a-z_-]{1,16}) )?(\d{1,16}):(.{1,128})$/.exec(text) ?? [];
  if (order === undefined || id === undefined) return null;
  return { order: Number(order), id, ...(list === undefined ? {} : { list }) };
}
