/**
 * `namespace list`; `namespace settings`, `namespace set`: what is set for one namespace alone.
 *
 * @module
 */

import type { Body } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { CliError } from "../../exit.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import { share } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { shownFields, shownText } from "../../terminal/shown.ts";

const NOTES = "It needs a key with the scope admin for that namespace.";

export const NAMESPACES: readonly CommandSpec[] = [
  {
    name: "namespace list",
    summary: "the names of all namespaces",
    examples: ["memory-cli namespace list"],
    notes:
      "It needs the ADMIN_TOKEN, and shows what the database has: memory-cli storage flush before.",
    async run(app) {
      const namespaces = await allNamespaces(app);
      return shownText({ namespaces }, namespaces.join("\n"));
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

/** Names that are asked for at once. */
const PAGE = 1_000;

/** The names of all namespaces that the database has something of. */
export async function allNamespaces(app: App): Promise<string[]> {
  const admin = await app.admin();
  const names: string[] = [];
  for (let after: string | undefined; ;) {
    const query = omitUndefined({ limit: PAGE, after });
    const { namespaces, next_after } = await admin.call("listNamespaces", { query });
    names.push(...namespaces);
    if (next_after === null) return names;
    after = next_after;
  }
}
