/**
 * An agent's run as an episode. The agent comes first: it never waits for the memory longer than its
 * options say, and never fails because of it.
 *
 * @module
 */

import { newCalls } from "./adapters/messages.ts";
import type { MemoryClient, WordsQuery } from "./client.ts";
import { LoggedCall, type OpenCall } from "./recording/open-call.ts";
import { Questions, type AdviseMore, type RecallMore, type Tie } from "./recording/questions.ts";
import { RecentSteps } from "./recording/recent-steps.ts";
import { watched } from "./recording/watch.ts";
import { within } from "./recording/within.ts";
import { messageOf, quietly } from "./recording/words.ts";
import type { Advice, Operations, Recall } from "./schema.ts";
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
  /**
   * How long a recall or advice may take, ms, with what is sent before it; then there is none.
   * Default 2,000.
   */
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

/** What the agent's code is given. Nothing here throws because of the memory. */
export interface Recording {
  /** What helps with this task; null when the memory does not answer in time. */
  recall(more?: RecallMore): Promise<Recall | null>;
  /** The same in words, for the agent's prompt. */
  hints(words?: WordsQuery, more?: RecallMore): Promise<string | null>;
  /**
   * What to do next, after the steps so far: `advise({ next_tool: "deploy" })` before a step that
   * matters, `advise()` after one that failed. null when the memory does not answer in time, or the
   * episode could not be started.
   */
  advise(more?: AdviseMore): Promise<Advice | null>;
  /**
   * The same in one line, for the model beside the tool's own answer: a way out of the error, or
   * what speaks against `next_tool`. null also when nothing stands out, which is usual. It is stored
   * text: data, never instructions.
   */
  line(more?: Omit<AdviseMore, "only_line">): Promise<string | null>;
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
  readonly #options: RecordOptions;
  readonly #started: Promise<string | null>;
  readonly #questions: Questions;
  readonly #recent = new RecentSteps();
  readonly #seen = new Set<string>();
  /** Calls under way, oldest first. */
  readonly #open = new Set<OpenCall>();
  #isOver = false;
  #buffer: Step[] = [];
  #number = 0;
  #sending: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;
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
    this.#options = options;
    this.#started = client.episodes.start(body).then(
      ({ id }) => (this.#report.episodeId = id),
      (error: unknown) => this.#failed(error),
    );
    this.#questions = new Questions({
      client,
      episode: body,
      withinMs: options.recallMs ?? 2_000,
      flush: () => this.#flush(),
      tie: () => this.#tie(),
      onError: (error) => this.#failed(error),
    });
  }

  recall(more: RecallMore = {}): Promise<Recall | null> {
    return this.#questions.recall(more);
  }

  hints(words: WordsQuery = {}, more: RecallMore = {}): Promise<string | null> {
    return this.#questions.hints(words, more);
  }

  advise(more: AdviseMore = {}): Promise<Advice | null> {
    return this.#questions.advise(more);
  }

  async line(more: Omit<AdviseMore, "only_line"> = {}): Promise<string | null> {
    const advice = await this.#questions.advise({ ...more, only_line: true });
    return advice?.line ?? null;
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
      this.#recent.add(fit);
      if (this.#number >= STEPS_MAX)
        return this.#drop(1, `an episode has at most ${STEPS_MAX} steps`);
      if (this.#buffer.length >= (this.#options.bufferMax ?? STEPS_MAX))
        return this.#drop(1, "the buffer is full");
      // A number of our own makes a step that is sent twice one step.
      this.#buffer.push({ ...fit, number: (this.#number += 1) });
      if (this.#buffer.length >= REQUEST_STEPS_MAX) void this.#flush();
      else this.#timer ??= setTimeout(() => void this.#flush(), this.#options.flushMs ?? 500);
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
    const all = this.#flush().then(() => this.#complete(this.#outcome ?? outcome));
    const { waitUntil } = this.#options;
    if (waitUntil) return quietly(() => waitUntil(all));
    await within(all, this.#options.finishMs ?? 5_000);
  }

  /** Sends what waits, after what is being sent. Never rejects. */
  #flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#sending = this.#sending.then(() => this.#send());
    return this.#sending;
  }

  #tie(): Tie | null {
    const { episodeId, logged } = this.#report;
    if (episodeId === null) return null;
    // Of a step that was given up the memory knows nothing, so that it would answer for another one.
    const hasAll = logged === this.#recent.count;
    return hasAll
      ? { episode_id: episodeId }
      : { episode_id: episodeId, recent_steps: [...this.#recent.latest] };
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
        await this.#client.episodes.complete(id, { outcome, recall_id: this.#questions.recallId });
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
