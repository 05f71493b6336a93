/**
 * `memory-cli usage`: which namespaces and keys use the service, and how much.
 *
 * @module
 */

import type { Answer, Query } from "../../../client/index.ts";
import { whole } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { table, type Row, type Shown } from "../../terminal/output.ts";
import { columns } from "../../terminal/shown.ts";

type Usage = Answer<"getUsage">;

const MEASURES = ["requests", "refusals", "episodes", "open_episodes", "rows", "bytes"];

const QUOTAS = ["quota_episodes", "quota_bytes"];

/** As "used/limit"; empty where there is no such quota, or it is not known. */
function withQuotas({ quotas, ...row }: Usage["namespaces"][number]): Row {
  const shown = ({ used, limit }: { used: number | null; limit: number | null }): string =>
    limit === null ? "" : `${used}/${limit}`;
  const [episodes, bytes] = quotas ? [shown(quotas.episodes), shown(quotas.bytes)] : ["", ""];
  return { ...row, quota_episodes: episodes, quota_bytes: bytes };
}

function usageShown(data: Usage): Shown {
  const { namespaces, keys, others, silent } = data;
  const withOthers = (rows: readonly Row[], first: string, rest: Row): Row[] =>
    MEASURES.some((measure) => rest[measure] !== 0)
      ? [...rows, { [first]: "(others)", ...rest }]
      : [...rows];
  return {
    data,
    text: (colors, width) => {
      const tables = [
        table(
          withOthers(namespaces.map(withQuotas), "namespace", others.namespaces),
          columns("namespace", ...MEASURES, ...QUOTAS),
          colors,
          width,
        ),
        table(
          withOthers(keys, "key", others.keys),
          columns("key", "name", ...MEASURES),
          colors,
          width,
        ),
      ];
      if (silent.length > 0)
        tables.push(
          colors.yellow(`Without the instances that do not answer: ${silent.join(", ")}`),
        );
      return tables.join("\n\n");
    },
  };
}

export const USAGE: readonly CommandSpec[] = [
  {
    name: "usage",
    summary: "which namespaces and keys use the service, and how much (RB-005)",
    options: [
      option("--over <span>", "the last hour, or day", {
        choices: ["hour", "day"],
        default: "hour",
      }),
      option("--by <measure>", "those with the most of it first", {
        choices: MEASURES,
        default: "requests",
      }),
      option("--top <n>", "so many namespaces, and keys", { parse: whole(1, 200), default: 20 }),
    ],
    examples: [
      "memory-cli usage",
      "memory-cli usage --by open_episodes --top 5",
      "memory-cli usage --over day --by bytes --format json | jq -r '.keys[0].name'",
    ],
    notes:
      "open_episodes: that run now. rows, bytes: written, each time. A key is its id; operator is the ADMIN_TOKEN, nobody has no known key.",
    async run(app, _args, { over, by, top }) {
      const query = { over, by, limit: top } as Query<"getUsage">;
      return usageShown(await (await app.admin()).call("getUsage", { query }));
    },
  },
];
