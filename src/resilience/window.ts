/**
 * Keeps the last calls that a breaker saw, and counts how many of them failed or were slow.
 * Plain data: it is stored as it is.
 *
 * @module
 */

export interface Rates {
  calls: number;
  failed: number;
  slow: number;
}

/** 1: failed. 2: slow. 3: both. */
type Outcome = 0 | 1 | 2 | 3;

const FAILED = 1;
const SLOW = 2;

/** One entry a call, the newest last, at most the window's size. */
export interface Window {
  marks: readonly Outcome[];
}

export const EMPTY_WINDOW: Window = { marks: [] };

/** A window as it was stored; release 0.1 had windows of seconds, too, whose calls are left out. */
export function restoredWindow({ marks }: Partial<Window>): Window {
  return marks ? { marks } : EMPTY_WINDOW;
}

/** The window with one more call. @param size calls that it holds at most */
export function addCall(
  { marks }: Window,
  { failed, slow }: { failed: boolean; slow: boolean },
  size: number,
): Window {
  const outcome = ((failed ? FAILED : 0) + (slow ? SLOW : 0)) as Outcome;
  return { marks: [...marks, outcome].slice(-size) };
}

/** What the last `size` calls were. */
export function ratesOf(window: Window, size: number): Rates {
  const marks = window.marks.slice(-size);
  return {
    calls: marks.length,
    failed: marks.filter((outcome) => (outcome & FAILED) !== 0).length,
    slow: marks.filter((outcome) => (outcome & SLOW) !== 0).length,
  };
}
