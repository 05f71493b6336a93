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
import { del, get, type RouteContract } from "../route.ts";
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
  listPatterns: get("/v1/patterns", "read", { query: patternsQuery }),
  getPattern: get("/v1/patterns/:id", "read", { params: { id } }),
  listHeuristics: get("/v1/heuristics", "read", { query: page }),
  getStats: get("/v1/stats", "read"),
  eraseNamespace: del("/v1/namespaces/:name", "admin", { params: { name: namespaceName } }),
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
