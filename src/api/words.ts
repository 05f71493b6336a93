/**
 * Answers in words, for a prompt, where the caller asks for that: by the query or by `Accept`.
 *
 * @module
 */

import { WORDS_TOKENS, type WordsQuery } from "../contract/words.ts";
import type { WordsOptions } from "../memory/words/index.ts";

const MARKDOWN = "text/markdown";

/** Whether an answer is to come in words. The query says it, or else what the caller accepts. */
export function wantsWords(request: Request, { format }: WordsQuery): boolean {
  if (format !== undefined) return format === "text";
  const accept = request.headers.get("Accept") ?? "";
  return weightOf(accept, MARKDOWN) > weightOf(accept, "application/json");
}

/** How much a caller wants a type that it names, 0…1. */
function weightOf(accept: string, type: string): number {
  for (const entry of accept.split(",")) {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
    if (name !== type) continue;
    const weight = parameters.find((part) => part.startsWith("q="));
    return weight === undefined ? 1 : Number(weight.slice("q=".length)) || 0;
  }
  return 0;
}

/** @param maxTokens what the body says; the query goes before it */
export function wordsOptions(
  { max_tokens, evidence }: WordsQuery,
  maxTokens: number | null = null,
): WordsOptions {
  return {
    maxTokens: max_tokens ?? maxTokens ?? WORDS_TOKENS,
    evidence: evidence === "true",
  };
}

export function answerWords(text: string): Response {
  const headers = { "Content-Type": `${MARKDOWN}; charset=utf-8`, Vary: "Accept" };
  return new Response(text, { headers });
}
