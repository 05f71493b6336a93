/**
 * What an import and an export answer, and what the document says of their routes. The Worker
 * imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { named, text } from "../answer-fields.ts";
import { curationLine } from "../curation/requests.ts";
import { lessonLine } from "../lessons/requests.ts";
import type { RouteDocs } from "../route.ts";
import { episodeLine, feedbackLine, type TRANSFER_ROUTES } from "./requests.ts";

const lineNumber = z.number().int().min(1);

const replaced = z
  .number()
  .int()
  .min(1)
  .optional()
  .describe("Characters U+0000 of the line, each taken as U+FFFD; absent: it had none");

/** The answer to a line of an import. */
const importLine = named(
  "ImportLineAnswer",
  z.discriminatedUnion("status", [
    z.object({ line: lineNumber, status: z.literal("created"), id: text, replaced }),
    z.object({ line: lineNumber, status: z.literal("updated"), id: text, replaced }),
    z.object({ line: lineNumber, status: z.literal("duplicate"), id: text, replaced }),
    z.object({
      line: lineNumber,
      status: z.literal("error"),
      error: z.object({
        code: text,
        detail: text,
        errors: z.array(z.object({ path: text, message: text })),
      }),
    }),
  ]),
);
export type ImportLineAnswer = z.infer<typeof importLine>;

const exportLine = z.union([episodeLine, feedbackLine, lessonLine, curationLine]);

export const TRANSFER_DOCS: RouteDocs<typeof TRANSFER_ROUTES> = {
  importEpisodes: {
    tag: "Import and export",
    summary: "Import past runs, one item on each line",
    description:
      "NDJSON: episodes, chat transcripts with tool calls (OpenAI and Anthropic shapes), feedback, lessons, and what people decided (with an admin key). A stream of any length; each line gets an answer, in order. When the memory is too busy for a line, the line is tried again, for up to a minute after the last line that was accepted. Sending the same lines again changes nothing. A line whose id is there with other content is refused; with `on_conflict=update` the episode follows it: new steps are appended, a result that came later is filled in, outcome, tags and end follow, and what it teaches is learned anew. What was amended here stays where the line says what it said before; steps that differ are those of the line, unless it ends earlier than what is there. The body may be gzip. The character U+0000, which cannot be kept, is taken as U+FFFD, and counted in the answer to the line.",
    examples: {
      episode: {
        summary: "An episode that ended",
        body: {
          type: "episode",
          task: "Cancel reservation 8JX2WO",
          context: { domain: "airline" },
          steps: [{ tool: "cancel_reservation", result: { type: "success", output: "cancelled" } }],
          outcome: { type: "success", verdict: "cancelled" },
        },
      },
      transcript: {
        summary: "A chat with tool calls",
        body: {
          type: "transcript",
          task: "Where is order 17?",
          context: { domain: "retail" },
          messages: [
            { role: "user", content: "Where is order 17?" },
            {
              role: "assistant",
              tool_calls: [
                {
                  id: "c1",
                  type: "function",
                  function: { name: "get_order", arguments: '{"id":17}' },
                },
              ],
            },
            { role: "tool", tool_call_id: "c1", content: "shipped" },
          ],
          outcome: { type: "success", verdict: "answered" },
        },
      },
    },
    answers: [
      {
        status: 200,
        description: "An answer to each line: created, updated, duplicate, or error",
        schema: importLine,
        type: "application/x-ndjson",
      },
    ],
    errors: ["maintenance", "outbox_full"],
  },
  exportEpisodes: {
    tag: "Import and export",
    summary: "The namespace as lines that import again",
    description: "An export that ends is complete: a failure breaks the stream off.",
    answers: [
      {
        status: 200,
        description: "Episodes, the feedback on recalls, lessons, and what people decided",
        schema: exportLine,
        asSent: true,
        type: "application/x-ndjson",
      },
    ],
    errors: ["database_unavailable"],
  },
};
