/**
 * What may be done next, as answers say it: the action, and where its parameters come from.
 *
 * @module
 */

import * as z from "zod";
import { share, text, textOrNull, texts } from "../answer-fields.ts";

export const plannedParameter = z.object({
  name: text.describe("As a path: `address.city`, `item_ids[]`"),
  value: text.optional().describe("The same in most of the runs; absent: it differs"),
  source: text
    .optional()
    .describe(
      "Where the runs had it from: `task`, or `tool.field.path` of an earlier answer, with `(text)` behind it a word of a text and with `{key}` the name of a field; `ask` where nothing told it. Absent: there is a value",
    ),
  or: texts.optional().describe("Further sources, of runs that did not have it from the first"),
  one_of: texts.optional().describe("The values that it may have, where these are few"),
  support: share.describe("Of the runs that took the action, those that had it so"),
});

export const nextActions = z.array(
  z.object({
    action: text.describe("The tool, and its key behind it"),
    tool: text,
    key: textOrNull.describe("What kind of action it is beyond its tool; null: the tool says it"),
    probability: share,
    parameters: z.array(
      plannedParameter.extend({
        found: texts
          .optional()
          .describe("What the source holds in the answers of the recent steps, the latest first"),
      }),
    ),
  }),
);
export type NextActionView = z.infer<typeof nextActions>[number];
