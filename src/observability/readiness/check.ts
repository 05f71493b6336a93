/**
 * Defines a check of readiness, and how its findings are written.
 *
 * @module
 */

import type { Health } from "../../contract/watching/answers.ts";
import type { AnsweringInstance, ReadinessFacts } from "./facts.ts";

/** What a check finds. */
export interface Finding {
  status: Health;
  /** What is found and, when it is not well, what to do. */
  message: string;
  /** How long finding it out took, ms; 0 by default: it was known. */
  latency_ms?: number;
}

/** @param answering the instances that answered */
export type Check = (facts: ReadinessFacts, answering: readonly AnsweringInstance[]) => Finding;

export const healthy = (message: string): Finding => ({ status: "healthy", message });
export const degraded = (message: string): Finding => ({ status: "degraded", message });
export const unhealthy = (message: string): Finding => ({ status: "unhealthy", message });

/** The numbers of these instances, for a person. */
export function numbersOf(instances: readonly { instance: number }[]): string {
  return instances.map(({ instance }) => instance).join(", ");
}

/** The sum over these instances. */
export function total<T>(instances: readonly T[], of: (instance: T) => number): number {
  return instances.reduce((sum, instance) => sum + of(instance), 0);
}

/** A time span for a person. */
export function spanText(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 120) return `${s} s`;
  if (s < 7_200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3_600)} h` : `${Math.round(s / 86_400)} days`;
}
