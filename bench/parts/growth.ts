/**
 * Judges the sizes of a store: each operation by the empty call and by the plain full-text query of
 * the same size, and what must not grow with the store.
 *
 * @module
 */

import type { Figures } from "../support/measure.ts";
import type { Report } from "../support/report.ts";
import type { Size } from "./size.ts";

/** At most, by the empty call of the same size, at the smallest and at the largest one. */
const BY_EMPTY = {
  sentence: { name: "recall of a sentence", small: 8, large: 10 },
  advise: { name: "advise", small: 10, large: 12 },
} as const;
/** At most, by the plain query at the largest size. */
const BY_PLAIN = {
  sentence: { name: "recall of a sentence", plain: "plainSentence", bound: 0.05 },
  task: { name: "recall of a long task", plain: "plainTask", bound: 0.03 },
} as const;
/** At most, at the largest size by the smallest. */
const GROWTH = {
  complete: { name: "complete p50", bound: 1.2 },
  sentence: { name: "recall p50 of a sentence", bound: 6 },
  task: { name: "recall p50 of a long task", bound: 6 },
} as const;
/** CPU at the largest size, what is put off included, ms. */
const CPU_MS = {
  sentence: { name: "CPU of a recall of a sentence", bound: 5 },
  complete: { name: "CPU of a completion", bound: 4 },
} as const;

const atSize = ({ episodes }: Size): string => `at ${episodes.toLocaleString("en")}`;

function entries<T extends object>(record: T): [keyof T, T[keyof T]][] {
  return Object.entries(record) as [keyof T, T[keyof T]][];
}

/** The targets. @param sizes the smallest first */
export function growth(report: Report, sizes: readonly Size[]): void {
  const [small, large] = [sizes[0], sizes.at(-1)];
  if (!small || !large) throw new Error("no size was measured");
  for (const [of, { name, small: atSmall, large: atLarge }] of entries(BY_EMPTY)) {
    const target = (size: Size, bound: number): void =>
      report.target(
        `${name}, p50, by the empty call's ${atSize(size)}`,
        size[of].p50 / size.empty.p50,
        "at most",
        bound,
        "×",
      );
    target(small, atSmall);
    if (large !== small) target(large, atLarge);
  }
  for (const [of, { name, plain, bound }] of entries(BY_PLAIN)) {
    const what = `${name} by plain FTS5 ${atSize(large)}`;
    report.target(what, large[of].p50 / large[plain].p50, "at most", bound, "×");
  }
  const span = `${small.episodes.toLocaleString("en")} → ${large.episodes.toLocaleString("en")} episodes`;
  for (const [of, { name, bound }] of entries(GROWTH))
    report.target(`${name}, ${span}`, large[of].p50 / small[of].p50, "at most", bound, "×");
  for (const [of, { name, bound }] of entries(CPU_MS))
    report.target(`${name} ${atSize(large)}`, large[of].cpuMs, "at most", bound, "ms");
}

/** What has no bound of its own: everything of a size by the empty call and by the plain query. */
export function ratios(report: Report, size: Size): void {
  const value = (name: string, of: Figures, by: Figures): number =>
    report.value(`${name} ${atSize(size)}`, of.p50 / by.p50, "×");
  value("recall of a sentence by the empty call's", size.sentence, size.empty);
  value("recall of a long task by the empty call's", size.task, size.empty);
  value("advise by the empty call's", size.advise, size.empty);
  value("search alone, of a sentence, by the empty call's", size.search, size.empty);
  value("recall of a sentence by plain FTS5", size.sentence, size.plainSentence);
  value("recall of a long task by plain FTS5", size.task, size.plainTask);
  // The plain query ranks and does nothing else; nor does this.
  value("search alone, of a sentence, by plain FTS5", size.search, size.plainSentence);
}
