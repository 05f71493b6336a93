/**
 * What lists of episodes are filtered and ordered by, and the filters that a namespace keeps under a
 * name: the routes, what they take, and the operations behind them. The Worker evaluates this file
 * when it starts.
 *
 * @module
 */

import * as z from "zod";
import { list, name, namespaceName, page, taskType, text, time } from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { operation, type None } from "../operation.ts";
import { del, get, put, type RouteContract } from "../route.ts";
import { ARCHIVED_CHOICES, EPISODE_SORTS, OUTCOME_TYPES, STATUSES } from "../vocabulary.ts";
import type { SavedFilterView } from "./answers.ts";

const TAGS_MATCHES = ["any", "all"] as const;

const wantedTags = list(name, LIMITS.filter_tags_max).min(1, "must have at least 1 entry");
/** In an address: with commas between them. */
const tagsInAddress = text(LIMITS.url_text_max, 1)
  .transform((given) => given.split(",").map((tag) => tag.trim()))
  .pipe(wantedTags)
  .meta({ description: `At most ${LIMITS.filter_tags_max} tags with commas between them` });
const tagsMatch = z
  .enum(TAGS_MATCHES)
  .meta({ description: "Whether an episode has any of `tags` (the default) or all of them" });

/** What lists, kept filters and changes of many episodes say alike. */
const conditions = {
  status: z.enum(STATUSES).exactOptional(),
  outcome: z.enum(OUTCOME_TYPES).exactOptional(),
  domain: text(LIMITS.name_max).exactOptional(),
  language: text(LIMITS.name_max).exactOptional(),
  framework: text(LIMITS.name_max).exactOptional(),
  tag: text(LIMITS.name_max).exactOptional(),
  tags_match: tagsMatch.exactOptional(),
  task_type: taskType.exactOptional(),
  started_after: time.exactOptional(),
  started_before: time.exactOptional(),
  /** A substring of the task, ASCII case ignored. */
  text: text(LIMITS.url_text_max).exactOptional(),
};
const order = z.enum(EPISODE_SORTS);
export const archived = z
  .enum(ARCHIVED_CHOICES)
  .meta({ description: "Archived episodes: only those, or those too; absent: none" });

/** Which episodes a change of many is about; it must name something. */
export const changedEpisodes = z
  .strictObject({ ...conditions, tags: wantedTags.exactOptional() })
  .refine((filter) => Object.keys(filter).length > 0, "must say something")
  .meta({ minProperties: 1 });

const keptConditions = {
  ...conditions,
  tags: wantedTags.exactOptional(),
  archived: archived.exactOptional(),
};
export type EpisodeFilter = z.output<z.ZodObject<typeof keptConditions>>;

/** The query of a list of episodes. */
export const episodesQuery = page.extend({
  ...conditions,
  tags: tagsInAddress.exactOptional(),
  archived: archived.exactOptional(),
  sort: order.meta({ description: "-started_at when nobody says" }).exactOptional(),
  filter: namespaceName
    .meta({ description: "A kept filter; what else the query says goes before it" })
    .exactOptional(),
});

/** A filter as it is kept. */
const keptFilter = z
  .strictObject({ ...keptConditions, sort: order.exactOptional() })
  .refine((kept) => Object.keys(kept).length > 0, "must say something")
  .meta({ minProperties: 1 });
export type KeptFilter = z.output<typeof keptFilter>;

const byName = { name: namespaceName };

export const FILTER_ROUTES = {
  listFilters: get("/v1/filters", "read"),
  saveFilter: put("/v1/filters/:name", "write", { params: byName, body: keptFilter }),
  removeFilter: del("/v1/filters/:name", "write", { params: byName }),
} as const satisfies Record<string, RouteContract>;

export const FILTER_OPERATIONS = {
  "filters.list": operation<None, { filters: SavedFilterView[] }>("namespace", "read"),
  "filters.save": operation<{ name: string; filter: KeptFilter }, SavedFilterView>(
    "namespace",
    "write",
  ),
  "filters.remove": operation<{ name: string }, { deleted: true }>("namespace", "write"),
};
