/**
 * Corrects what is said by what happened when it was said before, without changing its order.
 *
 * @module
 */

import {
  calibrated,
  type Calibration,
  type NextTool,
  type OutcomePrediction,
} from "../../../../../memory/learning/index.ts";

/** The tools in their order; their probabilities sum to at most 1. */
export function correctedTools(tools: readonly NextTool[], calibration: Calibration): NextTool[] {
  const corrected = tools.map((tool) => {
    return { ...tool, probability: calibrated(tool.probability, calibration) };
  });
  const total = corrected.reduce((sum, { probability }) => sum + probability, 0);
  if (total <= 1) return corrected;
  return corrected.map((tool) => ({ ...tool, probability: tool.probability / total }));
}

/** The estimate, with what correcting it adds among its parts. */
export function correctedOutcome(
  outlook: OutcomePrediction | null,
  calibration: Calibration,
): (Omit<OutcomePrediction, "why"> & { why: Record<string, number> }) | null {
  if (!outlook) return null;
  const success = calibrated(outlook.success, calibration);
  return { ...outlook, success, why: { ...outlook.why, calibrating: success - outlook.success } };
}
