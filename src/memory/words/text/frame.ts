/**
 * What stands below the words of a question's answer, and what is said where nothing is known. Pure.
 *
 * @module
 */

import { percent } from "./numbers.ts";
import { plainOf } from "./stored-text.ts";

const ID_MAX = 128;
/** What an episode is told that by lot is answered nothing: `held_out`. */
const HELD_OUT =
  "By lot this is answered nothing (held_out): the namespace measures what its memory is worth.";

interface Asked {
  readonly recall_id: string;
  readonly completeness?: number;
  readonly degraded?: boolean;
  readonly held_out?: boolean | undefined;
}

/** How to name the answer, and how much of the memory it was made from where that is not all. */
export function closing(asked: Asked): string {
  return `recall_id: ${plainOf(asked.recall_id, ID_MAX)}${wholeness(asked)}`;
}

/** One line. */
export function nothingKnown(asked: Asked): string {
  const nothing = nothingFor(asked, "Memory knows nothing that helps with this.");
  return `${nothing} (${closing(asked)})`;
}

/** Why there is nothing: the lot, or else this. */
export function nothingFor({ held_out }: Pick<Asked, "held_out">, otherwise: string): string {
  return held_out ? HELD_OUT : otherwise;
}

function wholeness({ completeness = 1, degraded = false }: Asked): string {
  if (completeness < 1) return `, made from ${percent(completeness)} of the episodes`;
  return degraded ? ", made while the database was out of reach" : "";
}
