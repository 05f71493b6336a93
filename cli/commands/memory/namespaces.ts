/**
 * `namespace list`: which namespaces there are; `namespace settings`, `namespace set`: what is set
 * for one of them alone.
 *
 * @module
 */

import type { Answer, Body, MemoryClient, Query } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { CliError } from "../../exit.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import { share, whole } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { columns, shownFields, shownList } from "../../terminal/shown.ts";

type Page = Answer<"listNamespaces">;

const byOperator = (what: string): string => `${what}, by the operator`;

/** A number, or null for what the deployment is set to. */
function quota(text: string): number | null {
  return text === "default" ? null : whole(0)(text);
}

const NOTES = "It needs a key with the scope admin for that namespace.";

interface Listed {
  namespaces: Page["namespaces"];
  degraded: boolean;
}

/** All pages. */
async function namespacesOf(client: MemoryClient): Promise<Listed> {
  const list: Listed = { namespaces: [], degraded: false };
  let cursor: string | null = null;
  do {
    const query: Query<"listNamespaces"> = cursor === null ? {} : { cursor };
    const page: Page = await client.namespaces.list(query);
    list.namespaces.push(...page.namespaces);
    list.degraded ||= page.degraded;
    cursor = page.next_cursor;
  } while (cursor !== null);
  return list;
}

export const NAMESPACES: readonly CommandSpec[] = [
  {
    name: "namespace list",
    summary: "the namespaces that the key may see",
    options: [option("--all", "with the ADMIN_TOKEN: all that there are")],
    examples: [
      "memory-cli namespace list",
      "memory-cli namespace list --all --format json | jq -r '.namespaces[].name'",
    ],
    async run(app, _args, { all }) {
      const client = all === true ? await app.admin() : await app.memory();
      return shownList(await namespacesOf(client), "namespaces", columns("name", "empty"));
    },
  },
  {
    name: "namespace settings",
    summary: "what is set for the namespace",
    examples: ["memory-cli namespace settings -n my-agent"],
    notes: NOTES,
    run: async (app) => shownFields(await (await app.memory()).settings()),
  },
  {
    name: "namespace set",
    summary: "change settings of the namespace",
    options: [
      option("--recall-holdout <0..0.5>", "answer this share of the episodes nothing, by lot", {
        parse: share,
      }),
      option("--redaction <mode>", "what is done with secrets, at least as in the deployment", {
        choices: ["as_deployment", "redact", "block"],
      }),
      option("--quota-episodes <n>", byOperator("episodes that it may hold"), { parse: quota }),
      option("--quota-bytes <n>", byOperator("bytes of its episodes"), { parse: quota }),
      option("--quota-lessons <n>", byOperator("lessons that it may hold"), { parse: quota }),
    ],
    examples: [
      "memory-cli namespace set -n my-agent --recall-holdout 0.1",
      "memory-cli namespace set -n my-agent --recall-holdout 0",
      "memory-cli namespace set -n my-agent --redaction block",
      "memory-cli namespace set -n my-agent --quota-episodes 100000 --quota-bytes 2000000000",
    ],
    notes: `${NOTES} A quota is set with the ADMIN_TOKEN: 0 is none, "default" what the deployment is set to.`,
    async run(app, _args, { recallHoldout, redaction, ...quotas }) {
      const quotasSet = omitUndefined({
        quota_episodes: quotas["quotaEpisodes"],
        quota_bytes: quotas["quotaBytes"],
        quota_lessons: quotas["quotaLessons"],
      });
      const body = omitUndefined({ recall_holdout: recallHoldout, redaction, ...quotasSet });
      if (Object.keys(body).length === 0) throw new CliError("Say what to set.");
      const isOperators = Object.keys(quotasSet).length > 0;
      const memory = await (isOperators ? app.admin() : app.memory());
      return shownFields(await memory.changeSettings(body as Body<"setNamespaceSettings">));
    },
  },
];

/** The names of all namespaces in which something is. Throws where the database cannot say. */
export async function allNamespaces(app: App): Promise<string[]> {
  const { namespaces, degraded } = await namespacesOf(await app.admin());
  if (degraded) throw new CliError("The database is out of reach, so not all of them are known.");
  return namespaces.map(({ name }) => name);
}
