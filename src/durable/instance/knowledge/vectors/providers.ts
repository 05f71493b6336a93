/**
 * The providers of vectors: what the platform has, and any endpoint that speaks OpenAI's protocol
 * for embeddings. Which one, and where, the deployment says, never a request. What a provider
 * answers is checked and bounded, and no text of it reaches an error.
 *
 * @module
 */

import type { AiBinding, Deployment } from "../../../../env.ts";
import { joinBytes } from "../../../../util/bytes.ts";
import { TEXT_LENGTH_MAX, TEXTS_MAX, type Embedder } from "./embedder.ts";

/** Bytes of an answer: fifty vectors of the largest models have some five millions. */
const ANSWER_BYTES_MAX = 16_000_000;
/** A call that nobody waits for any more is given up, ms. */
const CALL_MS = 10_000;

/** null: the deployment has none. An endpoint that it names goes before the platform's. */
export function embedderOf(
  { embeddings, embeddingModel }: Pick<Deployment, "embeddings" | "embeddingModel">,
  binding: AiBinding | undefined,
): Embedder | null {
  if (embeddings) return openAiEmbeddings({ ...embeddings, model: embeddingModel }, fetch);
  return binding ? workersAi(binding, embeddingModel) : null;
}

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

/** An endpoint that speaks OpenAI's protocol, and its model. */
export interface EmbeddingsEndpoint {
  /** The whole address, such as https://models.example/v1/embeddings. */
  url: string;
  /** The bearer token; null: it needs none. */
  key: string | null;
  model: string;
}

/** @param send as the platform's `fetch` */
export function openAiEmbeddings(
  { url, key, model }: EmbeddingsEndpoint,
  send: typeof fetch,
): Embedder {
  return {
    model: `${model}@${new URL(url).host}`,
    batch: TEXTS_MAX,
    async embed(texts) {
      const input = texts.map((text) => text.slice(0, TEXT_LENGTH_MAX));
      const response = await send(url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({ model, input, encoding_format: "float" }),
        // The key goes to the address that the deployment names, and to no other.
        redirect: "manual",
        signal: AbortSignal.timeout(CALL_MS),
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Error(`the endpoint for embeddings answered ${response.status}`);
      }
      return vectorsOf(await boundedJson(response), texts.length);
    },
  };
}

/** Throws an Error for an answer that is too large or no JSON. */
async function boundedJson({ body }: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > ANSWER_BYTES_MAX) throw new Error("the endpoint for embeddings answered too much");
    parts.push(part);
  }
  try {
    return JSON.parse(new TextDecoder().decode(joinBytes(parts))) as unknown;
  } catch {
    throw new Error("the endpoint for embeddings answered no JSON");
  }
}

/** The vectors in the order of the texts, which an answer says by their `index`. */
function vectorsOf(answer: unknown, count: number): number[][] {
  const data: unknown =
    typeof answer === "object" && answer !== null && "data" in answer ? answer.data : null;
  const vectors = Array.from({ length: count }, (): number[] | null => null);
  for (const [i, item] of (Array.isArray(data) ? data : []).entries()) {
    const { index = i, embedding } = (item ?? {}) as { index?: unknown; embedding?: unknown };
    const isVector = Array.isArray(embedding) && embedding.every((x) => typeof x === "number");
    if (typeof index === "number" && index in vectors && isVector)
      vectors[index] = embedding as number[];
  }
  const made = vectors.flatMap((vector) => (vector === null ? [] : [vector]));
  if (made.length === count) return made;
  throw new Error("the endpoint for embeddings gave no vectors");
}
