/**
 * `POST /v1/import`: a stream of episodes, transcripts and feedback, a line an item, in; a stream
 * of answers, one for each line and in their order, out. Lines are sent side by side; what is wrong
 * with a line is the answer to it and stops nothing, what is wrong with the request is a Problem
 * before the first answer.
 *
 * @module
 */

import { isZipped, LINE_TYPES, requireType, unzippedStream } from "../edge/content.ts";
import { type FieldError, Problem } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";
import { type ImportItem, itemOf, type Line, LineIds, readLines } from "./import-items.ts";
import type { Asked } from "../routes/route.ts";
import { invalid } from "../validate.ts";
import type { ProblemCode } from "../../contract/call.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { ImportLineAnswer } from "../../contract/transfer/answers.ts";
import type { TRANSFER_ROUTES } from "../../contract/transfer/requests.ts";

/** Refusals that pass by themselves, and that the stream itself mostly causes. */
const TRANSIENT: ReadonlySet<ProblemCode> = new Set([
  "outbox_full",
  "overloaded",
  "rate_limited",
  "not_ready",
]);
/** A line is tried again after this, ms. */
const RETRY_MS = 1_000;
/** When no line was accepted for this long, no line is tried again, ms. */
const GIVE_UP_MS = 60_000;

interface ImportBackpressurePorts {
  /** ms since the epoch. */
  now(): number;
  wait(ms: number): Promise<void>;
  log(event: Record<string, unknown>): void;
}

export class ImportBackpressure {
  readonly #ports: ImportBackpressurePorts;
  readonly #requestId: string;
  #refusedSince: number | null = null;
  #isLogged = false;

  constructor(ports: ImportBackpressurePorts, requestId: string) {
    this.#ports = ports;
    this.#requestId = requestId;
  }

  /** A line was accepted. */
  accepted(): void {
    this.#refusedSince = null;
  }

  /** Waits until the line may be sent again; false, at once: the refusal stands. */
  async waitToRetry(code: ProblemCode): Promise<boolean> {
    if (!TRANSIENT.has(code)) return false;

    const now = this.#ports.now();
    // Every refusal is counted where it was made; one log line a stream says why it is slow.
    if (!this.#isLogged) {
      this.#isLogged = true;
      this.#ports.log({ event: "import_waits", request_id: this.#requestId, code });
    }
    this.#refusedSince ??= now;
    if (now - this.#refusedSince >= GIVE_UP_MS) return false;

    await this.#ports.wait(RETRY_MS);
    return true;
  }
}

/** Lines that are worked on at once. */
const CONCURRENCY = 8;

export async function importLines(
  context: RequestContext,
  { query }: Asked<(typeof TRANSFER_ROUTES)["importEpisodes"]>,
): Promise<Response> {
  requireType(context.request, LINE_TYPES);
  const isEncoded = isZipped(context.request);
  const namespace = await context.authorize("write");
  context.isBatch = true;
  const body = context.request.body;
  if (!body) throw invalid("", "The body must have at least one line.");

  const ids = new LineIds(namespace, context.idempotencyKey());
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const stream = new ImportStream(context, ids, query.on_conflict, writable.getWriter());
  void stream.run(isEncoded ? unzippedStream(body) : body);
  return new Response(readable, { headers: { "Content-Type": "application/x-ndjson" } });
}

type OnConflict = Asked<(typeof TRANSFER_ROUTES)["importEpisodes"]>["query"]["on_conflict"];

class ImportStream {
  readonly #context: RequestContext;
  readonly #ids: LineIds;
  readonly #onConflict: OnConflict;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #backpressure: ImportBackpressure;
  readonly #encoder = new TextEncoder();
  /** Answers to lines that are being worked on, in their order. */
  readonly #running: Promise<ImportLineAnswer>[] = [];

  constructor(
    context: RequestContext,
    ids: LineIds,
    onConflict: OnConflict,
    writer: WritableStreamDefaultWriter<Uint8Array>,
  ) {
    this.#context = context;
    this.#ids = ids;
    this.#onConflict = onConflict;
    this.#writer = writer;
    this.#backpressure = new ImportBackpressure(context.options, context.requestId);
  }

  /** Never throws: a stream that breaks off is broken off on the other side too. */
  async run(body: ReadableStream<Uint8Array>): Promise<void> {
    try {
      let number = 0;
      for await (const line of readLines(body, LIMITS.import_line_max_bytes)) {
        number += 1;
        if (line && isBlank(line)) continue;
        await this.#take(line, number);
      }
      await this.#drain(0);
      await this.#writer.close();
    } catch (error) {
      await Promise.allSettled(this.#running);
      await this.#writer.abort(error).catch(() => undefined);
    }
  }

  async #take(line: Line, number: number): Promise<void> {
    let answer: Promise<ImportLineAnswer>;
    try {
      // What identifies a line depends on those before it: lines are read in order, and sent side
      // by side.
      const replaced = { characters: 0 };
      const item = await itemOf(line, number, this.#ids, replaced);
      // What is no episode names some, or one another: they may be in the lines before it.
      if (item.kind !== "episode") await this.#drain(0);
      answer = this.#send(number, item).then((sent) => withReplaced(sent, replaced.characters));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      answer = Promise.resolve(refusal(number, error.code, error.message, error.errors));
    }
    this.#running.push(answer);
    await this.#drain(CONCURRENCY - 1);
  }

  /** Writes the oldest answers until so many are left to be waited for. */
  async #drain(left: number): Promise<void> {
    while (this.#running.length > left) {
      const answer = await this.#running.shift();
      await this.#writer.write(this.#encoder.encode(`${JSON.stringify(answer)}\n`));
    }
  }

  async #send(line: number, item: ImportItem): Promise<ImportLineAnswer> {
    const context = this.#context;
    try {
      const { value } = await taken(context, item, this.#onConflict);
      this.#backpressure.accepted();
      return { line, status: value.status, id: value.id };
    } catch (error) {
      if (error instanceof Problem) {
        if (await this.#backpressure.waitToRetry(error.code)) return this.#send(line, item);
        return refusal(line, error.code, error.message, error.errors);
      }
      context.options.log({
        event: "import_line_failed",
        request_id: context.requestId,
        line,
        reason: String(error),
      });
      return refusal(line, "internal", "The line could not be taken in; send it again.", []);
    }
  }
}

/** What of a line that was taken in was taken as something else. */
function withReplaced(answer: ImportLineAnswer, replaced: number): ImportLineAnswer {
  return answer.status === "error" || replaced === 0 ? answer : { ...answer, replaced };
}

/** What became of an item of any kind. @throws Problem when the memory refuses */
function taken(context: RequestContext, item: ImportItem, on_conflict: OnConflict) {
  switch (item.kind) {
    case "feedback":
      return context.run("feedback.import", item.line);
    case "lesson":
      return context.run("lessons.import", item.line);
    case "curation":
      return context.run("curation.import", item.line);
    case "episode":
      return context.run("episode.import", { id: item.line.id, episode: item.line, on_conflict });
  }
}

function refusal(
  line: number,
  code: string,
  detail: string,
  errors: readonly FieldError[],
): ImportLineAnswer {
  return { line, status: "error", error: { code, detail, errors: [...errors] } };
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}
