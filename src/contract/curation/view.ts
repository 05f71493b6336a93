/**
 * What people decided about an item, as it is shown beside the item.
 *
 * @module
 */

import * as z from "zod";
import { flag, named, text, textOrNull, time } from "../answer-fields.ts";

export const curation = named(
  "Curation",
  z.object({
    pinned: flag.describe("Shown before others, and however little there is to say for it"),
    banned: flag.describe("Never recalled, advised, listed or exported for prompts"),
    review: z.enum(["approved", "rejected"]).nullable().describe("null: nobody reviewed it"),
    text: textOrNull.describe("The words that a person gave it; null: its own"),
    by: text.describe("The API key that decided last; operator: ADMIN_TOKEN"),
    at: time,
  }),
);
export type CurationMark = z.infer<typeof curation>;
