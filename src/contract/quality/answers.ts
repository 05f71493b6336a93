/**
 * What the report of quality and calibration answers, and what the document says of its route. The
 * Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { count, flag, named, share, text, texts, time } from "../answer-fields.ts";
import type { RouteDocs } from "../route.ts";
import { calibration, use } from "../knowledge/answers.ts";
import type { QUALITY_ROUTES } from "./requests.ts";

const mean = share.nullable();
const week = named(
  "QualityWeek",
  z.object({
    begins_at: time.describe("A Monday, 0:00 UTC"),
    ended: count.describe("Episodes that ended in it"),
    success: count,
    partial_success: count,
    failure: count,
    unknown: count.describe("Ended without an outcome, or abstained: nothing is learned from them"),
    unknown_share: share.describe("Of those that ended"),
    scores: z
      .object({ total: mean, base: mean, efficiency: mean, quality: mean, learning: mean })
      .describe("Means of the rewards and of their parts, 0…1; null: nothing was scored"),
  }),
);
export type QualityWeek = z.infer<typeof week>;

const quality = named(
  "Quality",
  z.object({
    namespace: text,
    since: time.describe("When the first week began"),
    weeks: z.array(week).describe("Weeks in which an episode ended, the oldest first"),
    calibration: z
      .object({ next_tools: calibration, outcome: calibration })
      .describe("What was predicted beside what happened, as in the statistics"),
    playbooks: use.describe("Playbooks that were shown and followed, and what of that helped"),
    lessons: z.object({
      total: count,
      without_evidence: count.describe("Nobody has judged a use of them"),
      examples: texts.describe("Ids of some of these, those that were said first"),
    }),
    degraded: flag.describe("The database was out of reach: the weeks are what instances hold"),
  }),
);
export type QualityView = z.infer<typeof quality>;

export const QUALITY_DOCS: RouteDocs<typeof QUALITY_ROUTES> = {
  getQuality: {
    tag: "What was learned",
    summary: "How good the runs of the namespace are, and what is said about them",
    description:
      "By week: how episodes ended, how many without an outcome, and the means of their rewards. Beside it how well what was predicted came true, whether playbooks were followed and helped, and which lessons nobody has judged.",
    queryExample: { weeks: 4 },
    answers: [{ status: 200, description: "The report", schema: quality, or: "text/markdown" }],
    errors: ["database_unavailable"],
  },
};
