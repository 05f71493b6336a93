/**
 * Sessions made from a model: prompts, calls whose ids recur, results that are missing. Written as a
 * format writes them and imported, they must be what the model says.
 *
 * @module
 */

import { jsonl } from "../reading.ts";

export type Json = Record<string, unknown>;

export interface ModelCall {
  id: string;
  tool: string;
  parameters: Json;
  /** missing: nothing answered it. */
  result: "success" | "error" | "missing";
  output: string;
}

/** A prompt and what the agent did; each turn's calls are made before their results come. */
export interface ModelSession {
  name: string;
  prompt: string;
  turns: ModelCall[][];
}

/** 0…1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Maker {
  readonly random: () => number;
  #calls = 0;

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  below = (count: number): number => Math.floor(this.random() * count);
  chance = (share: number): boolean => this.random() < share;

  session(name: string): ModelSession {
    const turns = Array.from({ length: 1 + this.below(6) }, () => this.#turn());
    return { name, prompt: `do ${name}`, turns };
  }

  /** Ids are of a small pool: they recur from turn to turn, and in a turn. */
  #turn(): ModelCall[] {
    const calls = Array.from({ length: 1 + this.below(4) }, () => this.#call());
    const isAlone = ({ id }: ModelCall): boolean =>
      calls.filter((one) => one.id === id).length === 1;
    // Of two calls with one id nobody could say which of them was not answered.
    for (const call of calls) if (isAlone(call) && this.chance(0.2)) call.result = "missing";
    return calls;
  }

  #call(): ModelCall {
    this.#calls += 1;
    const n = this.#calls;
    return {
      id: `call_${this.below(4)}`,
      tool: ["read", "edit", "shell"][this.below(3)] ?? "read",
      parameters: { n, path: `f${n}.ts` },
      result: this.chance(0.3) ? "error" : "success",
      output: `out ${n}`,
    };
  }

  /** The results of a turn, in another order; those of one id keep theirs. */
  resultsOf(turn: readonly ModelCall[]): ModelCall[] {
    const queues = [...Map.groupBy(turn, ({ id }) => id).values()].map((calls) => [...calls]);
    const results: ModelCall[] = [];
    while (queues.some((queue) => queue.length > 0)) {
      const open = queues.filter((queue) => queue.length > 0);
      const next = open[this.below(open.length)]?.shift();
      if (next && next.result !== "missing") results.push(next);
    }
    return results;
  }

  /** Each line once, or now and then twice. */
  repeated(lines: readonly Json[]): Json[] {
    return lines.flatMap((line) => (this.chance(0.2) ? [line, line] : [line]));
  }

  /** Lines with some between that say nothing, or are no JSON. */
  withOddLines(lines: readonly Json[]): string {
    const odd = [
      "nonsense\n",
      "[1]\n",
      "42\n",
      '{"silly":"this"}\n',
      "\n",
      '{"type":7,"message":[]}\n',
    ];
    return lines
      .map((line) => `${this.chance(0.2) ? odd[this.below(odd.length)] : ""}${jsonl(line)}`)
      .join("");
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, key: this.random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }
}

/** A moment of a session. */
export const timeAt = (second: number): string =>
  new Date(1_772_359_200_000 + second * 1_000).toISOString();
export const isError = ({ result }: ModelCall): boolean => result === "error";

/** Writes a session as the files of a format. */
export type Writer = (session: ModelSession, maker: Maker) => Record<string, string>;
