/**
 * How an answer is asked for that may come in words, to be put into a prompt. The Worker evaluates
 * this file when it starts.
 *
 * @module
 */

import * as z from "zod";

/** Tokens of an answer at least. */
export const TOKENS_MIN = 100;
/** Tokens of an answer in words, when nobody says. */
export const WORDS_TOKENS = 1_200;

const tokensMin = `must be at least ${TOKENS_MIN}`;

export const answerFormat = z
  .enum(["json", "text"], { error: "must be json or text" })
  .meta({ description: "text: in words, as Markdown. Absent: as `Accept` says." })
  .exactOptional();

/** Query parameters are strings. */
export const wordsQuery = z.strictObject({
  format: answerFormat,
  max_tokens: z.coerce
    .number({ error: "must be a number" })
    .int()
    .min(TOKENS_MIN, tokensMin)
    .meta({ description: `Of the text at most; ${WORDS_TOKENS} when nobody says.` })
    .exactOptional(),
  evidence: z
    .enum(["true", "false"], { error: "must be true or false" })
    .meta({ description: "true: lines of the text name the items that they are from." })
    .exactOptional(),
});
export type WordsQuery = z.output<typeof wordsQuery>;

/** The same for a tool of an agent, which is answered in words unless it asks for JSON. */
export const wordsInput = {
  format: z.enum(["text", "json"]).default("text").describe("json: everything, for a program"),
  max_tokens: z
    .number()
    .int()
    .min(TOKENS_MIN, tokensMin)
    .exactOptional()
    .describe("Of the answer at most"),
  evidence: z.boolean().default(false).describe("Name the items that lines are from"),
};
