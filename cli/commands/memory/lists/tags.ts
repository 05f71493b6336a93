/**
 * `memory-cli tag …`: of one episode, and of all of a namespace.
 *
 * @module
 */

import type { Answer, MemoryClient } from "../../../../client/index.ts";
import { EXIT } from "../../../exit.ts";
import { option, type CommandSpec } from "../../../spec.ts";
import { safe } from "../../../terminal/output.ts";
import { columns, shownList, shownText } from "../../../terminal/shown.ts";

const ID = ["<id>", "the episode"] as const;

const tagsNow = (data: { tags: string[] }) =>
  shownText(data, data.tags.length === 0 ? "no tags" : data.tags.join("\n"));

export const TAGS: readonly CommandSpec[] = [
  {
    name: "tag list",
    summary: "list an episode's tags",
    args: [ID],
    examples: ["memory-cli tag list ID"],
    run: async (app, [id = ""]) => tagsNow(await (await app.memory()).tags.list(id)),
  },
  {
    name: "tag add",
    summary: "add tags to an episode",
    args: [ID, ["<tags...>", "the tags"]],
    examples: ["memory-cli tag add ID vip rebooking"],
    run: async (app, [id = "", ...tags]) => tagsNow(await (await app.memory()).tags.add(id, tags)),
  },
  {
    name: "tag remove",
    summary: "remove a tag from an episode",
    args: [ID, ["<tag>", "the tag"]],
    examples: ["memory-cli tag remove ID vip"],
    run: async (app, [id = "", tag = ""]) =>
      tagsNow(await (await app.memory()).tags.remove(id, tag)),
  },
  {
    name: "tag count",
    summary: "the namespace's tags, with how many episodes have each",
    examples: ["memory-cli tag count", "memory-cli tag count --format json | jq '.tags[0]'"],
    run: async (app) =>
      shownList(
        await allTags(await app.memory()),
        "tags",
        columns("tag", "episodes", "started_at"),
      ),
  },
  {
    name: "tag rename",
    summary: "rename a tag in all episodes of the namespace",
    args: [
      ["<from>", "the tag"],
      ["<to>", "its new name"],
    ],
    options: [option("-y, --yes", "do not ask")],
    examples: ["memory-cli tag rename suport support --yes"],
    notes: "Cut short, it is finished by the same command.",
    async run(app, [from = "", to = ""], { yes }) {
      await app.confirm(`Rename the tag ${from} to ${to} in all episodes?`, yes === true);
      const memory = await app.memory();
      const progress = app.progress("renaming", "episodes");
      const sum: Omit<Renamed, "next_cursor"> = { renamed: 0, refused: [] };
      for await (const part of renamed(memory, from, to)) {
        sum.renamed += part.renamed;
        sum.refused.push(...part.refused);
        progress.update(sum.renamed, null);
      }
      progress.end();
      const kept = sum.refused.map(({ id, detail }) => `\n${safe(`${id} kept it: ${detail}`)}`);
      const text = `${sum.renamed} episodes were renamed${kept.join("")}`;
      return { ...shownText(sum, text), exit: sum.refused.length > 0 ? EXIT.failed : EXIT.ok };
    },
  },
];

type Renamed = Answer<"renameTag">;
type Counted = Answer<"countTags">;

/** Slice after slice, until every episode was seen. */
async function* renamed(memory: MemoryClient, from: string, to: string): AsyncGenerator<Renamed> {
  let cursor: string | null = null;
  do {
    const place = cursor === null ? {} : { cursor };
    const part: Renamed = await memory.tags.rename({ from, to, ...place });
    yield part;
    cursor = part.next_cursor;
  } while (cursor !== null);
}

/** All pages. */
async function allTags(memory: MemoryClient): Promise<Counted> {
  const all: Counted = { tags: [], next_cursor: null, degraded: false };
  let cursor: string | null = null;
  do {
    const page: Counted = await memory.tags.count(cursor === null ? {} : { cursor });
    all.tags.push(...page.tags);
    all.degraded ||= page.degraded;
    cursor = page.next_cursor;
  } while (cursor !== null);
  return all;
}
