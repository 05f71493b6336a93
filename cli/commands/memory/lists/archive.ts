/**
 * `memory-cli episode archive` and `episode unarchive`: episodes by their ids, or all that options
 * let through.
 *
 * @module
 */

import type { Answer, Body, MemoryClient } from "../../../../client/index.ts";
import type { App } from "../../../app.ts";
import { CliError, EXIT } from "../../../exit.ts";
import { option, type CommandSpec, type Values } from "../../../spec.ts";
import { safe, type Shown } from "../../../terminal/output.ts";
import { shownText } from "../../../terminal/shown.ts";
import { conditionsOf, filterOptions } from "./conditions.ts";

type Changed = Omit<Answer<"archiveEpisodes">, "next_cursor">;
type Filter = Body<"archiveEpisodes">["filter"];

/** What is done, how it is told, and the operations that do it to one and to many. */
interface Doing {
  action: "Archive" | "Bring back";
  done: string;
  one: "archiveEpisode" | "unarchiveEpisode";
  many: "archiveEpisodes" | "unarchiveEpisodes";
}

const ARCHIVE: Doing = {
  action: "Archive",
  done: "archived",
  one: "archiveEpisode",
  many: "archiveEpisodes",
};
const UNARCHIVE: Doing = {
  action: "Bring back",
  done: "brought back",
  one: "unarchiveEpisode",
  many: "unarchiveEpisodes",
};

const OPTIONS = [
  ...filterOptions,
  option("--dry-run", "only say how many it would be"),
  option("-y, --yes", "do not ask"),
];
const IDS = [["[ids...]", "episodes; none: those that the options let through"]] as const;

export const ARCHIVE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "episode archive",
    summary: "keep episodes, but out of recalls and lists",
    args: IDS,
    options: OPTIONS,
    examples: [
      "memory-cli episode archive ID",
      "memory-cli episode archive --before 180d --dry-run",
      "memory-cli episode archive --domain airline --outcome failure --yes",
    ],
    notes:
      "What was learned from them stays counted. Those that still run are left out. Cut short, it is finished by the same command.",
    run: (app, ids, values) => run(app, ARCHIVE, ids, values),
  },
  {
    name: "episode unarchive",
    summary: "bring archived episodes back",
    args: IDS,
    options: OPTIONS,
    examples: [
      "memory-cli episode unarchive ID",
      "memory-cli episode unarchive --domain airline --yes",
    ],
    run: (app, ids, values) => run(app, UNARCHIVE, ids, values),
  },
];

async function run(
  app: App,
  doing: Doing,
  ids: readonly string[],
  values: Values,
): Promise<Shown & { exit?: number }> {
  const filter = conditionsOf(values) as Filter;
  const isDry = values["dryRun"] === true;
  const isFiltered = Object.keys(filter).length > 0;
  if (ids.length > 0 === isFiltered)
    throw new CliError("Name episodes, or say which ones by options: --domain, --before, …");
  if (ids.length > 0 && isDry) throw new CliError("--dry-run is for options, not for ids.");

  const memory = await app.memory();
  if (ids.length > 0) return byIds(memory, doing, ids);
  const isYes = values["yes"] === true;
  if (isDry || !isYes) {
    const counted = await byFilter(app, memory, doing, { filter, dry_run: true });
    if (isDry) return told(counted, `would be ${doing.done}`);
    await app.confirm(`${doing.action} ${counted.changed} episodes?`, false);
  }
  return told(await byFilter(app, memory, doing, { filter }), `were ${doing.done}`);
}

/** Each by itself; the first that is refused ends it. */
async function byIds(memory: MemoryClient, doing: Doing, ids: readonly string[]): Promise<Shown> {
  const episodes: Answer<"archiveEpisode">[] = [];
  for (const id of new Set(ids)) episodes.push(await memory.call(doing.one, { params: { id } }));
  const lines = episodes.map(({ id }) => `${id} is ${doing.done}`);
  return shownText({ episodes }, safe(lines.join("\n")));
}

/** Slice after slice, until every episode was looked at. */
async function byFilter(
  app: App,
  memory: MemoryClient,
  { many }: Doing,
  body: Pick<Body<"archiveEpisodes">, "filter" | "dry_run">,
): Promise<Changed> {
  const progress = app.progress(body.dry_run ? "counting" : "changing", "episodes");
  const sum: Changed = { changed: 0, running: 0, refused: [] };
  let cursor: string | null = null;
  do {
    const place = cursor === null ? {} : { cursor };
    const part: Answer<"archiveEpisodes"> = await memory.call(many, {
      body: { ...body, ...place },
    });
    sum.changed += part.changed;
    sum.running += part.running;
    sum.refused.push(...part.refused);
    progress.update(sum.changed, null);
    cursor = part.next_cursor;
  } while (cursor !== null);
  progress.end();
  return sum;
}

function told(sum: Changed, done: string): Shown & { exit: number } {
  const running = sum.running > 0 ? `, ${sum.running} still run` : "";
  const kept = sum.refused.map(({ id, detail }) => `\n${safe(`${id} stayed: ${detail}`)}`);
  const text = `${sum.changed} episodes ${done}${running}${kept.join("")}`;
  return { ...shownText(sum, text), exit: sum.refused.length > 0 ? EXIT.failed : EXIT.ok };
}
