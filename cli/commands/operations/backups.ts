/**
 * `memory-cli backup …`
 *
 * @module
 */

import type { Answer, Body } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { CliError } from "../../exit.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import { idList, whole } from "../../parse.ts";
import { option, type CommandSpec, type OptionSpec, type Values } from "../../spec.ts";
import { bytes, type Shown } from "../../terminal/output.ts";
import { columns, shownFields, shownList } from "../../terminal/shown.ts";
import { detachOption, followStarted } from "./jobs.ts";

const ID = [["<id>", "the backup"]] as const;

const restoreOptions: readonly OptionSpec[] = [
  option("--snapshot <id>", "a snapshot, with --instance"),
  option("--instance <n>", "only this instance", { parse: whole(0, 1_023) }),
  option("--episode <id>", "only this episode"),
  option("--replace", "what is not in the backup goes; otherwise it stays"),
  option("--bring-back", "what was deleted since, too"),
  option(
    "--outbox <what>",
    "what instances have not sent yet: send it afterwards, or set it aside",
    { choices: ["replay", "keep"], default: "replay" },
  ),
  option("--settings", "of a snapshot: the settings too"),
  option("--keys <ids>", "bring back these API keys, by id, with commas; no others come back", {
    parse: idList,
  }),
  option(
    "--accept-unauthenticated",
    "of a backup that BACKUP_KEY did not write, and that you know to be genuine",
  ),
  option("--dry-run", "say what would be done"),
  option("-y, --yes", "do not ask"),
  detachOption,
];

type Backup = Answer<"getBackup">;

/** Whether it was read back, and what that found. */
function verifiedText(verified: Backup["verified"]): string {
  if (verified === null) return "never";
  return verified.ok ? `whole, ${verified.at}` : `DAMAGED, ${verified.at}`;
}

async function restore(app: App, given: string | undefined, values: Values): Promise<Shown> {
  const id = given ?? (values["snapshot"] as string | undefined);
  if (id === undefined)
    throw new CliError(
      "Name the backup: memory-cli backup restore ID, or --snapshot ID --instance N",
    );
  const { instance, episode, outbox, dryRun, settings, keys } = values;
  const body = omitUndefined({
    mode: values["replace"] === true ? "replace" : "merge",
    namespace: app.options.namespace,
    episode,
    deleted: values["bringBack"] === true ? "bring_back" : "respect",
    outbox,
    instance,
    settings,
    keys,
    accept_unauthenticated: values["acceptUnauthenticated"],
    dry_run: dryRun,
  }) as Body<"restoreBackup">;
  if (dryRun !== true) await app.confirm(`Restore the backup ${id}?`, values["yes"] === true);
  const job = await (await app.admin()).call("restoreBackup", { params: { id }, body });
  return followStarted(app, job, values["detach"] === true);
}

export const BACKUPS: readonly CommandSpec[] = [
  {
    name: "backup create",
    summary: "take a backup now (RB-003)",
    options: [
      option("--kind <kind>", "which", {
        choices: ["full", "incremental", "snapshot"],
        default: "full",
      }),
      option("--days <count>", "of a full one: only what began in the last so many days", {
        parse: whole(1, 3_650),
      }),
      detachOption,
    ],
    examples: ["memory-cli backup create", "memory-cli backup create --kind snapshot --detach"],
    notes: "With -n only that namespace, of a full one.",
    async run(app, _args, { kind, days, detach }) {
      const { namespace } = app.options;
      const body = omitUndefined({ kind, window_days: days, namespace }) as Body<"createBackup">;
      const job = await (await app.admin()).call("createBackup", { body });
      return followStarted(app, job, detach === true);
    },
  },
  {
    name: "backup list",
    summary: "list backups, newest first",
    options: [option("--limit <count>", "at most so many", { parse: whole(1, 500) })],
    examples: [
      "memory-cli backup list",
      "memory-cli backup list --format json | jq -r '.backups[0].id'",
    ],
    async run(app, _args, { limit }) {
      const query = limit === undefined ? {} : { limit: Number(limit) };
      return shownList(await (await app.admin()).call("listBackups", { query }), "backups", [
        ...columns("id", "kind", "authentic"),
        ["VERIFIED", ({ verified }) => verifiedText(verified as Backup["verified"])],
        ...columns("started_at", "rows"),
        ["SIZE", ({ stored_bytes }) => bytes(Number(stored_bytes))],
        ...columns("parent"),
      ]);
    },
  },
  {
    name: "backup view",
    summary: "view a backup's manifest",
    args: ID,
    examples: ["memory-cli backup view ID"],
    run: async (app, [id = ""]) =>
      shownFields(await (await app.admin()).call("getBackup", { params: { id } })),
  },
  {
    name: "backup verify",
    summary: "prove a backup: every count and every checksum",
    args: ID,
    options: [detachOption],
    examples: ["memory-cli backup verify ID"],
    async run(app, [id = ""], { detach }) {
      const job = await (await app.admin()).call("verifyBackup", { params: { id } });
      return followStarted(app, job, detach === true);
    },
  },
  {
    name: "backup restore",
    summary: "restore a backup, or part of it (RB-003)",
    args: [["[id]", "the backup"]],
    options: restoreOptions,
    examples: [
      "memory-cli backup restore ID --dry-run",
      "memory-cli backup restore ID -n my-agent --yes",
      "memory-cli backup restore --snapshot ID --instance 2 --yes",
    ],
    notes:
      "With -n only that namespace. It is verified against the manifest before anything is touched; a repetition changes nothing.",
    run: (app, [id], values) => restore(app, id, values),
  },
  {
    name: "backup rewrap",
    summary: "wrap the keys of backups by the newest BACKUP_KEY (RB-003)",
    args: [["[id]", "this backup alone"]],
    options: [detachOption],
    examples: ["memory-cli backup rewrap"],
    notes: "Reads no data. Afterwards the old key can be dropped, and what it wrote is read still.",
    async run(app, [id], { detach }) {
      const body = omitUndefined({ backup: id });
      const job = await (await app.admin()).call("rewrapBackups", { body });
      return followStarted(app, job, detach === true);
    },
  },
  {
    name: "backup delete",
    summary: "delete a backup that nothing needs",
    args: ID,
    options: [option("-y, --yes", "do not ask"), detachOption],
    examples: ["memory-cli backup delete ID --yes"],
    async run(app, [id = ""], { yes, detach }) {
      await app.confirm(`Delete the backup ${id}?`, yes === true);
      const job = await (await app.admin()).call("deleteBackup", { params: { id } });
      return followStarted(app, job, detach === true);
    },
  },
  {
    name: "backup drill",
    summary: "restore the newest chain into a scratch place and compare",
    options: [detachOption],
    examples: ["memory-cli backup drill"],
    run: async (app, _args, { detach }) =>
      followStarted(app, await (await app.admin()).call("drillRestore"), detach === true),
  },
];
