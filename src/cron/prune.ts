/**
 * Weekly: drops metric samples and incident records that are older than they are kept for;
 * incidents stay in R2.
 *
 * @module
 */

import type { CronContext } from "./job.ts";

export async function prune({ backend }: CronContext): Promise<string> {
  const { incidents, samples } = await backend.ask("history.prune", null);
  return `${incidents} incidents and ${samples} samples dropped`;
}
