/**
 * What an importer is, and what they share.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { fitting, type Step } from "../../client/step.ts";
import { CliError } from "../exit.ts";
import { omitUndefined } from "../omit-undefined.ts";

export type Json = { [key: string]: unknown };

export interface Importer {
  /** What it reads, for the help. */
  reads: string;
  /** Names of files in a folder that it reads. */
  files: RegExp;
  /** Lines for the import. @param name the file's, for messages */
  read(text: string, name: string, unmapped: Unmapped): Iterable<Line>;
}

/** A line as `POST /v1/import` takes it. */
export interface Line {
  type: "episode";
  id: string;
  task: string;
  task_type?: string;
  context?: Json;
  metadata?: Record<string, string>;
  tags?: string[];
  started_at?: string;
  ended_at?: string;
  steps?: Step[];
  outcome?: Json;
  status?: string;
  relationships?: { to: string; type: string; created_at: string; reason: string | null }[];
}

/** What could not be taken over: each kind once, with how often. */
export class Unmapped {
  readonly #counts = new Map<string, number>();

  note(what: string, count = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  lines(): string[] {
    return [...this.#counts].map(([what, count]) => `${what} (${count})`);
  }
}

/**
 * The tool calls of a session, in order: a result finds its call by the id that both have, however
 * much stands between them.
 */
export class ToolCalls {
  readonly steps: Step[] = [];
  readonly #byId = new Map<string, { step: Step; at: number }>();

  /** @param at when it was made, RFC 3339 */
  add(id: unknown, step: Step, at: string | undefined): void {
    const made = { ...step, ...omitUndefined({ at }) };
    this.steps.push(made);
    this.#byId.set(String(id), { step: made, at: Date.parse(at ?? "") });
  }

  /** Nothing happens when there was no such call. @param at when it came, RFC 3339 */
  end(id: unknown, result: NonNullable<Step["result"]>, at: string | undefined): void {
    const call = this.#byId.get(String(id));
    if (!call) return;
    call.step.result = result;
    const took = Date.parse(at ?? "") - call.at;
    if (took >= 0) call.step.latency_ms = took;
  }
}

/** When the first and the last thing of a session were said. */
export class TimeSpan {
  first: string | undefined;
  last: string | undefined;

  include(at: string | undefined): void {
    this.first ??= at;
    this.last = at ?? this.last;
  }
}

const TASK_MAX = 10_000;
const NAME_MAX = 200;
const STEPS_MAX = 1_000;
const TEXT_MAX = 10_000;
const VALUE_MAX = 2_000;

/** An episode within the service's bounds; what is cut is noted. */
export function line(given: Omit<Line, "type"> & { steps?: Step[] }, unmapped: Unmapped): Line {
  const steps = given.steps ?? [];
  if (steps.length > STEPS_MAX)
    unmapped.note(`steps beyond ${STEPS_MAX} of an episode`, steps.length - STEPS_MAX);
  if (given.task.length > TASK_MAX)
    unmapped.note(`the rest of tasks longer than ${TASK_MAX} characters`);
  const fit = steps.slice(0, STEPS_MAX).map((step, i) => {
    const { step: made, cut } = fitting(step);
    if (cut) unmapped.note("the rest of outputs or parameters that are too large");
    return { ...made, number: i + 1 };
  });
  const metadata = Object.fromEntries(
    Object.entries(given.metadata ?? {})
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name.slice(0, NAME_MAX), value.slice(0, VALUE_MAX)]),
  );
  return {
    type: "episode",
    ...given,
    task: clean(given.task.slice(0, TASK_MAX)) || "unknown",
    metadata,
    steps: fit,
  };
}

/** The same id for the same thing, each time it is read. */
export function idOf(...parts: string[]): string {
  const hash = createHash("sha256").update(parts.join("\0")).digest("hex");
  // The shape of a UUID of version 8 (RFC 9562, §5.8): its bits are ours.
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

function clean(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}

export const short = (text: string): string => clean(text.slice(0, TEXT_MAX));

/** Each line of JSON; a line that is none is noted. */
export function* jsonLines(text: string, unmapped: Unmapped): Generator<Json> {
  for (const one of text.split("\n")) {
    if (one.trim() === "") continue;
    try {
      const value = JSON.parse(one) as unknown;
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        yield value as Json;
        continue;
      }
    } catch {
      // Noted below.
    }
    unmapped.note("lines that are no JSON object");
  }
}

/** The file as JSON. */
export function jsonFile(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CliError(`${name} is not JSON: ${(error as Error).message}`);
  }
}

/** A file that is JSON, or a line of JSON an item. */
export function jsonItems(text: string, unmapped: Unmapped): unknown[] {
  try {
    const whole = JSON.parse(text) as unknown;
    return Array.isArray(whole) ? whole : [whole];
  } catch {
    return [...jsonLines(text, unmapped)];
  }
}

export function objects(value: unknown): Json[] {
  return Array.isArray(value)
    ? value.filter((item): item is Json => typeof item === "object" && item !== null)
    : [];
}

export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

/** A word where there is one. */
export function wordOf(value: unknown, instead: string): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : instead;
}

export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (Array.isArray(content)) {
    return objects(content)
      .map((block) => block["text"] ?? block["content"])
      .filter((text) => typeof text === "string")
      .join("\n");
  }
  return content === undefined || content === null ? "" : JSON.stringify(content);
}

/** RFC 3339, or nothing when it is no time. @param value text, seconds, ms or ns since the epoch */
export function timeOf(value: unknown): string | undefined {
  if (
    typeof value === "number" ||
    (typeof value === "string" && /^\d{9,20}(\.\d+)?$/.test(value))
  ) {
    let ms = Number(value);
    if (ms > 1e17) ms /= 1e6;
    else if (ms > 1e14) ms /= 1e3;
    else if (ms < 1e11) ms *= 1e3;
    return new Date(ms).toISOString();
  }
  if (typeof value !== "string") return undefined;
  // LangSmith leaves the zone out, and means UTC.
  const zoned = /([zZ]|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`;
  const date = new Date(zoned);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
