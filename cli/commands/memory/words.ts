/**
 * Shows what the service puts into words: a person reads the words, as an agent does; a program
 * gets the data.
 *
 * @module
 */

import type { MemoryClient, WordsQuery } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { whole } from "../../parse.ts";
import { option, type OptionSpec, type Values } from "../../spec.ts";
import { safeLines, type Shown } from "../../terminal/output.ts";

export const wordsOptions: readonly OptionSpec[] = [
  option("--max-tokens <count>", "how long the answer may be", { parse: whole(100) }),
  option("--evidence", "name the items that lines are from"),
];

export function wordsQuery({ maxTokens, evidence }: Values): WordsQuery {
  return {
    ...(typeof maxTokens === "number" ? { max_tokens: maxTokens } : {}),
    ...(evidence === true ? { evidence: "true" } : {}),
  };
}

/** Asks for what is shown, and not for the other. */
export async function shownWords(
  app: App,
  ask: {
    data: (memory: MemoryClient) => Promise<unknown>;
    words: (memory: MemoryClient) => Promise<string>;
  },
): Promise<Shown> {
  const memory = await app.memory();
  if (app.options.format !== "table") return { data: await ask.data(memory), text: () => "" };
  const words = await ask.words(memory);
  return { data: words, text: () => safeLines(words) };
}
