/**
 * Asks, at the error of each held-back session, what leads out of it: whether what mended it is
 * named where its kind was learned, and whether the memory is silent where it was not.
 *
 * @module
 */

import type { AdviceView, RecallView } from "../../../src/contract/recall/answers.ts";
import { mean } from "../bootstrap.ts";
import type { Memory } from "../memory.ts";
import { PlainRouter } from "../plain-router.ts";
import type { Curve, CurvePoint } from "../runs/curve.ts";
import { recentSteps } from "../runs/question.ts";
import type { CodingSet } from "../sets/coding.ts";
import { lineOf } from "../sets/run-set.ts";
import type { CodingEpisode } from "./session.ts";

/** One error that was asked about. */
export interface AskedError {
  session: string;
  kind: string;
  part: CodingEpisode["part"];
  names: string;
  /** What it said. */
  error: string;
  /** What the memory says to do, each way out as one text; first the best. */
  ways: readonly string[];
  /** Among all of them what mended it is named. */
  isNamed: boolean;
  /** The first of them names it. */
  isNamedFirst: boolean;
  isSilent: boolean;
  /** What is recalled for the task, with the same steps, names it. */
  isRecalled: boolean;
}

/**
 * What plain search says of the same errors: what mended the most similar error that was learned.
 * It is never silent.
 */
export function nearestMended(learned: readonly CodingEpisode[]): (error: string) => string {
  const router = new PlainRouter();
  router.learn(
    learned.flatMap(({ steps, errors }) =>
      errors
        .filter(({ mended_by }) => mended_by !== null)
        .map(({ step, names }) => ({ text: steps[step - 1]?.result ?? "", label: names })),
    ),
  );
  return (error) => router.route(error) ?? "";
}

/** Ways out that are named, by the number of sessions, beside plain search in the same ones. */
export async function wayOutCurve(
  memory: Memory,
  { name, learned, asked }: CodingSet,
  stages: readonly number[],
): Promise<Curve> {
  const held = asked.filter(({ part }) => part === "seen");
  const [own, base]: [CurvePoint[], CurvePoint[]] = [[], []];
  let known = 0;
  for (const episodes of stages) {
    await memory.learn(name, learned.slice(known, episodes).map(lineOf));
    known = episodes;
    const answers = await askErrors(memory, name, held);
    const nearest = nearestMended(learned.slice(0, episodes));
    own.push({ episodes, value: mean(answers.map(({ isNamed }) => Number(isNamed))) });
    const right = answers.map(({ error, names }) => Number(nearest(error) === names));
    base.push({ episodes, value: mean(right) });
  }
  const baseline = { name: "plain FTS5", points: base };
  return { set: name, figure: "way out of an error, named", memory: own, baseline };
}

/** Every error of these sessions, as an agent asks right after it. */
export async function askErrors(
  memory: Memory,
  namespace: string,
  sessions: readonly CodingEpisode[],
): Promise<AskedError[]> {
  const asked: AskedError[] = [];
  for (const session of sessions)
    for (const { kind, step, names } of session.errors) {
      const before = session.steps.slice(0, step);
      const question = {
        task: session.task,
        context: { domain: session.domain, tags: [session.agent_variant] },
        recent_steps: recentSteps(before, "everything"),
      };
      const error = before.at(-1)?.result ?? "";
      const ways = waysOut(await memory.advise(namespace, { ...question, error }));
      const recalled = await memory.recall(namespace, question);
      const isNamed = ways.map((way) => nameOccurs(names, way));
      asked.push({
        session: session.id,
        kind,
        part: session.part,
        names,
        error,
        ways,
        isNamed: isNamed.includes(true),
        isNamedFirst: isNamed[0] ?? false,
        isSilent: ways.length === 0,
        isRecalled: nameOccurs(names, toldIn(recalled)),
      });
    }
  return asked;
}

/** Fields of a way out that say what failed, and where that is known from: not what to do. */
const NOT_TO_DO = ["tool", "key", "error", "did_not_help", "pattern_id", "episodes", "polarity"];

/**
 * The recoveries that are said to work, each with everything it says to do: how actions are worded is
 * the answer's matter, that the command is among the words is what is measured.
 */
function waysOut({ recoveries }: Pick<AdviceView, "recoveries">): string[] {
  return recoveries
    .filter(({ polarity }) => polarity !== "avoid")
    .map((recovery) => {
      const told = Object.entries(recovery).filter(([field]) => !NOT_TO_DO.includes(field));
      return wordsIn(Object.fromEntries(told));
    });
}

/** What a recall says to do, its similar episodes left out. */
function toldIn({ patterns, heuristics, playbook, recoveries = [] }: RecallView): string {
  return [wordsIn([patterns, heuristics, playbook?.steps]), ...waysOut({ recoveries })].join(" ");
}

function wordsIn(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  return Object.values(value).map(wordsIn).filter(Boolean).join(" ");
}

/** Whether the words of the name stand in the text one after another, as whole words. */
export function nameOccurs(name: string, text: string): boolean {
  const words = (from: string): string => ` ${from.split(/[\s"'`,;()[\]{}]+/).join(" ")} `;
  return words(text).includes(words(name));
}
