/**
 * Says what the tools that come next are used for, as far as people let it be said. Which tool comes
 * next is counted from all runs; what is done with it, and with which values, is what a run did:
 * where a review is required nobody approved that, and it is left out. Of what was banned or
 * rejected no run and no action is proposed. Reads only.
 *
 * @module
 */

import type { NextActionView } from "../../../../../contract/recall/next-actions.ts";
import {
  assessPattern,
  predictNextActions,
  proposedActions,
  type NextTool,
  type PredictionBasis,
  type PresentStep,
  type SimilarEpisode,
} from "../../../../../memory/learning/index.ts";
import { pathId } from "../../../../../memory/lessons/index.ts";
import type { Curation } from "../../curated/curation.ts";
import type { Source } from "../../source.ts";

export interface NextQuestion {
  task: string;
  recent: readonly PresentStep[];
  tools: readonly NextTool[];
  /** The tool that the caller means to use; null: it did not say. */
  proposed: string | null;
}

export function nextActionsFrom(
  source: Source,
  { task, recent, tools, proposed }: NextQuestion,
  basis: PredictionBasis,
  now: number,
): NextActionView[] {
  const { curation } = source;
  if (curation.isReviewed || curation.isUnknown) return [];
  const episodes = basis.episodes.filter(({ digest }) => mayTeach(curation, digest));
  const withheld = withheldActions(source, now);
  const actions = predictNextActions(task, recent, { ...basis, episodes }, { tools, proposed });
  return actions.filter(({ action }) => !withheld.has(action));
}

/** Whether nobody banned or rejected the way that a run went. */
function mayTeach(curation: Curation, { context, path }: SimilarEpisode["digest"]): boolean {
  const withheld = curation.withheld("playbook");
  if (withheld.size === 0) return true;
  const tools = path.map(({ tool }) => tool);
  return !withheld.has(pathId(context.domain, tools));
}

/** What patterns and heuristics that were banned or rejected say to do; not what they warn of. */
function withheldActions(source: Source, now: number): Set<string> {
  const { curation } = source;
  const heuristics = [...curation.withheld("heuristic")].map((id) => id.slice("h-".length));
  const ids = [...curation.withheld("pattern"), ...heuristics];
  if (ids.length === 0) return new Set();
  const base = source.baseRates(now);
  return new Set(
    [...source.patternsByIds(ids).values()].flatMap(({ row }) =>
      assessPattern(row, base, now).polarity === "avoid" ? [] : proposedActions(row.content),
    ),
  );
}
