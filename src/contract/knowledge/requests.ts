/**
 * What may be asked about what was learned, and about a whole namespace. The Worker evaluates this
 * file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { id, name, namespaceName, page } from "../fields.ts";
import { operation, type None, type Page } from "../operation.ts";
import { PATTERN_KINDS, type PatternKind } from "../patterns.ts";
import type { RouteContract } from "../route.ts";
import { POLARITIES, type Polarity } from "../vocabulary.ts";
import type { ErasedView, HeuristicView, PatternView, StatsView } from "./answers.ts";

/** Supporting episodes that a filter may ask for. */
const SUPPORT_MAX = 1_000_000;

export const patternsQuery = page.extend({
  kind: z.enum(PATTERN_KINDS).exactOptional(),
  polarity: z.enum(POLARITIES).exactOptional(),
  tool: name.exactOptional(),
  min_support: z.coerce.number().int().min(0).max(SUPPORT_MAX).default(1),
});

export const KNOWLEDGE_ROUTES = {
  listPatterns: { method: "GET", path: "/v1/patterns", scope: "read", query: patternsQuery },
  getPattern: { method: "GET", path: "/v1/patterns/:id", scope: "read", params: { id } },
  listHeuristics: { method: "GET", path: "/v1/heuristics", scope: "read", query: page },
  getStats: { method: "GET", path: "/v1/stats", scope: "read" },
  eraseNamespace: {
    method: "DELETE",
    path: "/v1/namespaces/:name",
    scope: "admin",
    params: { name: namespaceName },
  },
} as const satisfies Record<string, RouteContract>;

interface PatternsInput {
  kind?: PatternKind;
  polarity?: Polarity;
  tool?: string;
  min_support: number;
  limit: number;
  cursor: string | null;
}

export const KNOWLEDGE_OPERATIONS = {
  "patterns.list": operation<PatternsInput, Page<PatternView>>("namespace", "read"),
  "patterns.get": operation<{ pattern_id: string }, PatternView>("namespace", "read"),
  "heuristics.list": operation<{ limit: number; cursor: string | null }, Page<HeuristicView>>(
    "namespace",
    "read",
  ),
  stats: operation<None, StatsView>("namespace", "read"),
  "namespace.erase": operation<{ name: string }, ErasedView>("namespace", "admin"),
};
