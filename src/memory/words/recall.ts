/**
 * Puts a recall, or a playbook alone, into words for a prompt: the way out of an error, what to do next, the playbook, what
 * to avoid, the ways out of errors, lessons, what else worked, and similar runs. Every line ends
 * with its evidence. Pure.
 *
 * @module
 */

import { nextSection, playbookSection, toolsInARow } from "./parts/actions.ts";
import { closing, nothingFor, nothingKnown } from "./text/frame.ts";
import { lessonsSection } from "./parts/lessons.ts";
import { outOf } from "./text/numbers.ts";
import { learnedSections } from "./parts/patterns.ts";
import { leadOf, waysOutSection } from "./parts/recoveries.ts";
import {
  layOut,
  linesOf,
  UNTRUSTED_NOTE,
  type Section,
  type WordsOptions,
} from "./text/sections.ts";
import { codeOf, named, plainOf } from "./text/stored-text.ts";
import type { EpisodeWords, PlaybookWords, RecallWords, RecoveryWords } from "./views.ts";

/** Characters of a task and of a summary, and of those of a line that has little room. */
const TASK_MAX = 140;
const SHORT_TASK_MAX = 80;
const SUMMARY_MAX = 100;
/** Similar tasks, and tools of a run. */
const TASKS_MAX = 3;
const TOOLS_MAX = 8;
const EPISODE_WORTH = 3;
const CAUTION_WORTH = 2;
const CAUTION_MAX = 200;

export function recallInWords(view: RecallWords, { maxTokens, evidence }: WordsOptions): string {
  const recoveries = view.recoveries ?? [];
  const atHand = waysOutSection(recoveries, evidence);
  const { avoid, waysOut, worked } = learnedSections(withoutThose(view, recoveries), evidence);
  const [next] = [...(view.next_actions ?? []), ...view.next_tools];
  const playbook = playbookSection(view.playbook, { next, evidence });
  const sections = [
    atHand,
    nextSection(view, { playbook: view.playbook, lead: leadOf(recoveries) }),
    playbook,
    avoid,
    waysOut,
    lessonsSection(view.lessons, evidence),
    worked,
    similarSection(view.episodes, evidence),
    playbook.lines.length > 0 ? cautionSection(view.playbook) : { title: "", lines: [] },
  ];
  const frame = { head: UNTRUSTED_NOTE, foot: closing(view), nothing: nothingKnown(view) };
  return layOut(frame, sections, maxTokens);
}

/** What was learned, without the ways out that are said of the error at hand. */
function withoutThose(view: RecallWords, recoveries: readonly RecoveryWords[]): RecallWords {
  const said = new Set(recoveries.map(({ pattern_id }) => pattern_id));
  return {
    ...view,
    patterns: view.patterns.filter(({ id }) => !said.has(id)),
    heuristics: view.heuristics.filter(({ pattern_id }) => !said.has(pattern_id)),
    playbook: view.playbook && {
      ...view.playbook,
      steps: view.playbook.steps.map((step) => ({
        ...step,
        ways_out: (step.ways_out ?? []).filter(({ error }) =>
          recoveries.every((one) => one.tool !== step.tool || one.error !== error),
        ),
      })),
    },
  };
}

export function playbookInWords(
  {
    playbook,
    held_out,
  }: { readonly playbook: PlaybookWords | null; readonly held_out?: boolean | undefined },
  { maxTokens, evidence }: WordsOptions,
): string {
  const { avoid, waysOut } = learnedSections(
    { patterns: [], heuristics: [], next_tools: [], playbook },
    evidence,
  );
  const sections = [
    playbookSection(playbook, { evidence }),
    avoid,
    waysOut,
    cautionSection(playbook),
  ];
  const frame = {
    head: UNTRUSTED_NOTE,
    foot: "",
    nothing: nothingFor({ held_out }, "Memory has no playbook for this task."),
  };
  return layOut(frame, sections, maxTokens);
}

/** What the runs of the most similar tasks did, a line a task. */
function similarSection(episodes: readonly EpisodeWords[], evidence: boolean): Section {
  const byTask = [...Map.groupBy(episodes, ({ task }) => task).values()];
  const lines = linesOf(byTask.slice(0, TASKS_MAX), EPISODE_WORTH, (runs) =>
    [TASK_MAX, SHORT_TASK_MAX].map((max) => taskLine(runs, max, evidence)),
  );
  return { title: "Similar runs", lines };
}

/** The best of a task's runs, and how all of them ended. */
function taskLine(runs: readonly EpisodeWords[], max: number, evidence: boolean): string {
  const [best] = runs.toSorted((a, b) => Number(a.warning) - Number(b.warning));
  if (!best) return "";
  const steps = toolsInARow(best.actions ?? best.tools, TOOLS_MAX);
  const did = steps === "" ? "" : `: ${steps}`;
  return `${codeOf(best.task, max)}${did}: ${endOf(best, runs)}${named(best.id, evidence)}`;
}

function endOf({ outcome, warning, summary }: EpisodeWords, runs: readonly EpisodeWords[]): string {
  const ended = (outcome ?? "not ended").replaceAll("_", " ");
  const others = runs.filter((run) => run.outcome === outcome).length;
  const why = warning && summary ? `, because ${codeOf(summary, SUMMARY_MAX)}` : "";
  return `${ended}${why}, ${outOf(others, runs.length)}`;
}

/** What a person says of the playbook, and the service itself against it. */
export function cautionSection(playbook: PlaybookWords | null): Section {
  const note = playbook?.note ? codeOf(playbook.note, CAUTION_MAX) : "";
  const said = note === "" ? [] : [`${note}: said by a person`];
  const cautions = (playbook?.when_not_to_apply ?? []).map((one) => plainOf(one, CAUTION_MAX));
  const lines = linesOf([...said, ...cautions], CAUTION_WORTH, (sentence) => [sentence]);
  return { title: "About the playbook", lines, isMinor: true };
}
