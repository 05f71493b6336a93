/**
 * Puts what an agent needs to take an episode over into words for a prompt: the task, open errors,
 * the checkpoint, what comes next, the last steps, lessons. Pure.
 *
 * @module
 */

import { ACTION_MAX, ERROR_MAX, nextSection } from "./parts/actions.ts";
import { lessonsSection } from "./parts/lessons.ts";
import { counted, outOf } from "./text/numbers.ts";
import {
  layOut,
  linesOf,
  UNTRUSTED_NOTE,
  type Section,
  type WordsOptions,
} from "./text/sections.ts";
import { codeOf, plainOf } from "./text/stored-text.ts";
import type { HandoffWords } from "./views.ts";

/** Characters of each text, and of one that has little room. */
const TASK_MAX = 600;
const NOTE_MAX = 600;
const STATE_MAX = 400;
const RESULT_MAX = 160;
const SHORT_RESULT_MAX = 40;
const ID_MAX = 128;
/** Steps shown, the last ones. */
const STEPS_MAX = 12;

const TASK_WORTH = 20;
const ERROR_WORTH = 12;
const CHECKPOINT_WORTH = 15;
const STEP_WORTH = 6;

type HandoffStep = HandoffWords["recent_steps"][number];

export function handoffInWords(view: HandoffWords, { maxTokens, evidence }: WordsOptions): string {
  const sections = [
    taskSection(view),
    errorsSection(view.open_errors),
    checkpointSection(view.checkpoint),
    nextSection(view),
    lessonsSection(view.lessons, evidence),
    stepsSection(view.recent_steps),
  ];
  const foot = `episode_id: ${plainOf(view.episode.id, ID_MAX)}`;
  return layOut({ head: UNTRUSTED_NOTE, foot, nothing: foot }, sections, maxTokens);
}

function taskSection({ episode, progress }: HandoffWords): Section {
  const { steps, succeeded, failed } = progress;
  const done = `${outOf(succeeded, steps)} steps succeeded, ${failed} failed`;
  const state = episode.status.replaceAll("_", " ");
  const lines = linesOf([episode.task], TASK_WORTH, (task) =>
    [TASK_MAX, RESULT_MAX].map((max) => `${codeOf(task, max)}: ${state}, ${done}`),
  );
  return { title: "Task to go on with", lines };
}

function errorsSection(errors: HandoffWords["open_errors"]): Section {
  const lines = linesOf(errors, ERROR_WORTH, ({ step_number, tool, message }) => [
    `${codeOf(tool, ACTION_MAX)} failed with ${codeOf(message, ERROR_MAX)}: step ${step_number}`,
  ]);
  return { title: "Open errors", lines };
}

function checkpointSection(checkpoint: HandoffWords["checkpoint"]): Section {
  if (!checkpoint) return { title: "Checkpoint", lines: [] };
  const { reason, note, state, step_number } = checkpoint;
  const texts = [
    ["why it was left", reason, NOTE_MAX],
    ["note", note ?? "", NOTE_MAX],
    ["state", isGiven(state) ? JSON.stringify(state) : "", STATE_MAX],
  ] as const;
  const lines = linesOf(texts, CHECKPOINT_WORTH, ([name, text, max]) => {
    const code = codeOf(text, max);
    return code === "" ? [] : [`${name}: ${code}`];
  });
  return { title: `Checkpoint after ${counted(step_number, "step")}`, lines };
}

/** The last ones, the very last one first, because it is worth most. */
function stepsSection(steps: readonly HandoffStep[]): Section {
  const shown = steps.slice(-STEPS_MAX).toReversed();
  const lines = linesOf(shown, STEP_WORTH, (step) =>
    [RESULT_MAX, SHORT_RESULT_MAX].map((max) => stepLine(step, max)),
  );
  return { title: "Last steps, the latest first", lines };
}

function stepLine({ number, tool, parameters, result }: HandoffStep, max: number): string {
  const given = isGiven(parameters) ? codeOf(JSON.stringify(parameters), max) : "";
  const called = [codeOf(tool, ACTION_MAX), given].filter((part) => part !== "").join(" ");
  return `step ${number}, ${called}: ${resultInWords(result, max)}`;
}

function resultInWords(result: unknown, max: number): string {
  if (typeof result !== "object" || result === null) return "result not known";
  const { type, output, message } = result as Partial<Record<string, unknown>>;
  const said = [output, message].find((text) => typeof text === "string") as string | undefined;
  const text = said === undefined ? "" : codeOf(said, max);
  const kind = type === "error" ? "failed" : type === "timeout" ? "timed out" : "succeeded";
  return text === "" ? kind : `${kind} with ${text}`;
}

function isGiven(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
