/**
 * Encodes and decodes where a page of a list ended, as the opaque text that a client sends back
 * for the next page: the value that the list is ordered by, and the id that breaks ties.
 *
 * @module
 */

export interface CursorPosition {
  /** What the list is ordered by: a whole number, ≥ 0, of at most 16 digits. */
  order: number;
  /** 1…128 characters of Latin-1. */
  id: string;
}

/** URL-safe Base64 without padding. */
export function encodeListCursor({ order, id }: CursorPosition): string {
  return btoa(`${order}:${id}`).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The position in a cursor; null: `encodeListCursor` cannot have made this text. */
export function decodeListCursor(cursor: string): CursorPosition | null {
  let text: string;
  try {
    text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }

  const [, order, id] = /^(\d{1,16}):(.{1,128})$/.exec(text) ?? [];
  return order === undefined || id === undefined ? null : { order: Number(order), id };
}
