/**
 * `namespace settings`, `namespace set`: what is set for one namespace alone.
 *
 * @module
 */

import type { Body } from "../../../client/index.ts";
import { CliError } from "../../exit.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import { share } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { shownFields } from "../../terminal/shown.ts";

const NOTES = "It needs a key with the scope admin for that namespace.";

export const NAMESPACES: readonly CommandSpec[] = [
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
