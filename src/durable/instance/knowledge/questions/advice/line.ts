/**
 * Says the one thing that is worth an agent's attention before it acts or after it failed, in one
 * line, or nothing: silence is the default. It speaks of a tool only where what became of those who
 * chose it stands apart from what is usual here, and of a way out only where one was seen to work.
 *
 * @module
 */

import type { AdviceView } from "../../../../../contract/recall/answers.ts";
import type { AdviseInput } from "../../../../../contract/recall/requests.ts";
import { actionName, keyParameter } from "../../../../../memory/actions/index.ts";

/** A way out is named that worked in at least this many episodes, as they count now … */
const WORKED_MIN = 1;
/** … for at least this share of those who went it, after an error that is so much like this one. */
const WORKED_SHARE_MIN = 0.5;
const LIKENESS_MIN = 0.7;
/** Characters of a stored name that a line repeats, and steps of a way. */
const NAME_LENGTH_MAX = 80;
const WAY_STEPS_MAX = 4;

type Recovery = AdviceView["recoveries"][number];
type WayAction = NonNullable<Recovery["actions"]>[number];
type Sayings = Pick<AdviceView, "avoid" | "recoveries" | "next_tools">;

/** null: nothing stands out. */
export function lineOf(input: AdviseInput, sayings: Sayings): string | null {
  const wayOut = wayOutOf(sayings.recoveries);
  const warning = warningOf(input.next_tool, sayings);
  const lines = [warning, wayOut].filter((line) => line !== null);
  return lines.length === 0 ? null : lines.join(" ");
}

/** Of the tool that is about to be used; null: nothing is known against it. */
function warningOf(tool: string | null, { avoid, next_tools: next }: Sayings): string | null {
  const warned = tool === null ? undefined : avoid.find((choice) => choice.tool === tool);
  if (!warned) return null;
  const instead = next.find((choice) => choice.tool !== tool);
  const rather = instead ? ` Others went on with ${named(instead.tool)}.` : "";
  return `${named(warned.tool)}: ${warned.why}.${rather}`;
}

/** Of the error that was met; null: none is known to have worked. */
function wayOutOf(recoveries: AdviceView["recoveries"]): string | null {
  const best = recoveries.find(({ likeness, support }) => {
    const total = support.success + support.failure;
    const worked = support.success >= WORKED_MIN && support.success >= WORKED_SHARE_MIN * total;
    return likeness >= LIKENESS_MIN && worked;
  });
  if (!best) return null;
  const { worked, of } = countsOf(best);
  const way = waySteps(best).slice(0, WAY_STEPS_MAX).map(named).join(", then ");
  const all = of < best.support.episodes ? `the newest ${of}` : String(of);
  return `After this error ${way} led on in ${worked} of ${all}.`;
}

/**
 * In how many runs the way led on, of those that went it: as they were, not as evidence counts them,
 * which fades, and holds what became of those who were only told.
 */
function countsOf({ worked, in_vain: inVain = 0, support }: Recovery): {
  worked: number;
  of: number;
} {
  if (worked !== undefined) return { worked, of: worked + inVain };
  const { success, failure, episodes } = support;
  return { worked: Math.round((episodes * success) / (success + failure)), of: episodes };
}

/** What was done from what mended it on, where that is known, and else the tools. */
function waySteps({ tool, key, actions = [], mended_by: mended, path }: Recovery): string[] {
  if (actions.length === 0) return path;
  const from = actions.findIndex(({ action }) => action === mended);
  const failed = actionName(tool, key);
  return actions
    .slice(Math.max(0, from))
    .map((done) => (done.action === failed ? failed : calledAs(done)));
}

/**
 * The action with its command, where that was the same each time and need not be cut: the name of
 * an action leaves out what the command may not do without. Of what failed the reader has its own.
 */
function calledAs({ action, tool, parameters }: WayAction): string {
  const command = parameters.find(
    ({ name, value, support }) => support === 1 && keyParameter(tool, { [name]: value }) === name,
  );
  if (!command) return action;
  const whole = actionName(tool, command.value);
  return whole.length <= NAME_LENGTH_MAX && !whole.includes("\n") ? whole : action;
}

/** Stored text within a line: without line breaks, and short. */
function named(tool: string): string {
  const line = tool.replaceAll(/\s+/g, " ");
  return line.length <= NAME_LENGTH_MAX ? line : `${line.slice(0, NAME_LENGTH_MAX - 1)}…`;
}
