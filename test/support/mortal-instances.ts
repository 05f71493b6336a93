/**
 * Instances whose objects can die at any moment, as the platform resets them.
 *
 * @module
 */

import { NodeInstances } from "./instances.ts";

/** What is said of an object that died. */
export const RESET = "the object was reset";

/** How long an object is there: what it holds on to does nothing after its end. */
class Life {
  readonly ended: Promise<never>;
  #end: (error: Error) => void = () => undefined;
  #isOver = false;

  constructor() {
    this.ended = new Promise((_resolve, reject) => {
      this.#end = reject;
    });
    this.ended.catch(() => undefined);
  }

  end(): void {
    this.#isOver = true;
    this.#end(new Error(RESET));
  }

  /** The same, until the end: then each call of it throws, and answers to earlier ones never come. */
  bound<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === "object" && value !== null) return this.bound(value);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (this.#isOver) throw new Error(RESET);
          const answer: unknown = Reflect.apply(value, target, args);
          return answer instanceof Promise ? this.#whileAlive(answer) : answer;
        };
      },
    });
  }

  #whileAlive<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      answer.then(
        (value) => {
          if (!this.#isOver) resolve(value);
        },
        (error: unknown) => {
          if (!this.#isOver) reject(error as Error);
        },
      );
    });
  }
}

export class MortalInstances extends NodeInstances {
  readonly #lives = new Map<number, Life>();

  /**
   * An object dies where it stands: whatever it was about to do has no effect, who waits for it is
   * told that it was reset, and the next call finds a new one on its storage. What it sent on its
   * way arrives.
   */
  kill(index: number): void {
    this.#lives.get(index)?.end();
    this.#lives.delete(index);
    this.restart(index);
  }

  protected override holder(index: number): <T extends object>(port: T) => T {
    const life = this.#lifeOf(index);
    return (port) => life.bound(port);
  }

  protected override answer<T>(index: number, answer: Promise<T>): Promise<T> {
    return Promise.race([answer, this.#lifeOf(index).ended]);
  }

  #lifeOf(index: number): Life {
    const life = this.#lives.get(index) ?? new Life();
    this.#lives.set(index, life);
    return life;
  }
}
