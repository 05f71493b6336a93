/**
 * `POST /v1/import`: a stream of episodes and transcripts, a line an item, with an answer for each.
 *
 * @module
 */

import { canonicalJson } from "../../memory/canonical.ts";
import { uuidv7 } from "../../memory/id.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { EpisodeLine, FeedbackLine } from "../../contract/operations.ts";
import type { StepInput } from "../../contract/model.ts";
import { readTranscript } from "../../memory/transcript.ts";
import { invalid, parseJson, requireType, validate, wellFormed } from "../body.ts";
import type { Context } from "../context.ts";
import { readLines, type Line } from "./lines.ts";
import { ImportBackpressure } from "./import-backpressure.ts";
import { Problem } from "../problem.ts";
import { episodeLine, feedbackLine, step, transcriptLine } from "../schemas.ts";
import { sha256Hex, fromHex } from "../../util/hash.ts";
import { BoundedMap } from "../../util/bounded-map.ts";

/** Lines that are worked on at once. */
const CONCURRENCY = 8;
/** Contents that are remembered to tell equal lines apart. */
const REMEMBERED = 65_536;

type LineAnswer =
  | { line: number; status: "created" | "duplicate"; id: string }
  | {
      line: number;
      status: "error";
      error: { code: string; detail: string; errors: readonly unknown[] };
    };

export async function importLines(context: Context): Promise<Response> {
  requireType(context.request, "application/x-ndjson", "application/json");
  const namespace = await context.authorize("write");
  context.isBatch = true;
  const body = context.request.body;
  if (!body) throw invalid("", "The body must have at least one line.");
  // What is wrong with the request is said before the answer begins.
  const identity = new Identity(namespace, context.idempotencyKey());
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  void work(context, identity, body, writable.getWriter());
  return new Response(readable, { headers: { "Content-Type": "application/x-ndjson" } });
}

async function work(
  context: Context,
  identity: Identity,
  body: ReadableStream<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  const encoder = new TextEncoder();
  const patience = new ImportBackpressure(context.options, context.requestId);
  const running: Promise<LineAnswer>[] = [];
  const flush = async (): Promise<void> => {
    const done = await running.shift();
    if (done) await writer.write(encoder.encode(`${JSON.stringify(done)}\n`));
  };
  try {
    let number = 0;
    for await (const line of readLines(body, LIMITS.import_line_max_bytes)) {
      number += 1;
      if (line && isBlank(line)) continue;
      // What identifies a line depends on those before it, so lines are read in order and sent side
      // by side.
      const prepared = await prepare(line, number, identity);
      // What was said of episodes finds them only when they are there.
      if (prepared.ok && prepared.value.kind === "feedback")
        while (running.length > 0) await flush();
      running.push(
        prepared.ok
          ? send(context, number, prepared.value, patience)
          : Promise.resolve(prepared.answer),
      );
      if (running.length >= CONCURRENCY) await flush();
    }
    while (running.length > 0) await flush();
    await writer.close();
  } catch (error) {
    await Promise.allSettled(running);
    await writer.abort(error).catch(() => undefined);
  }
}

type Item = { kind: "episode"; line: EpisodeLine } | { kind: "feedback"; line: FeedbackLine };
type Prepared = { ok: true; value: Item } | { ok: false; answer: LineAnswer };

async function prepare(line: Line, number: number, identity: Identity): Promise<Prepared> {
  try {
    if (line === null)
      throw invalid(
        "",
        `The line has more than ${LIMITS.import_line_max_bytes} bytes (import_line_max).`,
      );
    const value = parseJson(line);
    const type =
      typeof value === "object" && value !== null ? Reflect.get(value, "type") : undefined;
    if (type === "feedback") {
      const { type: _type, ...line } = validate(feedbackLine, value);
      return { ok: true, value: { kind: "feedback", line } };
    }
    const episode = type === "transcript" ? fromTranscript(value) : fromEpisode(value);
    const id = episode.id ?? (await identity.of(value, number, episode.started_at));
    return { ok: true, value: { kind: "episode", line: { ...episode, id } } };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ok: false, answer: refusal(number, error.code, error.message, error.errors) };
  }
}

async function send(
  context: Context,
  line: number,
  item: Item,
  patience: ImportBackpressure,
): Promise<LineAnswer> {
  try {
    const { value } =
      item.kind === "feedback"
        ? await context.run("feedback.import", item.line)
        : await context.run("episode.import", { id: item.line.id, episode: item.line });
    patience.took();
    return { line, status: value.status, id: value.id };
  } catch (error) {
    if (error instanceof Problem) {
      if (await patience.again(error.code)) return send(context, line, item, patience);
      return refusal(line, error.code, error.message, error.errors);
    }
    context.options.log({
      event: "import_line_failed",
      level: "error",
      request_id: context.requestId,
      line,
      reason: String(error),
    });
    return refusal(line, "internal", "The line could not be taken in; send it again.", []);
  }
}

function refusal(
  line: number,
  code: string,
  detail: string,
  errors: readonly unknown[],
): LineAnswer {
  return { line, status: "error", error: { code, detail, errors } };
}

type Unnamed = Omit<EpisodeLine, "id"> & { id: string | undefined };

function fromEpisode(value: unknown): Unnamed {
  const { type: _type, id, steps, ...line } = validate(episodeLine, value);
  return { ...line, id, steps: steps as StepInput[] };
}

function fromTranscript(value: unknown): Unnamed {
  const {
    type: _type,
    id,
    messages,
    task,
    outcome,
    status,
    ...line
  } = validate(transcriptLine, value);
  const transcript = readTranscript(messages);
  const said = task ?? transcript.task;
  if (said === null || said === undefined)
    throw invalid("task", "is not given, and no user message says it");
  if (said.length > LIMITS.task_max) {
    throw invalid(
      "task",
      `must have at most ${LIMITS.task_max} characters; the first user message has more`,
    );
  }
  if (transcript.steps.length > LIMITS.steps_max)
    throw invalid("messages", `hold more than ${LIMITS.steps_max} tool calls`);
  const steps = transcript.steps.map((one, i) => {
    const { action, ...rest } = one;
    // Arguments may be JSON inside of a text, which nobody looked into.
    const result = validate(step, wellFormed({ ...rest, action }, `messages: tool call ${i + 1}`));
    return { ...result, number: i + 1 } as StepInput;
  });
  return {
    ...line,
    id,
    task: said,
    outcome,
    status: status ?? (outcome ? "completed" : "abandoned"),
    steps,
  };
}

/** Gives lines without an id one that the same line gets again. */
class Identity {
  readonly #namespace: string;
  readonly #key: string | null;
  readonly #seen = new BoundedMap<string, number>(REMEMBERED);

  constructor(namespace: string, key: string | null) {
    this.#namespace = namespace;
    this.#key = key;
  }

  async of(value: unknown, number: number, startedAt: string | null): Promise<string> {
    let content = `key\0${this.#key}\0${number}`;
    if (this.#key === null) {
      const hash = await sha256Hex(canonicalJson(value));
      const ordinal = this.#seen.get(hash) ?? 0;
      this.#seen.set(hash, ordinal + 1);
      content = `content\0${hash}\0${ordinal}`;
    }
    const hash = await sha256Hex(`${this.#namespace}\0${content}`);
    return uuidv7(startedAt === null ? 0 : Date.parse(startedAt), fromHex(hash).subarray(0, 10));
  }
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}
