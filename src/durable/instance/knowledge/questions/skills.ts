/**
 * Makes the skills of a namespace: of each family of its runs what an agent needs to do such a task.
 * What may not be shown is left out; where the steps may not be shown there is no skill. It follows
 * from what was learned alone, not from the time of the question, so that asking twice gives the
 * same. Reads only; bounded by the runs that are looked at.
 *
 * @module
 */

import type { RecalledLesson } from "../../../../contract/lessons/answers.ts";
import type { RecoveryView } from "../../../../contract/recall/answers.ts";
import type { PlaybookView } from "../../../../contract/recall/playbook.ts";
import type { RecallInput } from "../../../../contract/recall/requests.ts";
import type { SkillsView, SkillView } from "../../../../contract/skills/answers.ts";
import {
  expectTools,
  isFailure,
  makePlaybook,
  predictionBasis,
  type StoredDigest,
} from "../../../../memory/learning/index.ts";
import {
  charactersOf,
  describe,
  familiesOf,
  Features,
  namesOf,
  type Family,
} from "../../../../memory/skills/index.ts";
import { skillInWords } from "../../../../memory/words/index.ts";
import { shownHeuristic, shownPattern, shownPlaybook } from "../curated/shown.ts";
import type { Source } from "../source.ts";
import { recoveriesAfter } from "./advice/recoveries.ts";
import { learnedItems, type Teacher } from "./learned-items.ts";

/** Runs that are compared, those that were learned last, and skills. */
const RUNS_MAX = 400;
const SKILLS_MAX = 32;
/** Runs of a family that its steps are made of, those nearest to the others. */
const TEACHERS_MAX = 30;
/** Errors of a family, the most frequent ones, and ways out of each. */
const ERRORS_MAX = 6;
const WAYS_OUT_MAX = 2;
const ITEMS_MAX = 8;
/** A step that a smaller share of the runs took is left out. */
const STEP_SHARE_MIN = 0.34;
/** Four digits in a row. */
const IDENTIFIER = /\d{4}/;
/** A reason of fewer words says nothing. */
const REASON_WORDS_MIN = 2;

/** Fields of the answer that hold text of stored episodes and lessons. */
const UNTRUSTED = ["skills[].name", "skills[].description", "skills[].body"];

type OwnFamily = Family<StoredDigest>;
/** The lessons that a family's tasks call for. */
export type LessonsFor = (question: RecallInput, now: number) => RecalledLesson[];

export function skillsFrom(source: Source, lessonsFor: LessonsFor): SkillsView {
  const runs = source.newest(RUNS_MAX).filter(({ path }) => path.length > 0);
  const now = Math.max(0, ...runs.map(({ ended_at }) => ended_at));
  const features = new Features();
  const families = familiesOf(runs, features);
  const made = families.flatMap((family) => {
    const body = bodyOf(source, family, lessonsFor, now);
    return body === null ? [] : [{ family, body, domain: family.domain }];
  });
  const first = made.slice(0, SKILLS_MAX);
  const characters = charactersOf(
    first.map(({ family }) => family),
    runs,
    features,
  );
  const shown = first.flatMap((one, i) => {
    const character = characters[i];
    return character ? [{ ...one, character }] : [];
  });
  const names = namesOf(shown);
  const skills = shown.map(({ family, body, domain, character }, i): SkillView => ({
    name: names[i] ?? "",
    description: describe(domain, character),
    body,
    domain,
    runs: family.runs.length,
    succeeded: succeededIn(family),
  }));
  return { skills, left_out: made.length - shown.length, runs: runs.length, untrusted: UNTRUSTED };
}

function succeededIn({ runs }: OwnFamily): number {
  return runs.filter(({ outcome }) => outcome === "success").length;
}

/** null: no run of it succeeded, or its steps may not be shown. */
function bodyOf(
  source: Source,
  family: OwnFamily,
  lessonsFor: LessonsFor,
  now: number,
): string | null {
  const question = questionOf(family);
  const teachers = teachersOf(family);
  const basis = predictionBasis(teachers, now, source.ablations);
  const own = makePlaybook(
    { task: question.task, recent: [], prefersSources: true },
    teachers,
    expectTools(question.task, basis),
    now,
  );
  const playbook: PlaybookView | null = shownPlaybook(source, own);
  if (!playbook) return null;
  const { patterns, heuristics } = learnedItems(
    source,
    { teachers, expected: basis.expected },
    { ...question, recent_steps: [] },
    now,
  );
  return skillInWords({
    domain: family.domain,
    tasks: tasksOf(family),
    runs: family.runs.length,
    succeeded: succeededIn(family),
    failed: family.runs.filter(isFailure).length,
    reasons: reasonsOf(family),
    playbook: generalPlaybook(playbook),
    // What the runs did one after the other the steps say, unless a person gave it other words.
    patterns: patterns
      .map((view) => shownPattern(source.curation, view))
      .filter(({ kind, curation }) => kind !== "tool_sequence" || curation),
    heuristics: heuristics.map((view) => shownHeuristic(source.curation, view)),
    recoveries: recoveriesOf(source, family, now).map((one) => generalRecovery(one, family)),
    lessons: lessonsFor(question, now),
  });
}

/** As if somebody asked for the task that stands for the others. */
function questionOf({ domain, medoid }: OwnFamily): RecallInput {
  return {
    task: medoid.task,
    context: { domain },
    limit: ITEMS_MAX,
    include: ["patterns", "heuristics"],
    recent_steps: toolsOf(medoid).map((tool) => ({ tool, result: "success" as const })),
    max_tokens: null,
  };
}

const toolsOf = ({ path }: StoredDigest): string[] => [...new Set(path.map(({ tool }) => tool))];

/** The runs nearest to the others, those that are first. */
function teachersOf({ runs, closeness }: OwnFamily): Teacher[] {
  return runs
    .map((digest, i) => ({ digest, similarity: closeness[i] ?? 0 }))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, TEACHERS_MAX);
}

/** The tasks that most of its runs had, the medoid's first among equals. */
function tasksOf({ runs, medoid }: OwnFamily): { task: string; runs: number }[] {
  return [...Map.groupBy(runs, ({ task }) => task)]
    .map(([task, own]) => ({ task, runs: own.length }))
    .sort(
      (a, b) =>
        b.runs - a.runs ||
        Number(b.task === medoid.task) - Number(a.task === medoid.task) ||
        (a.task < b.task ? -1 : 1),
    );
}

/** Why its runs failed, where they said it in words. */
function reasonsOf({ runs }: OwnFamily): { reason: string; runs: number }[] {
  const isTold = (reason: string): boolean =>
    reason.split(" ").filter((word) => /\p{L}{3}/u.test(word)).length >= REASON_WORDS_MIN;
  const failed = runs.filter((run) => isFailure(run) && isTold(run.summary ?? ""));
  return [...Map.groupBy(failed, ({ summary }) => summary ?? "")]
    .map(([reason, own]) => ({ reason, runs: own.length }))
    .sort((a, b) => b.runs - a.runs || (a.reason < b.reason ? -1 : 1));
}

/** Without steps of few runs; how many runs there are the head of a skill says. */
function generalPlaybook(playbook: PlaybookView): PlaybookView {
  const least = STEP_SHARE_MIN * playbook.based_on.length;
  const steps = playbook.steps
    .filter(({ episodes }) => episodes.length >= least)
    .map((step) => (step.key === undefined ? withoutIdentifiers(step) : step));
  return { ...playbook, steps, when_not_to_apply: [] };
}

/** Where nothing told how it is had, a value that is an identifier by its form is one run's own. */
function withoutIdentifiers(step: PlaybookView["steps"][number]): typeof step {
  const { parameters = [], ...rest } = step;
  const general = parameters.map(({ value, ...parameter }) =>
    value === undefined || IDENTIFIER.test(value)
      ? { source: "ask", ...parameter }
      : { ...parameter, value },
  );
  return { ...rest, parameters: general };
}

/**
 * Without values of one run or one task, which another task must not be done with. A command stays:
 * it is what was done.
 */
function generalRecovery(recovery: RecoveryView, { runs }: OwnFamily): RecoveryView {
  const tasks = runs.map(({ task }) => task.toLowerCase());
  const isOwn = (value: string): boolean =>
    (recovery.worked ?? 0) < 2 || tasks.some((task) => task.includes(value.toLowerCase()));
  const actions = (recovery.actions ?? []).map((action) => ({
    ...action,
    parameters: action.parameters.filter(({ value }) => action.key !== null || !isOwn(value)),
  }));
  return { ...recovery, actions };
}

/** The ways out of the errors that most of its runs met, each once. */
function recoveriesOf(source: Source, { runs }: OwnFamily, now: number): RecoveryView[] {
  const met = new Map<string, { tool: string; template: string; count: number }>();
  for (const { path } of runs) {
    const own = new Map<string, { tool: string; template: string }>();
    for (const { tool, error } of path)
      if (error !== null) own.set(JSON.stringify([tool, error]), { tool, template: error });
    for (const [key, error] of own)
      met.set(key, { ...error, count: (met.get(key)?.count ?? 0) + 1 });
  }
  const frequent = [...met.values()]
    .sort((a, b) => b.count - a.count || (a.template < b.template ? -1 : 1))
    .slice(0, ERRORS_MAX);
  const found = frequent.flatMap((error) =>
    recoveriesAfter(source, error, now).slice(0, WAYS_OUT_MAX),
  );
  return [...new Map(found.map((one) => [one.pattern_id, one])).values()];
}
