/**
 * Where the platform may put Durable Objects: near a place, or inside a jurisdiction. The names are
 * the platform's (its documentation, "Data location").
 *
 * @module
 */

/** Places near which a Durable Object may be made: `DATABASE_LOCATION`. */
export const LOCATIONS = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
] as const;
export type Location = (typeof LOCATIONS)[number];

/** Jurisdictions that a Durable Object may be kept in: `JURISDICTION`. */
export const JURISDICTIONS = ["eu", "fedramp", "fedramp-high", "us"] as const;
export type Jurisdiction = (typeof JURISDICTIONS)[number];

/** The text, if it is one of the names. */
export function oneOf<T extends string>(names: readonly T[], text: string): T | null {
  return names.find((name) => name === text) ?? null;
}
