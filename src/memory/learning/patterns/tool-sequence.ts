/**
 * The kind `tool_sequence`: two to five tools in a row. What comes next is predicted from how often
 * each tool follows a run.
 *
 * @module
 */

import type { ContentOf } from "../../../contract/patterns.ts";
import { actionName } from "../../actions/index.ts";
import type { MinedRun, PatternDefinition, Sighting } from "./definition.ts";
import { KEYED_STEPS_MAX } from "./keyed-steps.ts";
import { lookupKey } from "./lookup-key.ts";

/** A longer run is hardly seen twice, and next-tool prediction looks back four steps. */
const TOOLS_MIN = 2;
const TOOLS_MAX = 5;
/** Of what tools did, runs of this length: shorter ones are decision points. */
const KEYED_LENGTH = 3;

type ToolSequence = ContentOf<"tool_sequence">;

/** The runs that begin at a step, the shortest first. */
function mineStep({ tools, keys, latencies }: MinedRun, at: number): Sighting<ToolSequence>[] {
  const sightings: Sighting<ToolSequence>[] = [];
  let latency_ms = latencies[at] ?? 0;
  for (let length = TOOLS_MIN; length <= TOOLS_MAX && at + length <= tools.length; length++) {
    latency_ms += latencies[at + length - 1] ?? 0;
    const content = { kind: "tool_sequence", tools: tools.slice(at, at + length) } as const;
    sightings.push({ content, latency_ms });
    const own = keys.slice(at, at + length);
    const isKeyed = length === KEYED_LENGTH && at < KEYED_STEPS_MAX;
    if (isKeyed && own.every((key) => key !== null))
      sightings.push({ content: { ...content, keys: own }, latency_ms });
  }
  return sightings;
}

function actionsIn({ tools, keys }: ToolSequence): string[] {
  return tools.map((tool, i) => actionName(tool, keys?.[i]));
}

/** The lookup prefix of a sequence of actions is another than that of any tools. */
function prefixOf(content: ToolSequence): string {
  const before = actionsIn(content).slice(0, -1);
  return content.keys ? lookupKey([...before, "key"]) : continuationPrefix(before);
}

function contains(longer: readonly string[], tools: readonly string[]): boolean {
  for (let from = 0; from + tools.length <= longer.length; from++) {
    if (tools.every((tool, i) => tool === longer[from + i])) return true;
  }
  return false;
}

/** The lookup prefix of runs that continue these tools by one more. */
export function continuationPrefix(tools: readonly string[]): string {
  return lookupKey(tools);
}

export const toolSequence: PatternDefinition<ToolSequence> = {
  kind: "tool_sequence",
  mineStep,
  lookup: (content) => ({
    prefix: prefixOf(content),
    suffix: lookupKey(actionsIn(content).slice(1)),
    length: content.tools.length,
  }),
  tools: ({ tools }) => tools,
  actions: actionsIn,
  proposes: (content) => actionsIn(content).slice(-1),
  condition: () => null,
  describe: (content) => actionsIn(content).join(" → "),
  searchTexts: ({ keys }) => (keys ? { calls: keys.join(" ") } : {}),

  /**
   * A run that a longer one with the same support contains never occurs outside of it; and tools
   * that always did the same are named by what they did.
   */
  isImpliedBy: (content, other) => {
    if (content.keys && !other.keys) return false;
    const isKeyed = content.keys !== undefined;
    const [own, others] = isKeyed
      ? [actionsIn(content), actionsIn(other)]
      : [content.tools, other.tools];
    const isMore = other.tools.length > own.length || (!isKeyed && other.keys !== undefined);
    return isMore && contains(others, own);
  },
};
