/**
 * A playbook, as answers say it: the steps of similar runs that succeeded, what led out of their
 * errors, and what they tried in vain.
 *
 * @module
 */

import * as z from "zod";
import { count, named, share, text, textOrNull, texts } from "../answer-fields.ts";
import { curation } from "../curation/view.ts";
import { plannedParameter } from "./next-actions.ts";

export const playbook = named(
  "Playbook",
  z.object({
    id: text,
    task: text,
    steps: z.array(
      z.object({
        order: z.number().int(),
        tool: text,
        action: text.describe("The tool, and its key behind it"),
        key: text.optional().describe("What kind of action it is; absent: the tool says it"),
        parameters: z.array(plannedParameter).optional(),
        when: text
          .optional()
          .describe(
            "The error that it is for, or what parts the runs that took it from the others",
          ),
        for_each: text
          .optional()
          .describe("It is taken several times in a row, for each value of this source"),
        /** Share of the weighted supporting runs that take this step. */
        support: share,
        /** Share of this step's executions that succeeded; null when unknown. */
        success_rate: share.nullable(),
        expected: textOrNull,
        episodes: texts,
        pitfalls: z.array(
          z.object({
            description: text,
            episodes: texts,
            way_out: text.optional().describe("The action that most often succeeded next after it"),
          }),
        ),
        ways_out: z
          .array(
            z.object({
              error: text.describe("The masked error of this action"),
              actions: z.array(
                z.object({
                  tool: text,
                  action: text.describe("The tool, and its key behind it"),
                  key: text.optional(),
                  parameters: z.array(plannedParameter),
                }),
              ),
              episodes: texts.describe("The runs that it led out of the error"),
              in_vain: count.describe("Runs in which it was tried, and the error came again"),
              did_not_help: z
                .array(z.object({ action: text, episodes: count }))
                .optional()
                .describe("What else was tried, after which the error came again"),
            }),
          )
          .optional()
          .describe("What led out of its errors, where that is not all among the steps"),
      }),
    ),
    confidence: share,
    based_on: texts,
    when_not_to_apply: texts,
    continues_after: count.describe("How many of the recent steps it covers already"),
    detours: z
      .array(
        z.object({
          tool: text,
          action: text.describe("The tool, and its key behind it"),
          episodes: texts.describe("The runs that tried it"),
          way_out: text.optional().describe("The action that most often succeeded next after it"),
        }),
      )
      .optional()
      .describe("What these runs tried in vain, and did without: not among the steps"),
    note: text.optional().describe("What a person says of it: untrusted"),
    curation: curation.optional().describe("What a person decided about it"),
  }),
);
export type PlaybookView = z.infer<typeof playbook>;
