/**
 * The tree in which all instances are asked: who asks splits a range of numbers into at most
 * `FAN_OUT` parts, and the first instance of each part does the same with the rest of its own. Parts
 * begin at multiples of a power of `FAN_OUT`, so that the same instances are together whoever asks
 * and however many there are. Two levels reach 256 instances, three reach 1,024. Pure.
 *
 * @module
 */

import type { InstanceRange } from "./protocol.ts";

/** Instances that one object asks at once. */
export const FAN_OUT = 16;

/** The parts of a range, by their numbers; of an empty one, none. */
export function splitRange({ first, end }: InstanceRange): InstanceRange[] {
  if (first >= end) return [];
  let size = 1;
  while (Math.floor((end - 1) / size) - Math.floor(first / size) >= FAN_OUT) size *= FAN_OUT;

  const parts: InstanceRange[] = [];
  for (let at = first; at < end; at = parts.at(-1)?.end ?? end) {
    parts.push({ first: at, end: Math.min(end, (Math.floor(at / size) + 1) * size) });
  }
  return parts;
}

/** A range without its first instance. */
export function rangeBelow({ first, end }: InstanceRange): InstanceRange {
  return { first: first + 1, end };
}

/** The aligned groups of `FAN_OUT` instances that lie whole within a range; `total`: of all. */
export function wholeGroups({ first, end }: InstanceRange, total: number): InstanceRange[] {
  const groups: InstanceRange[] = [];
  for (let at = Math.ceil(first / FAN_OUT) * FAN_OUT; at < end; at += FAN_OUT) {
    const group = { first: at, end: Math.min(at + FAN_OUT, total) };
    if (group.end <= end) groups.push(group);
  }
  return groups;
}
