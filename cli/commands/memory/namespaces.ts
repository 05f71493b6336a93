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
import { share } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { columns, shownFields, shownList } from "../../terminal/shown.ts";

type Page = Answer<"listNamespaces">;

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
    ],
    examples: [
      "memory-cli namespace set -n my-agent --recall-holdout 0.1",
      "memory-cli namespace set -n my-agent --recall-holdout 0",
      "memory-cli namespace set -n my-agent --redaction block",
    ],
    notes: NOTES,
    async run(app, _args, { recallHoldout, redaction }) {
      const body = omitUndefined({ recall_holdout: recallHoldout, redaction });
      if (Object.keys(body).length === 0) throw new CliError("Say what to set.");
      const memory = await app.memory();
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
