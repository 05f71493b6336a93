/**
 * Puts into words what a tool returned or threw. Nothing here throws, whatever the value is.
 *
 * @module
 */

import { plain } from "../step.ts";

const MESSAGE_MAX = 10_000;

/** An output: JSON where it is no text already. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  try {
    return plain(value);
  } catch {
    return "[unreadable]";
  }
}

export function messageOf(error: unknown): string {
  try {
    const said = error instanceof Error ? error.message || error.name : String(error);
    return String(said).slice(0, MESSAGE_MAX);
  } catch {
    return "[unreadable]";
  }
}

/** Work beside the agent's: what it throws is nobody's, and not the agent's. */
export function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
