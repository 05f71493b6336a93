/**
 * Lists that come page by page, as one sequence.
 *
 * @module
 */

/**
 * The items of all pages, read as they are asked for.
 *
 * @param read the page behind a cursor; without one the first. `next` is null behind the last.
 */
export async function* pages<T>(
  read: (cursor: { cursor?: string }) => Promise<{ items: T[]; next: string | null }>,
): AsyncGenerator<T, void, undefined> {
  for (let cursor: { cursor?: string } = {}; ;) {
    const { items, next } = await read(cursor);
    yield* items;
    if (next === null) return;
    cursor = { cursor: next };
  }
}
