/**
 * `memory-cli episode list` and `episode get`: many episodes, by what they are or by their ids.
 *
 * @module
 */

import type { MemoryClient, Query } from "../../../../client/index.ts";
import { omitUndefined } from "../../../../client/runs/omit-undefined.ts";
import { CliError, EXIT } from "../../../exit.ts";
import { whole } from "../../../parse.ts";
import { option, type CommandSpec, type Values } from "../../../spec.ts";
import { shownList } from "../../../terminal/shown.ts";
import { safe } from "../../../terminal/output.ts";
import { episodeColumns } from "../episode-views.ts";
import { conditionOptions, conditionsOf } from "./conditions.ts";

/** Episodes that are asked for at once. */
const IDS_AT_ONCE = 100;
/** Episodes of a page that is read on the way to many. */
const PAGE = 200;

export const EPISODE_LISTS: readonly CommandSpec[] = [
  {
    name: "episode list",
    summary: "list episodes, newest first",
    options: [
      ...conditionOptions,
      option("--filter <name>", "as a kept filter says; options go before it"),
      option("--limit <count>", "at most so many", { parse: whole(1, 1_000_000), default: 20 }),
      option("--cursor <cursor>", "go on from there"),
      option("--all", "page after page until the end"),
    ],
    examples: [
      "memory-cli episode list --limit 10",
      "memory-cli episode list --status failed --since 7d",
      "memory-cli episode list --filter failed-vip",
      "memory-cli episode list --tag vip --tag rebooking --all-tags --sort=-reward",
      "memory-cli episode list --all --format json | jq -r '.episodes[].id'",
    ],
    async run(app, _args, values) {
      const query = queryOf(values);
      const memory = await app.memory();
      const most = values["all"] === true ? Infinity : Number(values["limit"]);
      if (most <= PAGE)
        return shownList(
          await memory.episodes.list({ ...query, limit: most }),
          "episodes",
          episodeColumns,
        );
      const episodes: unknown[] = [];
      const progress = app.progress("listing", "episodes");
      for await (const one of memory.episodes.each({ ...query, limit: PAGE })) {
        episodes.push(one);
        progress.update(episodes.length, Number.isFinite(most) ? most : null);
        if (episodes.length >= most) break;
      }
      progress.end();
      return shownList(
        { episodes, next_cursor: null, degraded: false },
        "episodes",
        episodeColumns,
      );
    },
  },
  {
    name: "episode get",
    summary: "several episodes by their ids; with --format json with their steps",
    args: [["<ids...>", "the episodes"]],
    examples: [
      "memory-cli episode get ID OTHER",
      "memory-cli episode get ID OTHER --format json | jq '.episodes[].steps'",
    ],
    async run(app, ids) {
      const found = await someEpisodes(await app.memory(), ids);
      const shown = shownList(found, "episodes", episodeColumns);
      if (found.missing.length === 0) return shown;
      const missing = `There is no ${found.missing.map(safe).join(", no ")}`;
      return {
        data: found,
        text: (colors, width) => `${shown.text(colors, width)}\n${colors.yellow(missing)}`,
        exit: EXIT.not_found,
      };
    },
  },
];

/** All that exist of these, request by request. */
async function someEpisodes(memory: MemoryClient, ids: readonly string[]) {
  const found: { episodes: unknown[]; missing: string[] } = { episodes: [], missing: [] };
  let rest = [...new Set(ids)];
  while (rest.length > 0) {
    const asked = rest.slice(0, IDS_AT_ONCE);
    const { episodes, missing, remaining } = await memory.episodes.some(asked);
    found.episodes.push(...episodes);
    found.missing.push(...missing);
    rest = [...remaining, ...rest.slice(asked.length)];
  }
  return found;
}

function queryOf(values: Values): Query<"listEpisodes"> {
  const { tags, ...conditions } = conditionsOf(values);
  const [tag, ...more] = tags ?? [];
  if (more.length > 0 && tags?.some((name) => name.includes(",")))
    throw new CliError("A tag with a comma in it can only be asked for alone.");
  // One alone is asked for as it is: it may have a comma in it.
  const named = more.length > 0 ? { tags: tags?.join(",") } : { tag };
  const { filter, cursor } = values;
  return omitUndefined({
    ...conditions,
    ...named,
    filter,
    cursor,
  } as Values) as Query<"listEpisodes">;
}
