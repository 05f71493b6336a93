/**
 * The kind `tool_sequence`: two to five tools in a row. What comes next is predicted from how often
 * each tool follows a run.
 *
 * @module
 */

import type { ContentOf } from "../../../contract/patterns.ts";
import type { MinedRun, PatternDefinition, Sighting } from "./definition.ts";
import { lookupKey } from "./lookup-key.ts";

/** A longer run is hardly seen twice, and next-tool prediction looks back four steps. */
const TOOLS_MIN = 2;
const TOOLS_MAX = 5;

type ToolSequence = ContentOf<"tool_sequence">;

/** The runs that begin at a step, the shortest first. */
function mineStep({ tools, latencies }: MinedRun, at: number): Sighting<ToolSequence>[] {
  const sightings: Sighting<ToolSequence>[] = [];
  let latency_ms = latencies[at] ?? 0;
  for (let length = TOOLS_MIN; length <= TOOLS_MAX && at + length <= tools.length; length++) {
    latency_ms += latencies[at + length - 1] ?? 0;
    const content = { kind: "tool_sequence", tools: tools.slice(at, at + length) } as const;
    sightings.push({ content, latency_ms });
  }
  return sightings;
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
  lookup: ({ tools }) => ({
    prefix: continuationPrefix(tools.slice(0, -1)),
    suffix: lookupKey(tools.slice(1)),
    length: tools.length,
  }),
  tools: ({ tools }) => tools,
  condition: () => null,
  describe: ({ tools }) => tools.join(" → "),
  searchTexts: () => ({}),

  /** A run that a longer one with the same support contains never occurs outside of it. */
  isImpliedBy: ({ tools }, other) =>
    other.tools.length > tools.length && contains(other.tools, tools),
};
