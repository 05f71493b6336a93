/**
 * Puts what people decided into answers: other words, and the mark of the decision; a playbook that
 * may not be shown is left out. What may not be shown of patterns their source leaves out already.
 *
 * @module
 */

import type { HeuristicView, PatternView } from "../../../../contract/knowledge/answers.ts";
import type { AdviceView, RecallView, RecoveryView } from "../../../../contract/recall/answers.ts";
import type { PlaybookView } from "../../../../contract/recall/playbook.ts";
import { pathId } from "../../../../memory/lessons/index.ts";
import type { Source } from "../source.ts";
import type { Curation } from "./curation.ts";

export function shownPattern<V extends PatternView>(curation: Curation, view: V): V {
  const mark = curation.markOf("pattern", view.id);
  if (!mark) return view;
  return { ...view, description: mark.text ?? view.description, curation: mark };
}

export function shownHeuristic<V extends HeuristicView>(curation: Curation, view: V): V {
  const mark = curation.markOf("heuristic", view.id);
  if (!mark) return view;
  return { ...view, action: mark.text ?? view.action, curation: mark };
}

/** A recall with the words that people gave its items, without a playbook that was banned. */
export function shownRecall<V extends Omit<RecallView, "recall_id">>(source: Source, view: V): V {
  const { curation } = source;
  const { recoveries } = view;
  return {
    ...view,
    ...(recoveries ? { recoveries: withNotes(curation, recoveries) } : {}),
    patterns: view.patterns.map((pattern) => shownPattern(curation, pattern)),
    heuristics: view.heuristics.map((heuristic) => shownHeuristic(curation, heuristic)),
    playbook: shownPlaybook(source, view.playbook),
  };
}

/** null: there is none that may be shown. */
export function shownPlaybook(source: Source, playbook: PlaybookView | null): PlaybookView | null {
  const { curation } = source;
  if (!playbook || curation.isEmpty) return playbook;
  const path = source.playbookPath(playbook.id);
  // What it was taken from is gone: nobody can have decided about it.
  if (!path) return curation.allows("playbook", playbook.id) ? playbook : null;
  const id = pathId(path.domain, path.tools);
  if (!curation.allows("playbook", id)) return null;
  const mark = curation.markOf("playbook", id);
  if (!mark) return playbook;
  return { ...playbook, ...(mark.text === null ? {} : { note: mark.text }), curation: mark };
}

/** Advice with the words that people gave patterns. */
export function shownAdvice<V extends Pick<AdviceView, "avoid" | "recoveries">>(
  curation: Curation,
  view: V,
): V {
  const wordsOf = (id: string | null): string | null =>
    id === null ? null : curation.textOf("pattern", id);
  return {
    ...view,
    avoid: view.avoid.map((choice) => ({
      ...choice,
      why: wordsOf(choice.pattern_id) ?? choice.why,
    })),
    recoveries: withNotes(curation, view.recoveries),
  };
}

function withNotes(curation: Curation, recoveries: readonly RecoveryView[]): RecoveryView[] {
  return recoveries.map((recovery) => {
    const note = curation.textOf("pattern", recovery.pattern_id);
    return note === null ? recovery : { ...recovery, note };
  });
}
