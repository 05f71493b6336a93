/**
 * The tool by which an agent mends what is stored: tags, relationships, corrections, deletion. One
 * tool for all of them, because they are rare and each tool costs every agent some of its context.
 *
 * @module
 */

import * as z from "zod";
import type { Success } from "../request-context.ts";
import { changesOf } from "../routes/episodes.ts";
import { invalid } from "../validate.ts";
import type { RequestContext } from "../request-context.ts";
import { tool, type Tool, untrusted } from "./tool.ts";
import { amendBody } from "../../contract/episodes/requests.ts";
import { id, tags, text } from "../../contract/fields.ts";
import { LIMITS } from "../../contract/limits.ts";
import { RELATIONSHIP_TYPES } from "../../contract/vocabulary.ts";

const ACTIONS = ["tag", "untag", "relate", "unrelate", "relationships", "amend", "delete"] as const;

const manageBody = z.strictObject({
  action: z.enum(ACTIONS),
  episode_id: id,
  tags: tags.exactOptional().describe("Of tag and untag"),
  type: z.enum(RELATIONSHIP_TYPES).exactOptional().describe("Of relate and unrelate, with to"),
  to: id.exactOptional().describe("The other episode"),
  reason: text(LIMITS.text_max).exactOptional(),
  changes: amendBody
    .exactOptional()
    .describe("Of amend. Metadata that is not named stays; null takes an entry away"),
});
type Asked = z.output<typeof manageBody>;

const written = ({ value, durability }: Success<object>): object => ({ ...value, durability });

/** @throws Problem where what the action needs is not given */
function needed<T>(value: T | undefined, name: string, action: string): T {
  if (value === undefined) throw invalid(name, `is needed to ${action}`);
  return value;
}

/** What each action does. @throws Problem when the memory refuses */
const RUN: Readonly<
  Record<Asked["action"], (context: RequestContext, asked: Asked) => Promise<object>>
> = {
  tag: async (context, { action, episode_id, tags: added }) => {
    const input = { id: episode_id, tags: needed(added, "tags", action) };
    return written(await context.run("episode.tags.add", input));
  },
  untag: async (context, { action, episode_id, tags: removed }) => {
    let left: object = {};
    for (const tag of needed(removed, "tags", action))
      left = written(await context.run("episode.tags.remove", { id: episode_id, tag }));
    return left;
  },
  relate: async (context, { action, episode_id, type, to, reason = null }) => {
    const tie = { type: needed(type, "type", action), to: needed(to, "to", action), reason };
    return written(await context.run("relationships.add", { episode_id, ...tie }));
  },
  unrelate: async (context, { action, episode_id, type, to }) => {
    const tie = { type: needed(type, "type", action), to: needed(to, "to", action) };
    return written(await context.run("relationships.remove", { episode_id, ...tie }));
  },
  relationships: async (context, { episode_id }) =>
    (await context.run("relationships.list", { episode_id })).value,
  amend: async (context, { action, episode_id, changes }) => {
    const input = { id: episode_id, if_match: null };
    const made = changesOf(needed(changes, "changes", action), true);
    return written(await context.run("episode.patch", { ...input, changes: made }));
  },
  delete: async (context, { episode_id }) =>
    written(await context.run("episode.delete", { id: episode_id, if_match: null })),
};

export const MANAGE_TOOL: Tool = tool({
  name: "memory_manage",
  title: "Mend what is stored",
  description:
    "Tags, relationships, corrections and deletion of an episode that is stored. Deleting takes back what was learned from it. Ask the person before you delete.",
  input: manageBody,
  output: z.looseObject({}),
  isReadOnly: false,
  isDestructive: true,
  run: async (context, asked) => untrusted(await RUN[asked.action](context, asked)),
});
