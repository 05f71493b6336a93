/**
 * The port to what turns a text into a vector. Nothing else knows a provider.
 *
 * @module
 */

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

/** Characters of a text that a model is given: beyond its 512 tokens it would cut anyway. */
export const TEXT_LENGTH_MAX = 2_000;
/** Texts of one call: so many are answered well within the time that the background gives. */
export const TEXTS_MAX = 50;
