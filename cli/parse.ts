/**
 * Values of the command line.
 *
 * @module
 */

import { InvalidArgumentError } from "commander";
import { CliError } from "./exit.ts";

export function whole(min: number, max = Number.MAX_SAFE_INTEGER): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^-?\d+$/.test(value) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

export function share(value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError("It must be 0 to 1.");
}

/** An option that may be given again. */
export function repeated(value: string, previous: unknown): string[] {
  return [...(Array.isArray(previous) ? (previous as string[]) : []), value];
}

/** "name=value", again and again. */
export function pairs(value: string, previous: unknown): Record<string, string> {
  const at = value.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be NAME=VALUE.");
  return {
    ...(previous as Record<string, string> | undefined),
    [value.slice(0, at)]: value.slice(at + 1),
  };
}

/** Ids with commas between them. */
export function idList(text: string): string[] {
  return text
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
}

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** "30s", "5m", "1h" in ms; a bare number is seconds. */
export function time(value: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)?$/.exec(value) ?? [];
  const factor = UNITS[unit];
  if (number !== undefined && factor !== undefined) return Number(number) * factor;
  throw new InvalidArgumentError('It must be a time such as "30s", "5m" or "1h".');
}

/** JSON that the command line or a pipe gives. @param what it is, for the error */
export function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CliError(`${what} is not JSON: ${(error as Error).message}`);
  }
}
