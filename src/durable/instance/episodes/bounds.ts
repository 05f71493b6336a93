/**
 * Judges what is sent of an episode: whether a step is one that is there, and the bounds that depend
 * on a setting or on how text is stored, and so cannot be part of the contract's schemas. Throws
 * `Refused`, with the field that is too large. Pure.
 *
 * @module
 */

import { canonicalJson } from "../../../memory/canonical.ts";
import { byteLength } from "../../../util/bytes.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { Step } from "../../../contract/episodes/record.ts";
import type { StepInput } from "../../../contract/episodes/requests.ts";
import { Refused } from "../../shared/refusals.ts";

/**
 * Refuses a step whose output or error message is larger than the setting `step_output_max_bytes`
 * allows, or that takes more than a row holds: JSON writes a line break as two bytes and a control
 * character as six.
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

/**
 * Whether a step that was sent is one that is there; a time that the sender left out counts not.
 */
export function sameStep(before: Step, sent: StepInput): boolean {
  return (
    canonicalJson({ ...before, at: "" }) ===
    canonicalJson({ ...sent, number: before.number, at: "" })
  );
}

/** Who changes an episode, and by which field. */
export interface RecordChange {
  /**
   * client: it grows by what a client adds. ending: it is ended, or comes as it ended elsewhere.
   * service: what the service adds by itself, which is never refused.
   */
  by: "client" | "ending" | "service";
  /** The field that the client gave; none: several. */
  path?: string;
}

/** UTF-8 bytes of an episode: of all but its steps as JSON, and of its steps. */
export interface EpisodeSize {
  record: number;
  steps: number;
}

/**
 * The one place where an episode's size is judged. Refuses a change that makes it larger than it
 * may be, and no other: what is too large from before can still be made smaller, ended and deleted.
 *
 * @param before null: it begins
 * @param outcome UTF-8 bytes of its outcome as JSON
 */
export function checkSize(
  before: EpisodeSize | null,
  after: EpisodeSize,
  outcome: number,
  { by, path }: RecordChange,
): void {
  if (by === "service") return;
  const grown = (size: EpisodeSize): number => size.record + size.steps;
  const { record_bytes_max, record_ending_bytes, episode_bytes_max, outcome_bytes_granted } =
    LIMITS;
  const isEnding = by === "ending";
  const recordMax = record_bytes_max + (isEnding ? record_ending_bytes : 0);
  const grows = before === null || after.record > before.record;
  if (after.record > recordMax && grows && !(isEnding && outcome <= outcome_bytes_granted)) {
    const field = path ?? "this";
    const detail = `With ${field}, the episode without its steps has ${after.record} bytes as JSON; at most ${recordMax} are taken.`;
    throw new Refused("limit_exceeded", detail, path === undefined ? {} : { path });
  }
  // What ends it is little beside the whole, and refusing it would leave it open for ever.
  if (isEnding && before !== null) return;
  if (grown(after) > episode_bytes_max && (before === null || grown(after) > grown(before))) {
    const way = before === null ? "" : " It can still be completed.";
    const detail = `An episode holds at most ${episode_bytes_max} bytes as JSON; with this it would have ${grown(after)}.${way}`;
    throw new Refused("limit_exceeded", detail, { path: path ?? "steps" });
  }
}

function checkRow(body: string, what: string, path?: string): void {
  const bytes = byteLength(body);
  if (bytes <= LIMITS.row_bytes_max) return;
  const detail = `With ${path ?? "this"}, ${what} has ${bytes} bytes as JSON; at most ${LIMITS.row_bytes_max} are taken.`;
  throw new Refused("limit_exceeded", detail, path === undefined ? {} : { path });
}
