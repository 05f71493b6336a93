/**
 * What is answered about kept filters, and what the document says of their routes. The Worker
 * imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { named, text, texts, time, written } from "../answer-fields.ts";
import type { RouteDocs } from "../route.ts";
import {
  ARCHIVED_CHOICES,
  EPISODE_SORTS,
  OUTCOME_TYPES,
  STATUSES,
  TASK_TYPES,
} from "../vocabulary.ts";
import type { FILTER_ROUTES } from "./requests.ts";

const filter = z.object({
  status: z.enum(STATUSES).exactOptional(),
  outcome: z.enum(OUTCOME_TYPES).exactOptional(),
  domain: text.exactOptional(),
  language: text.exactOptional(),
  framework: text.exactOptional(),
  tag: text.exactOptional(),
  tags: texts.exactOptional(),
  tags_match: z.enum(["any", "all"]).exactOptional(),
  task_type: z.enum(TASK_TYPES).exactOptional(),
  started_after: time.exactOptional(),
  started_before: time.exactOptional(),
  text: text.exactOptional(),
  archived: z.enum(ARCHIVED_CHOICES).exactOptional(),
  sort: z.enum(EPISODE_SORTS).exactOptional(),
});

const savedFilter = named("SavedFilter", z.object({ name: text, filter, updated_at: time }));
export type SavedFilterView = z.infer<typeof savedFilter>;
const filterWritten = z.object({ ...savedFilter.shape, ...written });

export const FILTER_DOCS: RouteDocs<typeof FILTER_ROUTES> = {
  listFilters: {
    tag: "Episodes",
    summary: "List the filters that the namespace keeps",
    answers: [
      {
        status: 200,
        description: "All of them, by name",
        schema: z.object({ filters: z.array(savedFilter) }),
      },
    ],
    errors: ["database_unavailable"],
  },
  saveFilter: {
    tag: "Episodes",
    summary: "Keep a filter under a name",
    description:
      "For `GET /v1/episodes?filter=NAME`: what a list is filtered and ordered by. One of that name is replaced. A namespace keeps at most 30.",
    params: { name: { description: "The filter", example: "failed-vip" } },
    examples: {
      tags: {
        summary: "What failed of some, the latest first",
        body: { outcome: "failure", tags: ["vip", "rebooking"], sort: "-ended_at" },
      },
    },
    answers: [{ status: 200, description: "The filter as it is kept", schema: filterWritten }],
    errors: ["database_unavailable", "limit_exceeded"],
  },
  removeFilter: {
    tag: "Episodes",
    summary: "Forget a filter",
    params: { name: { description: "The filter", example: "failed-vip" } },
    answers: [{ status: 204, description: "It is kept no more" }],
    errors: ["not_found", "database_unavailable"],
  },
};
