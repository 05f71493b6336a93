/**
 * Says whether a namespace shows only what a person approved: its setting `learning_review`.
 *
 * @module
 */

import type { LearningReview } from "../../../../contract/vocabulary.ts";
import type { CuratedRows } from "./curated-rows.ts";

const SETTING = "learning_review";

export function reviewOf(rows: CuratedRows, namespace: string): LearningReview {
  return rows.setting(namespace, SETTING) === "required" ? "required" : "off";
}

export function isReviewed(rows: CuratedRows, namespace: string): boolean {
  return reviewOf(rows, namespace) === "required";
}

/** In a transaction. @param now ms since the epoch */
export function setReview(
  rows: CuratedRows,
  namespace: string,
  mode: LearningReview,
  now: number,
): void {
  rows.putSetting(namespace, SETTING, mode, now);
}
