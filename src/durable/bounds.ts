/**
 * Bounds that depend on a setting or on how text is stored, and so cannot be checked at the door.
 *
 * @module
 */

import { LIMITS } from "../memory/limits.ts";
import type { StepInput } from "../memory/model.ts";
import { Refused } from "./refused.ts";

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/**
 * Refuses a step whose output or error message is larger than the setting `step_output_max_bytes` allows, or that takes
 * more than a row holds: JSON writes a line break as two bytes and a control character as six.
 *
 * @param index of the step in the request, for the error's path
 * @param outputMax UTF-8 bytes
 */
export function checkStep(step: StepInput, index: number, outputMax: number): void {
  const { result } = step;
  const [field, text] =
    result?.type === "success"
      ? ["output", result.output]
      : result?.type === "error"
        ? ["message", result.message]
        : [];
  const path = field === undefined ? `steps.${index}` : `steps.${index}.result.${field}`;
  const bytes = text === undefined ? 0 : byteLength(text);
  if (bytes > outputMax) {
    const detail = `${path} has ${bytes} bytes; at most ${outputMax} are taken (step_output_max_bytes). It is refused, not cut.`;
    throw new Refused("limit_exceeded", detail, { path });
  }
  checkRow(JSON.stringify(step), "the step", path);
}

/** Refuses an episode that a client's change makes larger than a row. @param path of the field that it changed, if one */
export function checkEpisode(episode: object, path?: string): void {
  checkRow(JSON.stringify(episode), "the episode without its steps", path);
}

function checkRow(body: string, what: string, path?: string): void {
  const bytes = byteLength(body);
  if (bytes <= LIMITS.row_bytes_max) return;
  const detail = `With ${path ?? "this"}, ${what} has ${bytes} bytes as JSON; at most ${LIMITS.row_bytes_max} are taken.`;
  throw new Refused("limit_exceeded", detail, path === undefined ? {} : { path });
}
