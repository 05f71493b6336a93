/**
 * Finds the ways out of the error that an agent met: those of its template first, then of templates
 * that are like it, of the same tool. Reads only.
 *
 * @module
 */

import type { RecoveryView } from "../../../../../contract/recall/answers.ts";
import type { AdviseInput } from "../../../../../contract/recall/requests.ts";
import {
  episodesOfRecoveries,
  isArchived,
  maskError,
  recoveriesLike,
  viewPattern,
  waysOut,
  type Recovery,
} from "../../../../../memory/learning/index.ts";
import type { Source } from "../../source.ts";

const RECOVERIES_MAX = 5;
/** Of the runs that went a way at least this share succeeded: else it is no way out. */
const WORKED_MIN = 0.05;

/** What of a question says which error is met. */
export type AskedError = Pick<AdviseInput, "recent_steps" | "next_tool" | "error">;

/** None where no error is asked about, or no way out of one like it ever worked. */
export function recoveriesFrom(source: Source, input: AskedError, now: number): RecoveryView[] {
  const tool = input.recent_steps.at(-1)?.tool ?? input.next_tool;
  const message = errorMessageOf(input);
  if (tool === null || message === null) return [];
  return recoveriesAfter(source, { tool, template: maskError(message) }, now);
}

/** The ways out of an error of this template, best first. */
export function recoveriesAfter(
  source: Source,
  { tool, template }: { tool: string; template: string },
  now: number,
): RecoveryView[] {
  const base = source.baseRates(now);
  const learned = source
    .recoveriesOf(tool)
    .flatMap(({ row }): Recovery[] =>
      row.content.kind === "error_recovery" ? [{ row, content: row.content }] : [],
    );
  const like = recoveriesLike(template, learned).filter(({ row }) => {
    const { polarity, support } = viewPattern(row, base, now);
    const isWay = support.success > WORKED_MIN * (support.success + support.failure);
    return isWay && polarity !== "avoid" && !isArchived({ support });
  });
  const digests = source.digests(episodesOfRecoveries(like));

  return waysOut(like, digests)
    .slice(0, RECOVERIES_MAX)
    .map(({ row, content, likeness, ...told }): RecoveryView => {
      const { polarity, confidence, support, episodes } = viewPattern(row, base, now);
      return {
        pattern_id: row.id,
        tool,
        error: content.error,
        likeness,
        path: content.path,
        polarity,
        confidence,
        support,
        episodes,
        ...(content.key === undefined ? {} : { key: content.key }),
        ...told,
      };
    });
}

/** The error that the agent asks about, or that its last step met; null: there is none. */
function errorMessageOf({ error, recent_steps }: AskedError): string | null {
  const last = recent_steps.at(-1);
  if (error !== null) return error;
  if (last?.result === "timeout") return "timeout";
  return last?.result === "error" ? (last.message ?? null) : null;
}
