/**
 * What a command says of the bookmarks that the service noted before it: names of the objects'
 * storage as it was, for the platform's point-in-time recovery.
 *
 * @module
 */

/** @param bookmarks by the objects' names; absent: the platform has none, and nothing is said */
export function bookmarkLines(bookmarks: Readonly<Record<string, string>> | undefined): string[] {
  if (bookmarks === undefined) return [];
  const objects = Object.entries(bookmarks).map(([object, bookmark]) => `  ${object}  ${bookmark}`);
  return ["Before it the storage of the objects was at (RB-003, Point in time):", ...objects];
}
