/**
 * `memory-cli key …`
 *
 * @module
 */

import type { Body } from "../../../client/index.ts";
import { CliError } from "../../exit.ts";
import { repeated, time } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { cell } from "../../terminal/output.ts";
import { shownFields, shownList, shownText } from "../../terminal/shown.ts";

export const KEYS: readonly CommandSpec[] = [
  {
    name: "key create",
    summary: "make a key; it is shown once",
    options: [
      option("--name <name>", "whose it is", { required: true }),
      option("--scope <scope>", "what it may; again for more (default: read and write)", {
        choices: ["read", "write", "admin"],
        parse: repeated,
      }),
      option(
        "--allow <namespace>",
        "where it may, * for everywhere; again for more (default: that of -n)",
        {
          parse: repeated,
        },
      ),
      option("--expires-in <time>", '"90d"; never when not given', { parse: time }),
    ],
    examples: [
      "memory-cli key create --name agent -n my-agent",
      "memory-cli key create --name ci --scope read --allow staging --expires-in 90d",
      "memory-cli key create --name agent -n a --format json | jq -r .key",
    ],
    async run(app, _args, { name, scope, allow, expiresIn }) {
      const own = app.target.namespace;
      const namespaces = (allow as string[] | undefined) ?? (own === undefined ? undefined : [own]);
      if (namespaces === undefined)
        throw new CliError("Say where it may be used: --allow NAMESPACE, or -n NAMESPACE");
      const body = {
        name,
        scopes: scope ?? ["read", "write"],
        namespaces,
        ...(typeof expiresIn === "number"
          ? { expires_at: new Date(Date.now() + expiresIn).toISOString() }
          : {}),
      } as Body<"createKey">;
      const made = await (await app.admin()).call("createKey", { body });
      return shownText(
        made,
        (colors) =>
          `${colors.bold(made.key)}\n${colors.dim(`id ${made.id}, ${made.scopes.join("+")} in ${made.namespaces.join(", ")}. It is not shown again.`)}`,
      );
    },
  },
  {
    name: "key list",
    summary: "list keys, without their secrets",
    examples: ["memory-cli key list"],
    run: async (app) =>
      shownList(await (await app.admin()).call("listKeys"), "keys", [
        ["ID", (row) => row["id"]],
        ["NAME", (row) => row["name"]],
        ["SCOPES", (row) => (row["scopes"] as string[]).join(" ")],
        ["NAMESPACES", (row) => (row["namespaces"] as string[]).join(" ")],
        [
          "USED",
          (row) => (row["last_used_at"] === null ? "" : cell(row["last_used_at"]).slice(0, 13)),
        ],
        ["CREATED", (row) => String(row["created_at"]).slice(0, 10)],
        [
          "EXPIRES",
          (row) => (row["expires_at"] === null ? "never" : cell(row["expires_at"]).slice(0, 10)),
        ],
        [
          "REVOKED",
          (row) => (row["revoked_at"] === null ? "" : cell(row["revoked_at"]).slice(0, 10)),
        ],
      ]),
  },
  {
    name: "key rotate",
    summary: "replace a key by one that may the same; it is shown once",
    args: [["<id>", "its id, not the key"]],
    options: [
      option("--overlap <time>", '"1d"; for so long both work, at most 30d', {
        parse: time,
        default: 86_400_000,
      }),
      option("-y, --yes", "do not ask"),
    ],
    examples: [
      "memory-cli key rotate ID --overlap 7d",
      "memory-cli key rotate ID --overlap 1h --yes --format json | jq -r .key",
    ],
    async run(app, [id = ""], { overlap, yes }) {
      await app.confirm(`Replace the key ${id}?`, yes === true);
      const body = { overlap_seconds: Math.round(Number(overlap) / 1_000) };
      const made = await (await app.admin()).call("rotateKey", { params: { id }, body });
      return shownText(
        made,
        (colors) =>
          `${colors.bold(made.key)}\n${colors.dim(`id ${made.id}, in the place of ${id}. It is not shown again.`)}`,
      );
    },
  },
  {
    name: "key revoke",
    summary: "revoke a key; every instance knows when this ends",
    args: [["<id>", "its id, not the key"]],
    options: [option("-y, --yes", "do not ask")],
    examples: ["memory-cli key revoke ID --yes"],
    async run(app, [id = ""], { yes }) {
      await app.confirm(`Revoke the key ${id}?`, yes === true);
      return shownFields(await (await app.admin()).call("revokeKey", { params: { id } }));
    },
  },
];
