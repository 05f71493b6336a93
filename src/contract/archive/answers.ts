/**
 * What is answered about archiving, and what the document says of its routes. The Worker imports
 * only types from here.
 *
 * @module
 */

import * as z from "zod";
import { count, named, text, textOrNull } from "../answer-fields.ts";
import { episodeWritten } from "../episodes/answers.ts";
import { OTHER_EPISODE_ID, type RouteDocs } from "../route.ts";
import type { ARCHIVE_ROUTES } from "./requests.ts";

const episodesArchived = named(
  "EpisodesArchived",
  z.object({
    changed: count.describe("Episodes that were changed by this request, or would be"),
    running: count.describe("Episodes that still run: they stay as they are"),
    refused: z
      .array(z.object({ id: text, code: text, detail: text }))
      .describe("Episodes that stayed as they were, each with why"),
    next_cursor: textOrNull.describe("There is more to look at: send it with the same filter"),
  }),
);
export type EpisodesArchived = z.infer<typeof episodesArchived>;

/** One that has ended, of the two that examples have. */
const episodeId = { id: { description: "The episode", example: OTHER_EPISODE_ID } };

/** Of a change of one episode. */
const errorsOfChange = [
  "not_found",
  "database_unavailable",
  "conflict",
  "limit_exceeded",
  "precondition_failed",
] as const;

export const ARCHIVE_DOCS: RouteDocs<typeof ARCHIVE_ROUTES> = {
  archiveEpisode: {
    tag: "Episodes",
    summary: "Archive an episode",
    description:
      "It stays stored: it is read by its id, exported and backed up, and what was learned from it stays counted. It is in no recall and no advice, and in lists and searches only where `archived` asks for it. Only one that has ended can be; one that is archived already stays as it is.",
    params: episodeId,
    answers: [
      {
        status: 200,
        description: "The archived episode",
        schema: episodeWritten,
        headers: ["ETag"],
      },
    ],
    errors: errorsOfChange,
  },
  unarchiveEpisode: {
    tag: "Episodes",
    summary: "Bring an archived episode back",
    description: "It is recalled and listed as before. One that is not archived stays as it is.",
    params: episodeId,
    answers: [
      { status: 200, description: "The episode", schema: episodeWritten, headers: ["ETag"] },
    ],
    errors: errorsOfChange,
  },
  archiveEpisodes: {
    tag: "Episodes",
    summary: "Archive the episodes that a filter lets through",
    description:
      "In slices of 50 episodes: repeat it with `next_cursor` until that is null. Those that still run stay as they are, and are counted. With `dry_run` nothing is changed. Cut short, it is finished by sending it again from the beginning.",
    examples: {
      old: {
        summary: "What began long ago, of a domain",
        body: { filter: { domain: "airline", started_before: "2026-01-01T00:00:00Z" } },
      },
      dry: {
        summary: "Only count what failed",
        body: { filter: { outcome: "failure" }, dry_run: true },
      },
    },
    answers: [{ status: 200, description: "What was archived", schema: episodesArchived }],
    errors: ["database_unavailable"],
  },
  unarchiveEpisodes: {
    tag: "Episodes",
    summary: "Bring back the archived episodes that a filter lets through",
    description: "In slices, as they are archived.",
    examples: { domain: { summary: "All of a domain", body: { filter: { domain: "airline" } } } },
    answers: [{ status: 200, description: "What was brought back", schema: episodesArchived }],
    errors: ["database_unavailable"],
  },
};
