/**
 * Makes an item of a line of an import: validated, a transcript turned into an episode, and with an
 * id that the same line gets again.
 *
 * @module
 */

import { parseJson, type Replacements, wellFormed } from "../body.ts";
import { invalid, validate } from "../validate.ts";
import { stepBody, type StepInput } from "../../contract/episodes/requests.ts";
import { curationLine, type CurationLine } from "../../contract/curation/requests.ts";
import { lessonLine, type LessonLine } from "../../contract/lessons/requests.ts";
import { LIMITS } from "../../contract/limits.ts";
import {
  episodeLine,
  type EpisodeLine,
  feedbackLine,
  type FeedbackLine,
  transcriptLine,
} from "../../contract/transfer/requests.ts";
import { canonicalJson } from "../../memory/canonical.ts";
import { uuidv7 } from "../../memory/id.ts";
import { readTranscript } from "../../memory/transcript.ts";
import { BoundedMap } from "../../util/bounded-map.ts";
import { joinBytes } from "../../util/bytes.ts";
import { fromHex, sha256Hex } from "../../util/hashing/hash.ts";

/** A line's bytes, without the newline; null: the line was too long and was skipped. */
export type Line = Uint8Array<ArrayBuffer> | null;

const NEWLINE = 0x0a;

/**
 * Each line that is not blank, with its number from 1. Blank ones are counted where they are read:
 * what is nothing must cost next to nothing.
 *
 * @param max bytes of a line
 */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  max: number,
): AsyncGenerator<{ line: Line; number: number }> {
  const buffer = new LineBuffer(max);
  let number = 1;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    let from = 0;
    for (;;) {
      while (buffer.size === 0 && chunk[from] === NEWLINE) {
        number += 1;
        from += 1;
      }
      const end = chunk.indexOf(NEWLINE, from);
      if (end < 0) break;
      buffer.add(chunk.subarray(from, end));
      const line = buffer.take();
      if (line === null || !isBlank(line)) yield { line, number };
      number += 1;
      from = end + 1;
    }
    if (from < chunk.length) buffer.add(chunk.slice(from));
  }
  if (buffer.size === 0) return;
  const line = buffer.take();
  if (line === null || !isBlank(line)) yield { line, number };
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}

/** The parts of the line that is being read. */
class LineBuffer {
  readonly #max: number;
  #parts: Uint8Array[] = [];
  /** Bytes of the line so far, those that are not kept included. */
  size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(part: Uint8Array): void {
    this.size += part.length;
    if (this.size <= this.#max) this.#parts.push(part);
    else this.#parts = [];
  }

  /** The line; the next one begins. */
  take(): Line {
    const line = this.size <= this.#max ? joinBytes(this.#parts) : null;
    this.#parts = [];
    this.size = 0;
    return line;
  }
}

/** Contents that are remembered to tell equal lines apart; the oldest are forgotten first. */
const REMEMBERED_MAX = 65_536;
/** Random bytes of an id. */
const ID_BYTES = 10;

export type ImportItem =
  | { kind: "episode"; line: EpisodeLine }
  | { kind: "feedback"; line: FeedbackLine }
  | { kind: "lesson"; line: LessonLine }
  | { kind: "curation"; line: CurationLine };

/**
 * @param line null: it was too long to be read
 * @param replaced counts characters of the line that were taken as others
 * @throws Problem when it is no item
 */
export async function itemOf(
  line: Line,
  number: number,
  ids: LineIds,
  replaced: Replacements,
): Promise<ImportItem> {
  if (line === null) {
    const detail = `The line has more than ${LIMITS.import_line_max_bytes} bytes.`;
    throw invalid("", detail);
  }

  const value = parseJson(line, replaced);
  const isObject = typeof value === "object" && value !== null;
  const type: unknown = isObject ? Reflect.get(value, "type") : undefined;
  if (type === "feedback") {
    const { type: _type, ...feedback } = validate(feedbackLine, value);
    return { kind: "feedback", line: feedback };
  }
  if (type === "lesson") {
    const { type: _type, ...lesson } = validate(lessonLine, value);
    return { kind: "lesson", line: lesson };
  }
  if (type === "curation") {
    const { type: _type, ...decision } = validate(curationLine, value);
    return { kind: "curation", line: decision };
  }

  const episode = type === "transcript" ? fromTranscript(value, replaced) : fromEpisode(value);
  const id = episode.id ?? (await ids.of(value, number, episode.started_at));
  return { kind: "episode", line: { ...episode, id } };
}

type Unidentified = Omit<EpisodeLine, "id"> & { id?: string };

function fromEpisode(value: unknown): Unidentified {
  const { type: _type, ...line } = validate(episodeLine, value);
  return line;
}

function fromTranscript(value: unknown, replaced: Replacements): Unidentified {
  const { type: _type, messages, task, status, ...line } = validate(transcriptLine, value);
  const transcript = readTranscript(messages);
  return {
    ...line,
    task: taskOf(task ?? transcript.task),
    status: status ?? (line.outcome ? "completed" : "abandoned"),
    steps: stepsOf(transcript.steps, replaced),
  };
}

function taskOf(task: string | null): string {
  if (task === null) throw invalid("task", "is not given, and no user message says it");
  if (task.length > LIMITS.task_max) {
    throw invalid(
      "task",
      `must have at most ${LIMITS.task_max} characters; the first user message has more`,
    );
  }
  return task;
}

function stepsOf(
  calls: ReturnType<typeof readTranscript>["steps"],
  replaced: Replacements,
): StepInput[] {
  if (calls.length > LIMITS.steps_max) {
    throw invalid("messages", `hold more than ${LIMITS.steps_max} tool calls`);
  }
  return calls.map((call, i) => {
    // Arguments may be JSON inside of a text, which nobody looked into.
    const sent = wellFormed({ ...call }, `messages: tool call ${i + 1}`, replaced);
    return { ...validate(stepBody, sent), number: i + 1 };
  });
}

/**
 * Gives lines without an id one that the same line gets again: by its number in a request with an
 * Idempotency-Key, else by its content, and of equal lines by how many came before.
 */
export class LineIds {
  readonly #namespace: string;
  readonly #key: string | null;
  readonly #seen = new BoundedMap<string, number>(REMEMBERED_MAX);

  constructor(namespace: string, key: string | null) {
    this.#namespace = namespace;
    this.#key = key;
  }

  /** @param number of the line. @param startedAt the time that the id sorts by */
  async of(value: unknown, number: number, startedAt: string | null): Promise<string> {
    const identity =
      this.#key === null ? await this.#contentOf(value) : `key\0${this.#key}\0${number}`;
    const hash = await sha256Hex(`${this.#namespace}\0${identity}`);
    const bytes = fromHex(hash).subarray(0, ID_BYTES);
    return uuidv7(startedAt === null ? 0 : Date.parse(startedAt), bytes);
  }

  async #contentOf(value: unknown): Promise<string> {
    const hash = await sha256Hex(canonicalJson(value));
    const ordinal = this.#seen.get(hash) ?? 0;
    this.#seen.set(hash, ordinal + 1);
    return `content\0${hash}\0${ordinal}`;
  }
}
