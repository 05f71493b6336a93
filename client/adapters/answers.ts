/**
 * Looks at what a model's client answers, without asking for it: the body of an answer can be read
 * once, and reading it is the agent's.
 *
 * @module
 */

import { object, type Json } from "../calls/values.ts";
import { quietly } from "../recording/words.ts";

type Called = (...args: unknown[]) => unknown;

/**
 * @param answer a promise of these clients, which reads the body when it is asked, or the stream of
 *   their `stream` methods
 * @param onAnswer given each response that is there; of a stream when it is complete
 */
export function observed(answer: unknown, onAnswer: (response: Json) => void): void {
  const { parse, on } = answer as { parse?: unknown; on?: unknown };
  const onEvent = (event: unknown): void => {
    const { type, response } = object(event);
    if (type === "response.completed") onAnswer(object(response));
  };
  if (typeof on === "function") {
    Reflect.apply(on, answer, [
      "response.completed",
      (event: unknown) => quietly(() => onEvent(event)),
    ]);
    return;
  }
  if (typeof parse !== "function") return;
  instead(answer as object, "parse", async () => {
    const parsed: unknown = await Reflect.apply(parse, answer, []);
    quietly(() => {
      const response = parsed as object;
      if (Symbol.asyncIterator in response) watchEvents(response, onEvent);
      else onAnswer(object(response));
    });
    return parsed;
  });
}

function watchEvents(stream: object, onEvent: (event: unknown) => void): void {
  const iterable = stream as AsyncIterable<unknown>;
  const begin = iterable[Symbol.asyncIterator];
  instead(stream, Symbol.asyncIterator, (...args) => {
    const iterator = Reflect.apply(begin, stream, args as []) as AsyncIterator<unknown>;
    const next = iterator.next.bind(iterator);
    instead(iterator, "next", async (...given) => {
      const result = await next(...(given as []));
      quietly(() => onEvent(result.value));
      return result;
    });
    return iterator;
  });
}

function instead(target: object, name: PropertyKey, value: Called): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}
