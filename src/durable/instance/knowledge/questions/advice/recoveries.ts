/**
 * Finds the ways out of an error that were learned: of its template first, then of templates that
 * are like it, of the tool that failed. A way that led nowhere is none.
 *
 * @module
 */

import type { RecoveryView } from "../../../../../contract/recall/answers.ts";
import type { AdviseInput } from "../../../../../contract/recall/requests.ts";
import {
  isArchived,
  maskError,
  similarErrors,
  viewPattern,
} from "../../../../../memory/learning/index.ts";
import type { Source } from "../../source.ts";

/** Items of the list. */
const RECOVERIES_MAX = 5;
/** Of the runs that went a way at least this share succeeded: else it is no way out. */
const WORKED_MIN = 0.05;

/**
 * Recoveries from the error: of its template first, then of templates that are like it, of this
 * tool.
 */
export function recoveriesFrom(source: Source, input: AdviseInput, now: number): RecoveryView[] {
  const last = input.recent_steps.at(-1);
  const message = errorMessageOf(input);
  if (!last || message === null) return [];
  const base = source.baseRates(now);
  const learned = source
    .recoveriesOf(last.tool)
    .flatMap(({ row }) =>
      row.content.kind === "error_recovery"
        ? [{ row, error: row.content.error, path: row.content.path }]
        : [],
    );

  return similarErrors(maskError(message), learned)
    .map(({ item: { row, error, path }, similarity }): RecoveryView => {
      const { polarity, confidence, support, episodes } = viewPattern(row, base, now);
      return {
        pattern_id: row.id,
        tool: last.tool,
        error,
        likeness: similarity,
        path,
        polarity,
        confidence,
        support,
        episodes,
      };
    })
    .filter(({ support }) => support.success >= WORKED_MIN * total(support))
    .filter(({ support }) => !isArchived({ support }))
    .sort(
      (a, b) =>
        b.likeness - a.likeness ||
        b.confidence - a.confidence ||
        (a.pattern_id < b.pattern_id ? -1 : 1),
    )
    .slice(0, RECOVERIES_MAX);
}

function total({ success, failure }: RecoveryView["support"]): number {
  return success + failure;
}

/** The error that the agent asks about, or that its last step met; null: there is none. */
function errorMessageOf({ error, recent_steps }: AdviseInput): string | null {
  const last = recent_steps.at(-1);
  if (error !== null) return error;
  if (last?.result === "timeout") return "timeout";
  return last?.result === "error" ? (last.message ?? null) : null;
}
