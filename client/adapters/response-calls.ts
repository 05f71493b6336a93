/**
 * Calls of OpenAI's responses that the service keeps: an agent that goes on from one sends only what
 * its tools answered. Bounded: the last 1,000 calls are known.
 *
 * @module
 */

import type { Json } from "../calls/values.ts";

const CALLS_MAX = 1_000;

export class ResponseCalls {
  readonly #calls = new Map<string, Json>();

  /** @param output the items of a response */
  remember(output: readonly Json[]): void {
    for (const item of output) {
      const { call_id: id, type } = item;
      if (typeof id !== "string" || !isCall(type)) continue;
      this.#calls.set(id, item);
      const [oldest] = this.#calls.keys();
      if (this.#calls.size > CALLS_MAX && oldest !== undefined) this.#calls.delete(oldest);
    }
  }

  /** What is sent, with the calls that it answers and that are not in it, before their answers. */
  completed(input: readonly Json[]): Json[] {
    const said = new Set(input.flatMap(({ call_id: id, type }) => (isCall(type) ? [id] : [])));
    return input.flatMap((item) => {
      const { call_id: id } = item;
      if (typeof id !== "string" || said.has(id)) return [item];
      const call = this.#calls.get(id);
      return call ? [call, item] : [item];
    });
  }
}

const isCall = (type: unknown): boolean => type === "function_call" || type === "custom_tool_call";
