/**
 * `memory-cli filter …`: filters of lists that a namespace keeps under a name.
 *
 * @module
 */

import type { CommandSpec } from "../../../spec.ts";
import { CliError } from "../../../exit.ts";
import { shownFields, shownList, shownText } from "../../../terminal/shown.ts";
import { conditionOptions, conditionsOf } from "./conditions.ts";

const NAME = [["<name>", "the filter"]] as const;

export const FILTERS: readonly CommandSpec[] = [
  {
    name: "filter list",
    summary: "the filters that the namespace keeps",
    examples: ["memory-cli filter list"],
    run: async (app) =>
      shownList(await (await app.memory()).filters.list(), "filters", [
        ["NAME", (row) => row["name"]],
        ["CHANGED", (row) => row["updated_at"]],
        ["FILTER", (row) => JSON.stringify(row["filter"])],
      ]),
  },
  {
    name: "filter save",
    summary: "keep a filter under a name, for `episode list --filter`",
    args: NAME,
    options: conditionOptions,
    examples: ["memory-cli filter save failed-vip --outcome failure --tag vip --sort=-ended_at"],
    notes: "--since is kept as the moment that it means now.",
    async run(app, [name = ""], values) {
      const filter = conditionsOf(values);
      if (Object.keys(filter).length === 0) throw new CliError("Say what it lets through.");
      return shownFields(await (await app.memory()).filters.save(name, filter));
    },
  },
  {
    name: "filter remove",
    summary: "forget a filter",
    args: NAME,
    examples: ["memory-cli filter remove failed-vip"],
    async run(app, [name = ""]) {
      await (await app.memory()).filters.remove(name);
      return shownText({ name, removed: true }, `${name} is kept no more`);
    },
  },
];
