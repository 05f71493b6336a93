/**
 * Does a thing again and again: not while the page is hidden, at once when it is seen again, and
 * more and more seldom while it fails.
 */

const SLOWEST_MS = 60_000;
const SLOWER = 2;

export class Live {
  #work;
  #everyMs;
  #waitMs;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isRunning = false;
  #isOver = false;
  #onVisible = () => {
    if (!document.hidden) this.#again(0);
  };

  /**
   * @param {() => Promise<boolean>} work whether it went well; does not throw
   * @param {number} everyMs
   */
  constructor(work, everyMs) {
    this.#work = work;
    this.#everyMs = everyMs;
    this.#waitMs = everyMs;
    document.addEventListener("visibilitychange", this.#onVisible);
    this.#again(everyMs);
  }

  stop() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#onVisible);
  }

  /** @param {number} ms */
  #again(ms) {
    clearTimeout(this.#timer);
    if (!this.#isOver && !this.#isRunning) this.#timer = setTimeout(() => void this.#run(), ms);
  }

  async #run() {
    // Seen again, it is called by the event.
    if (document.hidden) return;
    this.#isRunning = true;
    const isWell = await this.#work();
    this.#isRunning = false;
    this.#waitMs = isWell ? this.#everyMs : Math.min(SLOWEST_MS, this.#waitMs * SLOWER);
    this.#again(this.#waitMs);
  }
}
