/**
 * Aborts a request whose server says nothing for a time.
 *
 * @module
 */

/**
 * The time counts only while the server is waited for; the consumer of what it said may take its
 * own. One interval for the whole request: a stream has thousands of pieces, and a timer for each
 * would cost more than reading them. So the abort comes up to half of the time late.
 */
export class SilenceTimeout {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #isWaiting = true;
  #ticks = 0;

  /** Begins to wait. @param ms of silence, > 0 */
  constructor(ms: number) {
    this.#timer = setInterval(() => {
      this.#ticks = this.#isWaiting ? this.#ticks + 1 : 0;
      if (this.#ticks > 2) {
        this.#controller.abort(new DOMException("the server is silent", "TimeoutError"));
      }
    }, ms / 2);
  }

  /** For the request; aborted with a TimeoutError. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The server is waited for from now on. */
  wait(): void {
    this.#isWaiting = true;
  }

  /** It said something. */
  heard(): void {
    this.#isWaiting = false;
    this.#ticks = 0;
  }

  /** The request is over: the timer goes. */
  end(): void {
    clearInterval(this.#timer);
  }
}
