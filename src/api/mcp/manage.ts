/**
 * The tool by which an agent mends what is stored: tags, relationships, corrections and deletion of
 * episodes and of lessons. One tool for all of them, because they are rare and each tool costs every
 * agent some of its context.
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
import { lessonChanges } from "../../contract/lessons/requests.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { TagsRenamed } from "../../contract/ties/answers.ts";
import { RELATIONSHIP_TYPES } from "../../contract/vocabulary.ts";

const ACTIONS = [
  "tag",
  "untag",
  "rename_tag",
  "relate",
  "unrelate",
  "relationships",
  "amend",
  "delete",
  "amend_lesson",
  "delete_lesson",
] as const;

const manageBody = z.strictObject({
  action: z.enum(ACTIONS),
  episode_id: id.exactOptional().describe("Of all that is of one episode"),
  tags: tags.exactOptional().describe("Of tag, untag; of rename_tag the old and the new one"),
  type: z.enum(RELATIONSHIP_TYPES).exactOptional().describe("Of relate and unrelate, with to"),
  to: id.exactOptional().describe("The other episode"),
  reason: text(LIMITS.text_max).exactOptional(),
  changes: amendBody
    .exactOptional()
    .describe("Of amend. Metadata that is not named stays; null takes an entry away"),
  lesson_id: id.exactOptional(),
  lesson: lessonChanges.exactOptional().describe("Of amend_lesson"),
});
type Asked = z.output<typeof manageBody>;

const written = ({ value, durability }: Success<object>): object => ({ ...value, durability });

/** @throws Problem where what the action needs is not given */
function needed<T>(value: T | undefined, name: string, action: string): T {
  if (value === undefined) throw invalid(name, `is needed to ${action}`);
  return value;
}

/** What each action on an episode does. @throws Problem when the memory refuses */
const ON_EPISODE: Readonly<
  Record<
    Exclude<Asked["action"], `${string}_lesson` | "rename_tag">,
    (context: RequestContext, id: string, asked: Asked) => Promise<object>
  >
> = {
  tag: async (context, episode, { action, tags: added }) => {
    const input = { id: episode, tags: needed(added, "tags", action) };
    return written(await context.run("episode.tags.add", input));
  },
  untag: async (context, episode, { action, tags: removed }) => {
    let left: object = {};
    for (const tag of needed(removed, "tags", action))
      left = written(await context.run("episode.tags.remove", { id: episode, tag }));
    return left;
  },
  relate: async (context, episode_id, { action, type, to, reason = null }) => {
    const tie = { type: needed(type, "type", action), to: needed(to, "to", action), reason };
    return written(await context.run("relationships.add", { episode_id, ...tie }));
  },
  unrelate: async (context, episode_id, { action, type, to }) => {
    const tie = { type: needed(type, "type", action), to: needed(to, "to", action) };
    return written(await context.run("relationships.remove", { episode_id, ...tie }));
  },
  relationships: async (context, episode_id) =>
    (await context.run("relationships.list", { episode_id })).value,
  amend: async (context, episode, { action, changes }) => {
    const input = { id: episode, if_match: null };
    const made = changesOf(needed(changes, "changes", action), true);
    return written(await context.run("episode.patch", { ...input, changes: made }));
  },
  delete: async (context, episode) =>
    written(await context.run("episode.delete", { id: episode, if_match: null })),
};

/** Slices of episodes in which one call renames; the same call goes on. */
const SLICES_MAX = 20;

/** @throws Problem when the memory refuses */
async function renameTag(context: RequestContext, names: readonly string[]): Promise<object> {
  const [from, to, ...more] = names;
  if (from === undefined || to === undefined || more.length > 0 || from === to)
    throw invalid("tags", "must be the old and the new one to rename_tag");
  const sum = { renamed: 0, refused: 0, is_done: false };
  let cursor: string | null = null;
  for (let slice = 0; slice < SLICES_MAX && !sum.is_done; slice++) {
    const { value }: Success<TagsRenamed> = await context.run("tags.rename", { from, to, cursor });
    sum.renamed += value.renamed;
    sum.refused += value.refused.length;
    cursor = value.next_cursor;
    sum.is_done = cursor === null;
  }
  return sum;
}

/** What is asked, done. @throws Problem when the memory refuses */
async function manage(context: RequestContext, asked: Asked): Promise<object> {
  const { action, episode_id } = asked;
  if (action === "rename_tag") return renameTag(context, needed(asked.tags, "tags", action));
  if (action !== "amend_lesson" && action !== "delete_lesson")
    return ON_EPISODE[action](context, needed(episode_id, "episode_id", action), asked);

  const lesson_id = needed(asked.lesson_id, "lesson_id", action);
  if (action === "delete_lesson")
    return written(await context.run("lessons.remove", { lesson_id }));
  const changes = needed(asked.lesson, "lesson", action);
  return written(await context.run("lessons.amend", { lesson_id, changes }));
}

export const MANAGE_TOOL: Tool = tool({
  name: "memory_manage",
  title: "Mend what is stored",
  description:
    "Tags, relationships, corrections and deletion of an episode that is stored, or of a lesson. Deleting takes back what was learned from it. Ask the person before you delete.",
  input: manageBody,
  output: z.looseObject({}),
  isReadOnly: false,
  isDestructive: true,
  run: async (context, asked) => untrusted(await manage(context, asked)),
});
