/**
 * An agent's run as an episode. The agent comes first: it never waits for the memory longer than its
 * options say, and never fails because of it.
 *
 * @module
 */

import { newCalls } from "./adapters/messages.ts";
import type { MemoryClient, WordsQuery } from "./client.ts";
import type { RequestOptions } from "./http.ts";
import { LoggedCall, type OpenCall } from "./recording/open-call.ts";
import { watched } from "./recording/watch.ts";
import { messageOf, quietly } from "./recording/words.ts";
import type { Operations, Recall } from "./schema.ts";
import { fitting, type Step } from "./step.ts";

export type RecordTask = string | Operations["startEpisode"]["body"];
type Outcome = Operations["completeEpisode"]["body"]["outcome"];

export interface RecordReport {
  /** null: the episode could not be started. */
  episodeId: string | null;
  /** Steps that the service has. */
  logged: number;
  /**
   * Steps that were given up: the buffer was full, the episode too long, or the service out of
   * reach.
   */
  dropped: number;
  /** Steps whose output or parameters were cut to what the service takes. */
  cut: number;
  completed: boolean;
  /** What went wrong, newest last, at most 10. */
  errors: readonly unknown[];
}

export interface RecordOptions {
  /** Steps that wait at most. Default 1,000, which is also the most that an episode has. */
  bufferMax?: number;
  /** How long steps are gathered before they are sent, ms. Default 500. */
  flushMs?: number;
  /** How long the end waits for the memory, ms; then the rest goes on by itself. Default 5,000. */
  finishMs?: number;
  /** How long a recall may take, ms; then there is none. Default 2,000. */
  recallMs?: number;
  /**
   * In Workers: `ctx.waitUntil`, so that what goes on by itself may end. The end then does not wait
   * at all.
   */
  waitUntil?: (promise: Promise<unknown>) => void;
  /** Called when steps are given up. */
  onDrop?: (about: { steps: number; total: number; reason: unknown }) => void;
  /** Called once, when all is sent or given up. */
  onReport?: (report: RecordReport) => void;
}

/** What a recall asks beside the task and its context. */
type RecallMore = Partial<Operations["recall"]["body"]>;

/** What the agent's code is given. Nothing here throws because of the memory. */
export interface Recording {
  /** What helps with this task; null when the memory does not answer in time. */
  recall(more?: RecallMore): Promise<Recall | null>;
  /** The same in words, for the agent's prompt. */
  hints(words?: WordsQuery, more?: RecallMore): Promise<string | null>;
  /**
   * Runs a tool and logs it: its parameters, its result or its error, its time. What it gives may be
   * a generator or a stream, which is logged when it ends.
   */
  tool<T>(tool: string, parameters: unknown, run: () => Promise<T> | T): Promise<T>;
  /**
   * A tool's call begins; it is logged when what is returned is ended, and without a result when the
   * run is over before.
   */
  begin(tool: string, parameters: unknown): OpenCall;
  /** Logs a step that happened. */
  log(step: Step): void;
  /** Logs the tool calls of messages (OpenAI or Anthropic shapes) that were not logged yet. */
  messages(messages: readonly object[]): void;
  /** How it went. Without it: success when `run` returns, failure when it throws. */
  outcome(outcome: Outcome): void;
}

const STEPS_MAX = 1_000;
const REQUEST_STEPS_MAX = 100;
const ERRORS_KEPT = 10;
/** In the last line of words, where no stored text is. */
const RECALL_ID = /recall_id: ([\w.:-]+)/;

/** Where a run is recorded. */
export interface RecordedAt {
  client: MemoryClient;
  /** What failed, for whoever tells people of it. Never throws. */
  onError: (error: unknown) => void;
}

/**
 * Runs an agent and records it: starts an episode, logs the steps that `run` reports, and completes
 * it. Returns what `run` returns, and throws what it throws.
 */
export async function recordEpisode<T>(
  service: RecordedAt,
  task: RecordTask,
  run: (recording: Recording) => Promise<T> | T,
  options: RecordOptions = {},
): Promise<T> {
  const recorder = new Recorder(service, typeof task === "string" ? { task } : task, options);
  let outcome: Outcome = { type: "success" };
  try {
    return await run(recorder);
  } catch (error) {
    outcome = { type: "failure", reason: messageOf(error) };
    throw error;
  } finally {
    await recorder.end(outcome);
  }
}

class Recorder implements Recording {
  readonly #client: MemoryClient;
  readonly #onError: (error: unknown) => void;
  readonly #body: Operations["startEpisode"]["body"];
  readonly #options: RecordOptions;
  readonly #started: Promise<string | null>;
  readonly #seen = new Set<string>();
  /** Calls under way, oldest first. */
  readonly #open = new Set<OpenCall>();
  #isOver = false;
  #buffer: Step[] = [];
  #number = 0;
  #sending: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #recallId: string | null = null;
  #outcome: Outcome | null = null;
  #report = { episodeId: null as string | null, logged: 0, dropped: 0, cut: 0, completed: false };
  #errors: unknown[] = [];

  constructor(
    { client, onError }: RecordedAt,
    body: Operations["startEpisode"]["body"],
    options: RecordOptions,
  ) {
    this.#client = client;
    this.#onError = onError;
    this.#body = body;
    this.#options = options;
    this.#started = client.episodes.start(body).then(
      ({ id }) => (this.#report.episodeId = id),
      (error: unknown) => this.#failed(error),
    );
  }

  async recall(more: RecallMore = {}): Promise<Recall | null> {
    try {
      const found = await this.#client.recall(this.#question(more), this.#deadline());
      this.#recallId = found.recall_id;
      return found;
    } catch (error) {
      return this.#failed(error);
    }
  }

  async hints(words: WordsQuery = {}, more: RecallMore = {}): Promise<string | null> {
    try {
      const question = this.#question(more);
      const text = await this.#client.text.recall(question, words, this.#deadline());
      const last = text.trimEnd().split("\n").at(-1) ?? "";
      this.#recallId = RECALL_ID.exec(last)?.[1] ?? this.#recallId;
      return text;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #deadline(): RequestOptions {
    return { timeoutMs: this.#options.recallMs ?? 2_000, retries: 0 };
  }

  #question(more: RecallMore): Operations["recall"]["body"] {
    const { task, context = {} } = this.#body;
    const { domain, language, framework, complexity, tags } = context;
    const about = {
      ...(domain ? { domain } : {}),
      ...(language ? { language } : {}),
      ...(framework ? { framework } : {}),
      ...(complexity ? { complexity } : {}),
      ...(tags ? { tags } : {}),
    };
    return { task, context: about, ...more };
  }

  async tool<T>(tool: string, parameters: unknown, run: () => Promise<T> | T): Promise<T> {
    return watched(this.begin(tool, parameters), run);
  }

  begin(tool: string, parameters: unknown): OpenCall {
    const call = new LoggedCall({ tool, parameters }, (step, ended) => {
      this.#open.delete(ended);
      this.log(step);
    });
    const [oldest] = this.#open;
    if (this.#open.size >= STEPS_MAX) oldest?.left();
    this.#open.add(call);
    return call;
  }

  log(step: Step): void {
    try {
      if (this.#isOver) return this.#drop(1, "the run is over");
      const { step: fit, cut } = fitting({ at: new Date().toISOString(), ...step });
      if (cut) this.#report.cut += 1;
      if (this.#number >= STEPS_MAX)
        return this.#drop(1, `an episode has at most ${STEPS_MAX} steps`);
      if (this.#buffer.length >= (this.#options.bufferMax ?? STEPS_MAX))
        return this.#drop(1, "the buffer is full");
      // A number of our own makes a step that is sent twice one step.
      this.#buffer.push({ ...fit, number: (this.#number += 1) });
      if (this.#buffer.length >= REQUEST_STEPS_MAX) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), this.#options.flushMs ?? 500);
    } catch (error) {
      this.#drop(1, error);
    }
  }

  messages(messages: readonly object[]): void {
    try {
      for (const step of newCalls(messages, this.#seen)) this.log(step);
    } catch (error) {
      this.#failed(error);
    }
  }

  outcome(outcome: Outcome): void {
    this.#outcome = outcome;
  }

  /** Sends what is left and completes, for as long as the options allow; never throws. */
  async end(outcome: Outcome): Promise<void> {
    for (const call of this.#open) call.left();
    this.#isOver = true;
    this.#flush();
    const all = this.#sending.then(() => this.#complete(this.#outcome ?? outcome));
    const { waitUntil } = this.#options;
    if (waitUntil) return quietly(() => waitUntil(all));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.finishMs ?? 5_000);
    });
    await Promise.race([all, enough]);
    clearTimeout(timer);
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#sending = this.#sending.then(() => this.#send());
  }

  async #send(): Promise<void> {
    const id = await this.#started;
    while (this.#buffer.length > 0) {
      const steps = this.#buffer.splice(0, REQUEST_STEPS_MAX);
      if (id === null) {
        this.#drop(steps.length, "the episode was not started");
        continue;
      }
      try {
        await this.#client.episodes.log(id, { steps });
        this.#report.logged += steps.length;
      } catch (error) {
        this.#failed(error);
        this.#drop(steps.length, error);
      }
    }
  }

  async #complete(outcome: Outcome): Promise<void> {
    const id = await this.#started;
    try {
      if (id !== null) {
        await this.#client.episodes.complete(id, { outcome, recall_id: this.#recallId });
        this.#report.completed = true;
      }
    } catch (error) {
      this.#failed(error);
    }
    quietly(() => this.#options.onReport?.({ ...this.#report, errors: [...this.#errors] }));
  }

  #failed(error: unknown): null {
    this.#onError(error);
    this.#errors = [...this.#errors, error].slice(-ERRORS_KEPT);
    return null;
  }

  #drop(steps: number, reason: unknown): void {
    this.#report.dropped += steps;
    quietly(() => this.#options.onDrop?.({ steps, total: this.#report.dropped, reason }));
  }
}
