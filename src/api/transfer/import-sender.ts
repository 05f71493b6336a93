/**
 * Sends the items of an import to the memory, one by itself or episodes of one instance together,
 * and again where it is too busy; and says what became of each. Never throws for what the memory
 * does.
 *
 * @module
 */

import { Problem, problemOf } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";
import type { ProblemCode } from "../../contract/call.ts";
import type { ImportLineAnswer } from "../../contract/transfer/answers.ts";
import type { EpisodeLine, SliceAnswer } from "../../contract/transfer/requests.ts";
import { ImportBackpressure } from "./import-backpressure.ts";
import type { ImportItem } from "./import-items.ts";

type OnConflict = "refuse" | "update";

/** An episode of an import. */
export interface EpisodeOfLine {
  /** The line's number. */
  number: number;
  line: EpisodeLine;
}

/** Called with what became of an episode. */
export type OnAnswer<T extends EpisodeOfLine> = (of: T, answer: ImportLineAnswer) => void;

export class ImportSender {
  readonly #context: RequestContext;
  readonly #onConflict: OnConflict;
  readonly #backpressure: ImportBackpressure;

  constructor(context: RequestContext, onConflict: OnConflict) {
    this.#context = context;
    this.#onConflict = onConflict;
    this.#backpressure = new ImportBackpressure(context.options, context.requestId);
  }

  /** Sends an item by itself. */
  async alone(number: number, item: ImportItem): Promise<ImportLineAnswer> {
    try {
      const { value } = await taken(this.#context, item, this.#onConflict);
      this.#backpressure.accepted();
      return { line: number, status: value.status, id: value.id };
    } catch (error) {
      if (!(error instanceof Problem)) return this.#failed(number, error);
      if (await this.#backpressure.waitToRetry(error.code)) return this.alone(number, item);
      return refusal(number, error);
    }
  }

  /** Sends episodes together, in their order, and those again that were not taken for now. */
  async together<T extends EpisodeOfLine>(
    instance: number,
    episodes: readonly T[],
    onAnswer: OnAnswer<T>,
  ): Promise<void> {
    let open = episodes;
    while (open.length > 0) {
      let answers: readonly SliceAnswer[];
      try {
        answers = await this.#sent(instance, open);
      } catch (error) {
        if (!(error instanceof Problem)) return this.#eachAlone(open, onAnswer);
        if (await this.#backpressure.waitToRetry(error.code)) continue;
        for (const of of open) onAnswer(of, refusal(of.number, error));
        return;
      }
      open = await this.#answered(open, answers, onAnswer);
    }
  }

  async #sent(
    instance: number,
    episodes: readonly EpisodeOfLine[],
  ): Promise<readonly SliceAnswer[]> {
    const input = {
      episodes: episodes.map(({ line }) => ({ id: line.id, episode: line })),
      on_conflict: this.#onConflict,
    };
    return (await this.#context.run("episodes.import", input, instance)).value.answers;
  }

  /** Hands on what is decided. @returns those that are to be sent again, in their order */
  async #answered<T extends EpisodeOfLine>(
    episodes: readonly T[],
    answers: readonly SliceAnswer[],
    onAnswer: OnAnswer<T>,
  ): Promise<readonly T[]> {
    const again: { of: T; problem: Problem }[] = [];
    const left: T[] = [];
    for (const [i, of] of episodes.entries()) {
      const answer = answers[i];
      if (!answer) again.push({ of, problem: notLooked() });
      else if (answer.status === "left") left.push(of);
      else if (answer.status === "refused") again.push({ of, problem: problemOf(answer.error) });
      else {
        this.#backpressure.accepted();
        onAnswer(of, { line: of.number, status: answer.status, id: answer.id });
      }
    }
    await this.#eachAlone(left, onAnswer);
    return this.#toRetry(again, onAnswer);
  }

  /** Hands refusals on that last, and waits for those that pass. */
  async #toRetry<T extends EpisodeOfLine>(
    refused: readonly { of: T; problem: Problem }[],
    onAnswer: OnAnswer<T>,
  ): Promise<readonly T[]> {
    const codes = new Map<ProblemCode, boolean>();
    const again: T[] = [];
    for (const { of, problem } of refused) {
      const { code } = problem;
      const isRetried = codes.get(code) ?? (await this.#backpressure.waitToRetry(code));
      codes.set(code, isRetried);
      if (isRetried) again.push(of);
      else onAnswer(of, refusal(of.number, problem));
    }
    return again;
  }

  /** One of them may be what all of them failed for. */
  async #eachAlone<T extends EpisodeOfLine>(
    episodes: readonly T[],
    onAnswer: OnAnswer<T>,
  ): Promise<void> {
    for (const of of episodes)
      onAnswer(of, await this.alone(of.number, { kind: "episode", line: of.line }));
  }

  #failed(line: number, error: unknown): ImportLineAnswer {
    const { options, requestId } = this.#context;
    const reason = String(error);
    options.log({ event: "import_line_failed", request_id: requestId, line, reason });
    const detail = "The line could not be taken in; send it again.";
    return refusal(line, new Problem("internal", detail));
  }
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

export function refusal(line: number, { code, message, errors }: Problem): ImportLineAnswer {
  return { line, status: "error", error: { code, detail: message, errors: [...errors] } };
}

/** Of more episodes than the key may send at the moment. */
function notLooked(): Problem {
  return new Problem("rate_limited", "The key sends too many lines. Send this one again later.");
}
