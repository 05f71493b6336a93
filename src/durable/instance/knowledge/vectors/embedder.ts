/**
 * The port to what turns a text into a vector, and the provider that the platform has. Nothing else
 * knows a provider.
 *
 * @module
 */

import type { AiBinding } from "../../../../env.ts";

/** A provider of vectors. Texts of one model and dimension can be compared, others cannot. */
export interface Embedder {
  /**
   * Names the model and everything that makes its vectors incomparable with others, such as the
   * pooling.
   */
  readonly model: string;
  /** Texts in one call at most. */
  readonly batch: number;
  /** A vector for each text, in order. Throws when the provider does not answer. */
  embed(texts: readonly string[]): Promise<number[][]>;
}

/** Characters of a text that the model is given: beyond its 512 tokens it would cut anyway. */
const TEXT_LENGTH_MAX = 2_000;

/** Texts of one call: so many are answered well within the time that the background gives. */
const TEXTS_MAX = 50;

/** Workers AI: vectors of different pooling are not comparable, so it is named and fixed. */
export function workersAi(binding: AiBinding, model: string): Embedder {
  return {
    model: `${model}#cls`,
    batch: TEXTS_MAX,
    async embed(texts) {
      const answer = await binding.run(model, {
        text: texts.map((text) => text.slice(0, TEXT_LENGTH_MAX)),
        pooling: "cls",
      });
      const data =
        typeof answer === "object" && answer !== null && "data" in answer ? answer.data : null;
      if (!Array.isArray(data) || data.length !== texts.length)
        throw new Error("Workers AI gave no vectors");
      return data as number[][];
    },
  };
}
