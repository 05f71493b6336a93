/**
 * What stands below the words of a question's answer, and what is said where nothing is known. Pure.
 *
 * @module
 */

import { percent } from "./numbers.ts";
import { plainOf } from "./stored-text.ts";

const ID_MAX = 128;

interface Asked {
  readonly recall_id: string;
  readonly completeness?: number;
  readonly degraded?: boolean;
}

/** How to name the answer, and how much of the memory it was made from where that is not all. */
export function closing(asked: Asked): string {
  return `recall_id: ${plainOf(asked.recall_id, ID_MAX)}${wholeness(asked)}`;
}

/** One line. */
export function nothingKnown(asked: Asked): string {
  return `Memory knows nothing that helps with this. (${closing(asked)})`;
}

function wholeness({ completeness = 1, degraded = false }: Asked): string {
  if (completeness < 1) return `, made from ${percent(completeness)} of the episodes`;
  return degraded ? ", made while the database was out of reach" : "";
}
