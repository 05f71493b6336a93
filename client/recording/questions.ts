/**
 * What a run that is recorded asks the memory: about its task, and tied to its episode. By that its
 * steps so far are known there, and a hold-out gives one lot to all that the run is told.
 *
 * A question waits for its episode and its steps for half of its time at most. What is not there by
 * then goes along: the latest steps with the question. The whole takes no longer than its time, and
 * never throws.
 *
 * @module
 */

import type { MemoryClient, WordsQuery } from "../client.ts";
import { MemoryError } from "../errors.ts";
import type { RequestOptions } from "../http.ts";
import type { Advice, Operations, Recall } from "../schema.ts";
import type { RecentStep } from "./recent-steps.ts";
import { within } from "./within.ts";

/** What a recall asks beside the task and its context. */
export type RecallMore = Partial<Operations["recall"]["body"]>;
/** What is asked of advice beside the task, its context and the steps so far. */
export type AdviseMore = Partial<Operations["advise"]["body"]>;

type About = Pick<Operations["recall"]["body"], "task" | "context">;

/** Ties a question to its run. */
export interface Tie {
  episode_id: string;
  /** The latest steps; absent where the memory has all of the run, and looks them up itself. */
  recent_steps?: RecentStep[];
}

/** The run that asks. */
export interface AskingRun {
  client: MemoryClient;
  episode: Operations["startEpisode"]["body"];
  /** How long a question may take in all, ms. */
  withinMs: number;
  /** Starts the episode and sends its steps, as far as that is not done. Never rejects. */
  flush: () => Promise<void>;
  /** null: the episode is not started. */
  tie: () => Tie | null;
  /** Never throws. */
  onError: (error: unknown) => void;
}

/** In the last line of words, where no stored text is. */
const RECALL_ID = /recall_id: ([\w.:-]+)/;

export class Questions {
  readonly #run: AskingRun;
  #recallId: string | null = null;

  constructor(run: AskingRun) {
    this.#run = run;
  }

  /**
   * The last recall that was answered, which the run's outcome judges; null: there was none. Advice
   * is none of them: it is asked for where a run is in trouble, so that the run's outcome would be
   * held against it. Its own forecast is held against what happened, by its episode.
   */
  get recallId(): string | null {
    return this.#recallId;
  }

  async recall(more: RecallMore): Promise<Recall | null> {
    const { client } = this.#run;
    const found = await this.#ask(more, (body, options) => client.recall(body, options));
    this.#recallId = found?.recall_id ?? this.#recallId;
    return found;
  }

  async hints(words: WordsQuery, more: RecallMore): Promise<string | null> {
    const { client } = this.#run;
    const text = await this.#ask(more, (body, options) => client.text.recall(body, words, options));
    const last = text?.trimEnd().split("\n").at(-1) ?? "";
    this.#recallId = RECALL_ID.exec(last)?.[1] ?? this.#recallId;
    return text;
  }

  /** null also when the episode could not be started. */
  async advise(more: AdviseMore): Promise<Advice | null> {
    const { client } = this.#run;
    return this.#ask(more, (body, options) =>
      body.episode_id === undefined ? null : client.advise(body, options),
    );
  }

  async #ask<More extends AdviseMore | RecallMore, T>(
    more: More,
    send: (body: About & Partial<Tie> & More, options: RequestOptions) => Promise<T> | null,
  ): Promise<T | null> {
    const { withinMs, onError } = this.#run;
    const late = new AbortController();
    const options = { timeoutMs: withinMs, retries: 0, signal: late.signal };
    const answered = async (): Promise<T | null> => {
      const tie = more.episode_id === undefined ? await this.#tie() : null;
      return late.signal.aborted ? null : send({ ...this.#about(), ...tie, ...more }, options);
    };
    try {
      const answer = await within(answered(), withinMs);
      if (answer !== undefined) return answer;
      late.abort();
      throw new MemoryError(`The memory did not answer within ${withinMs} ms.`, {
        code: "timeout",
      });
    } catch (error) {
      onError(error);
      return null;
    }
  }

  async #tie(): Promise<Tie | null> {
    await within(this.#run.flush(), this.#run.withinMs / 2);
    return this.#run.tie();
  }

  #about(): About {
    const { task, context = {} } = this.#run.episode;
    const { domain, language, framework, complexity, tags } = context;
    const about = {
      ...(domain ? { domain } : {}),
      ...(language ? { language } : {}),
      ...(framework ? { framework } : {}),
      ...(complexity ? { complexity } : {}),
      ...(tags ? { tags } : {}),
    };
    return { task, context: about };
  }
}
