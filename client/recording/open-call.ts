/**
 * A tool's call that is under way: how it ends is logged, once, with the time that it took.
 *
 * @module
 */

import { resultOf, sentResult, type Verdict } from "../calls/results.ts";
import { object, textOf as contentOf } from "../calls/values.ts";
import type { Step } from "../step.ts";
import { messageOf, quietly, textOf } from "./words.ts";

/** Nothing here throws. The first that is said of a call counts, and what comes later is ignored. */
export interface OpenCall {
  /** It gave a value. One that says `isError` of itself, as MCP's do, is a failure. */
  returned(value: unknown): void;
  /** It threw. */
  failed(error: unknown): void;
  /** A framework says what came back, and what it knows about it. */
  answered(content: unknown, verdict: Verdict): void;
  /** Nobody will know what came of it. */
  left(): void;
}

export class LoggedCall implements OpenCall {
  readonly #begun = Date.now();
  readonly #about: Step;
  readonly #onEnd: (step: Step, call: LoggedCall) => void;
  #isOver = false;

  constructor(
    about: Pick<Step, "tool" | "parameters">,
    onEnd: (step: Step, call: LoggedCall) => void,
  ) {
    this.#about = { ...about, at: new Date(this.#begun).toISOString() };
    this.#onEnd = onEnd;
  }

  returned(value: unknown): void {
    const content = quietly(() => object(value));
    if (quietly(() => content?.["isError"] === true)) {
      this.answered(
        quietly(() => content?.["content"]),
        "error",
      );
    } else this.#end({ type: "success", output: textOf(value) });
  }

  failed(error: unknown): void {
    const isTimeout = quietly(() => error instanceof Error && error.name === "TimeoutError");
    this.#end(isTimeout ? { type: "timeout" } : { type: "error", message: messageOf(error) });
  }

  answered(content: unknown, verdict: Verdict): void {
    const text = quietly(() => contentOf(content)) ?? "[unreadable]";
    this.#end(sentResult(resultOf(text, verdict)));
  }

  left(): void {
    this.#end(null);
  }

  #end(result: NonNullable<Step["result"]> | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const latency_ms = Date.now() - this.#begun;
    this.#onEnd({ ...this.#about, latency_ms, result }, this);
  }
}
