/**
 * Says the one thing that is worth an agent's attention before it acts or after it failed, in one
 * line, or nothing: silence is the default. It speaks of a tool only where what became of those who
 * chose it stands apart from what is usual here, and of a way out only where one was seen to work.
 * What is stored stands in it as spans of code, as in words: hooks and clients hand it to a model.
 *
 * @module
 */

import type { AdviceView } from "../../../../../contract/recall/answers.ts";
import type { AdviseInput } from "../../../../../contract/recall/requests.ts";
import { actionName, keyParameter } from "../../../../../memory/actions/index.ts";
import type { EpisodeDigest } from "../../../../../memory/learning/types.ts";
import { codeOf, leadsOut, reasonOf } from "../../../../../memory/words/index.ts";

/** Characters of a stored name that a line repeats, and steps of a way. */
const NAME_LENGTH_MAX = 80;
const WAY_STEPS_MAX = 4;
/** Instead of a name of which nothing is seen. */
const NAMELESS = "a tool without a name";

type Recovery = AdviceView["recoveries"][number];
type WayAction = NonNullable<Recovery["actions"]>[number];
type Sayings = Pick<AdviceView, "avoid" | "recoveries" | "next_tools">;

type Run = Pick<EpisodeDigest, "path">;

/** null: nothing stands out. @param runs the similar ones, whole */
export function lineOf(input: AdviseInput, sayings: Sayings, runs: readonly Run[]): string | null {
  const wayOut = wayOutOf(sayings.recoveries);
  const warning = warningOf(input.next_tool, sayings, runs);
  const lines = [warning, wayOut].filter((line) => line !== null);
  return lines.length === 0 ? null : lines.join(" ");
}

/** Of the tool that is about to be used; null: nothing is known against it. */
function warningOf(
  tool: string | null,
  { avoid, next_tools: next }: Sayings,
  runs: readonly Run[],
): string | null {
  const warned = tool === null ? undefined : avoid.find((choice) => choice.tool === tool);
  if (!warned) return null;
  const others = runs.filter((run) => !hasUsed(run, warned.tool));
  const instead = next.find((choice) => others.some((run) => hasUsed(run, choice.tool)));
  const rather = instead ? ` Others went on with ${named(instead.tool)}.` : "";
  return `${named(warned.tool)}: ${reasonOf(warned)}.${rather}`;
}

function hasUsed({ path }: Run, tool: string): boolean {
  return path.some((step) => step.tool === tool);
}

/** Of the error that was met; null: none is known to have worked. */
function wayOutOf(recoveries: AdviceView["recoveries"]): string | null {
  const best = recoveries.find(leadsOut);
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

/** A stored name as a span of code, also where it shows nothing. */
function named(tool: string): string {
  return codeOf(tool, NAME_LENGTH_MAX) || NAMELESS;
}
