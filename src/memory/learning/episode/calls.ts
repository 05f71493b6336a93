/**
 * Adds to the steps of a digest what they were called with: the key of each action, and, within a
 * bound in bytes for the whole run, its parameters with their sources and the beginning of what it
 * answered. What led out of an error comes first: it is what others ask for. Pure; linear in what
 * the steps hold.
 *
 * @module
 */

import type { Step } from "../../../contract/episodes/record.ts";
import { answerOf } from "../../../contract/episodes/step-result.ts";
import {
  actionKey,
  keyParameter,
  leavesOf,
  parametersOf,
  Told,
  type Leaf,
} from "../../actions/index.ts";
import type { PathStep, StepParameter } from "../types.ts";

/** Bytes, about, of the parameters of a run, of the beginnings of its answers, and of fields. */
const PARAMETERS_BYTES = 1_000;
const ANSWERS_BYTES = 300;
const FIELDS_BYTES = 200;
/** Characters of a value; of one that came from somewhere; of what the key is read from. */
const VALUE_MAX = 60;
const SOURCED_VALUE_MAX = 24;
const KEY_VALUE_MAX = 160;
/** Parameters of one step. */
const PARAMETERS_MAX = 16;
/** Fields of one answer: what one says by a word or two, or by yes and no. */
const FIELDS_MAX = 3;
const FIELD_NAME = /^[A-Za-z_]{1,30}$/;
const FIELD_VALUE = /^[A-Za-z][A-Za-z _-]{1,23}$/;
/** Characters of an answer, and how long it is at most to be plain text. */
const ANSWER_MAX = 80;
const PLAIN_ANSWER_MAX = 20_000;
/** Steps after an error that may lead out of it. */
const WAY_OUT_STEPS = 6;
/** Bytes of a number of a name, and of what stands around a parameter. */
const REFERENCE_BYTES = 2;
const OVERHEAD_BYTES = 3;

/** @param path the first of the steps, in their order */
export function withCalls(
  task: string,
  steps: readonly Step[],
  path: readonly PathStep[],
): PathStep[] {
  const told = new Told(task);
  const calls = path.map((own, i): PathStep => {
    const step = steps[i];
    if (!step) return own;
    const key = actionKey(step.tool, step.parameters);
    const parameters = stepParameters(step, told);
    const leaves = step.result?.type === "success" ? leavesOf(step.result.output) : [];
    told.add(step.tool, leaves);
    const answer = plainAnswer(step);
    const shown = fieldsOf(leaves);
    return {
      ...own,
      ...(key === null ? {} : { key }),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(shown.length === 0 ? {} : { shown }),
      ...(answer === null ? {} : { told: answer }),
    };
  });
  return withinBytes(calls);
}

function stepParameters({ tool, parameters }: Step, told: Told): StepParameter[] {
  const keyed = keyParameter(tool, parameters);
  return parametersOf(parameters)
    .slice(0, PARAMETERS_MAX)
    .map((parameter): StepParameter => {
      const { name, values } = parameter;
      const from = told.sourcesOf(parameter);
      const value = values.length === 1 ? (values[0] ?? "") : null;
      const most = name === keyed ? KEY_VALUE_MAX : from.length > 0 ? SOURCED_VALUE_MAX : VALUE_MAX;
      return {
        name,
        ...(value === null || value.length > most ? {} : { value }),
        ...(from.length === 0 ? {} : { from }),
      };
    });
}

/** Fields at the top of an answer whose value may be one of a few. */
function fieldsOf(leaves: readonly Leaf[]): { name: string; value: string }[] {
  return leaves
    .filter(({ path, value }) => FIELD_NAME.test(path) && FIELD_VALUE.test(value))
    .slice(0, FIELDS_MAX)
    .map(({ path, value }) => ({ name: path, value }));
}

/** The beginning of an answer that is no data; null: it is, or there is none. */
function plainAnswer(step: Step): string | null {
  const answer = step.result?.type === "success" ? answerOf(step.result) : null;
  if (answer === null || answer.length > PLAIN_ANSWER_MAX) return null;
  const text = answer.trim();
  if (text === "" || /^[[{("]/.test(text) || !/\s/.test(text)) return null;
  return text.replaceAll(/\s+/g, " ").slice(0, ANSWER_MAX);
}

/** The steps, some without their parameters or answers, in the order in which these tell most. */
function withinBytes(path: readonly PathStep[]): PathStep[] {
  const kept = [...path];
  const rooms = {
    parameters: PARAMETERS_BYTES,
    answers: ANSWERS_BYTES,
    fields: FIELDS_BYTES,
  };
  const names = new Set<string>();

  for (const at of byWorth(path)) {
    const step = path[at];
    if (!step) continue;
    const { parameters, told, shown, ...rest } = step;
    const bytes = bytesOf(parameters ?? [], names);
    const hasRoom = bytes <= rooms.parameters;
    if (hasRoom) rooms.parameters -= bytes;
    const isTold = told !== undefined && told.length <= rooms.answers;
    if (isTold) rooms.answers -= told.length;
    const fieldBytes = (shown ?? []).reduce(
      (sum, { name, value }) =>
        sum + OVERHEAD_BYTES + novelLength(name, names) + novelLength(value, names),
      0,
    );
    const isShown = shown !== undefined && fieldBytes <= rooms.fields;
    if (isShown) rooms.fields -= fieldBytes;
    kept[at] = {
      ...rest,
      ...(hasRoom && parameters ? { parameters } : {}),
      ...(isShown ? { shown } : {}),
      ...(isTold ? { told } : {}),
    };
    if (isShown) for (const { name, value } of shown) names.add(name).add(value);
    if (hasRoom) for (const name of namesOf(parameters ?? [])) names.add(name);
  }
  return kept;
}

/** The places of the steps: those at an error and behind it first, then all others. */
function byWorth(path: readonly PathStep[]): number[] {
  const near = new Set<number>();
  for (const [at, { error }] of path.entries())
    if (error !== null)
      for (let i = at; i <= at + WAY_OUT_STEPS && i < path.length; i++) near.add(i);
  const others = path.flatMap((_, at) => (near.has(at) ? [] : [at]));
  return [...[...near].sort((a, b) => a - b), ...others];
}

function novelLength(name: string, names: ReadonlySet<string>): number {
  return names.has(name) ? 0 : name.length + 1;
}

function namesOf(parameters: readonly StepParameter[]): string[] {
  return parameters.flatMap(({ name, from }) => [name, ...(from ?? [])]);
}

/** What the parameters take when they are packed, about. @param names that are written anyway */
function bytesOf(parameters: readonly StepParameter[], names: ReadonlySet<string>): number {
  const novel = new Set(namesOf(parameters).filter((name) => !names.has(name)));
  const ofNames = [...novel].reduce((sum, name) => sum + name.length + 1, 0);
  return parameters.reduce(
    (sum, { value, from }) =>
      sum + OVERHEAD_BYTES + (value?.length ?? 0) + REFERENCE_BYTES * (from?.length ?? 0),
    ofNames,
  );
}
