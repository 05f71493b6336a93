/**
 * `POST /v1/import`: a stream of episodes, transcripts and feedback, a line an item, in; a stream
 * of answers, one for each line and in their order, out. Episodes are sent in slices, side by side;
 * what is wrong with a line is the answer to it and stops nothing, what is wrong with the request is
 * a Problem before the first answer.
 *
 * @module
 */

import { isZipped, LINE_TYPES, requireType, unzippedInProportion } from "../edge/content.ts";
import { Problem } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";
import type { Asked } from "../routes/route.ts";
import { invalid } from "../validate.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { TRANSFER_ROUTES } from "../../contract/transfer/requests.ts";
import { homeOf } from "../../memory/rendezvous.ts";
import { ImportAnswers } from "./import-answers.ts";
import { itemOf, type Line, LineIds, readLines } from "./import-items.ts";
import { ImportSender, refusal } from "./import-sender.ts";
import { ImportSlices } from "./import-slices.ts";

/** Lines whose answers are not written yet, and their bytes: so far ahead the request is read. */
const OPEN_LINES_MAX = 1_024;
const OPEN_BYTES_MAX = 6_000_000;

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
  const sender = new ImportSender(context, query.on_conflict);
  const stream = new ImportStream(context, ids, sender, new ImportAnswers(writable));
  void stream.run(isEncoded ? unzippedInProportion(body) : body);
  return new Response(readable, { headers: { "Content-Type": "application/x-ndjson" } });
}

class ImportStream {
  readonly #context: RequestContext;
  readonly #ids: LineIds;
  readonly #sender: ImportSender;
  readonly #slices: ImportSlices;
  readonly #answers: ImportAnswers;
  /** Lines that are none. */
  #refused = 0;

  constructor(context: RequestContext, ids: LineIds, sender: ImportSender, answers: ImportAnswers) {
    this.#context = context;
    this.#ids = ids;
    this.#sender = sender;
    this.#answers = answers;
    this.#slices = new ImportSlices(sender, answers, (ms) => context.options.wait(ms));
  }

  /** Never throws: a stream that breaks off is broken off on the other side too. */
  async run(body: ReadableStream<Uint8Array>): Promise<void> {
    try {
      await this.#takeAll(body);
      this.#slices.flush();
      await this.#answers.until(0, 0);
      await this.#answers.close();
    } catch (error) {
      // What was read whole is taken in, though nobody hears of it.
      this.#slices.flush();
      await this.#answers.until(0, 0).catch(() => undefined);
      await this.#answers.abort(error);
    }
  }

  /** Ends with the answer to a line where the rest of the request is not taken. */
  async #takeAll(body: ReadableStream<Uint8Array>): Promise<void> {
    let last = 0;
    try {
      for await (const { line, number } of readLines(body, LIMITS.import_line_max_bytes)) {
        last = number;
        if (this.#refused >= LIMITS.import_refused_max) throw tooManyRefused();
        await this.#take(line, number);
        await this.#answers.until(OPEN_LINES_MAX, OPEN_BYTES_MAX);
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const number = error.code === "limit_exceeded" ? last : last + 1;
      this.#answers.end(this.#answers.begin(number, 0), refusal(number, error));
    }
  }

  async #take(line: Line, number: number): Promise<void> {
    const of = this.#answers.begin(number, line?.length ?? 0);
    try {
      // What identifies a line depends on those before it: lines are read in order, and sent side
      // by side.
      const item = await itemOf(line, number, this.#ids, of.replaced);
      if (item.kind === "episode") {
        const count = await this.#context.backend.instanceCount();
        this.#slices.add(homeOf(item.line.id, count), of, item.line);
        return;
      }
      // What is no episode names some, or one another: they may be in the lines before it.
      this.#slices.flush();
      await this.#answers.until(1, Infinity);
      void this.#sender.alone(number, item).then((answer) => this.#answers.end(of, answer));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#refused += 1;
      this.#answers.end(of, refusal(number, error));
    }
  }
}

/** Each line is answered by itself; who sends nothing that is one must not be read for ever. */
function tooManyRefused(): Problem {
  return new Problem(
    "limit_exceeded",
    `The import ends here: ${LIMITS.import_refused_max} lines were refused.`,
  );
}
