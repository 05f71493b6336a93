/**
 * Runs a tool and ends its call with what comes of it, while the agent is given what the tool gave:
 * the same value, at the same time, as a value, a promise, a generator, an iterable or a stream.
 *
 * - What is iterated is watched in place: the very object is handed on, whoever iterates it.
 * - A `ReadableStream` is handed on as another that reads it when it is read. One of bytes, or that
 *   is read already, is left alone, and its call without a result.
 * - A promise is asked once: some begin their work when they are asked.
 *
 * @module
 */

import type { OpenCall } from "./open-call.ts";
import { quietly } from "./words.ts";

/** Returns what `run` returns, and throws what it throws. */
export function watched<T>(call: OpenCall, run: () => T): T {
  let value: T;
  try {
    value = run();
  } catch (error) {
    call.failed(error);
    throw error;
  }
  return handedOn(value, call);
}

function handedOn<T>(value: T, call: OpenCall): T {
  const kind = quietly(() => kindOf(value));
  if (kind === "promise") {
    const settled = Promise.resolve(value).then(
      (given) => handedOn(given, call),
      (error: unknown) => {
        call.failed(error);
        throw error;
      },
    );
    return settled as T;
  }
  if (kind === "stream") return (quietly(() => watchStream(value as Stream, call)) as T) ?? value;
  if (kind === "iterator") quietly(() => watchIterator(value as AnyIterator, call));
  else if (kind === "iterable") quietly(() => watchIterable(value as AsyncIterable<unknown>, call));
  else call.returned(value);
  return value;
}

type Stream = ReadableStream<unknown>;
type Kind = "promise" | "stream" | "iterator" | "iterable" | "value";

/** Lists, texts, maps and sets are values, though they can be iterated. */
function kindOf(value: unknown): Kind {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return "value";
  if ("then" in value && typeof value.then === "function") return "promise";
  if (value instanceof ReadableStream) return "stream";
  const isAsync = Symbol.asyncIterator in value;
  const isIterable = isAsync || Symbol.iterator in value;
  if (isIterable && "next" in value && typeof value.next === "function") return "iterator";
  return isAsync ? "iterable" : "value";
}

interface AnyIterator {
  next: (...args: unknown[]) => unknown;
  return?: (...args: unknown[]) => unknown;
  throw?: (...args: unknown[]) => unknown;
}

/** Each iteration is watched; the first that ends, ends the call. */
function watchIterable(iterable: AsyncIterable<unknown>, call: OpenCall): void {
  const begin = iterable[Symbol.asyncIterator];
  define(iterable, Symbol.asyncIterator, (...args) => {
    const iterator = Reflect.apply(begin, iterable, args) as unknown as AnyIterator;
    quietly(() => watchIterator(iterator, call));
    return iterator;
  });
}

function watchIterator(iterator: AnyIterator, call: OpenCall): void {
  const given = new Given();
  const seen = (result: unknown, isStop: boolean): void => {
    quietly(() => {
      const { done, value } = result as IteratorResult<unknown>;
      if (done === true) call.returned(given.output(isStop ? undefined : value));
      else given.add(value);
    });
  };
  for (const name of ["next", "return", "throw"] as const) {
    const method = iterator[name];
    if (typeof method !== "function") continue;
    define(iterator, name, (...args) => {
      let answer: unknown;
      try {
        answer = Reflect.apply(method, iterator, args);
      } catch (error) {
        call.failed(error);
        throw error;
      }
      if (quietly(() => kindOf(answer)) !== "promise") {
        seen(answer, name === "return");
        return answer;
      }
      return Promise.resolve(answer).then(
        (result) => {
          seen(result, name === "return");
          return result;
        },
        (error: unknown) => {
          call.failed(error);
          throw error;
        },
      );
    });
  }
}

/** Hides a method behind another, where a listing of the object's own names does not show it. */
function define(target: object, name: PropertyKey, value: (...args: unknown[]) => unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

function watchStream(stream: Stream, call: OpenCall): Stream {
  if (stream.locked || isOfBytes(stream)) return stream;
  const given = new Given();
  const reader = stream.getReader();
  // Nothing is read before it is asked for, as of the tool's own stream.
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            given.add(value);
            return controller.enqueue(value);
          }
          call.returned(given.output(undefined));
          controller.close();
        } catch (error) {
          call.failed(error);
          controller.error(error);
        }
      },
      cancel(reason) {
        call.returned(given.output(undefined));
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Such a stream can be read into a buffer of the reader's, which one that is passed through cannot. */
function isOfBytes(stream: Stream): boolean {
  try {
    stream.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/** Characters of a text that is gathered: more than a step takes, so that it says that it was cut. */
const TEXT_MAX = 70_000;

/**
 * What was given piece by piece, in bounded space: texts one after the other, or the last one when
 * each repeats what was there before; of other pieces the last.
 */
class Given {
  #text = "";
  #last: unknown = "";
  #isText = true;

  add(piece: unknown): void {
    this.#last = piece;
    if (typeof piece !== "string") this.#isText = false;
    else if (piece.startsWith(this.#text)) this.#text = piece.slice(0, TEXT_MAX);
    else if (this.#text.length < TEXT_MAX) this.#text += piece.slice(0, TEXT_MAX);
  }

  /** @param returned the value at the end of it, which counts when there is one */
  output(returned: unknown): unknown {
    if (returned !== undefined) return returned;
    return this.#isText ? this.#text : this.#last;
  }
}
