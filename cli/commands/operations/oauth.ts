/**
 * What people granted to apps that connected by OAuth: `oauth …`.
 *
 * @module
 */

import type { Query } from "../../../client/index.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import { whole } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { cell, type Row } from "../../terminal/output.ts";
import { shownList, shownText } from "../../terminal/shown.ts";

const day = (time: unknown): string => (time === null ? "" : cell(time).slice(0, 10));

export const OAUTH: readonly CommandSpec[] = [
  {
    name: "oauth list",
    summary: "list what people granted to apps, without tokens",
    options: [
      option("--key <id>", "only what was granted with this key: its id, not the key"),
      option("--client <id>", "only to this app: its id, which may be an address"),
      option("--limit <count>", "at most so many", { parse: whole(1, 200), default: 50 }),
      option("--cursor <cursor>", "go on from there"),
    ],
    examples: [
      "memory-cli oauth list",
      "memory-cli oauth list --key ID --format json | jq -r '.grants[].id'",
    ],
    notes: "A page of one app may be empty and not the last: go on with --cursor.",
    async run(app, _args, { key: key_id, client: client_id, limit, cursor }) {
      const query = omitUndefined({ key_id, client_id, limit, cursor }) as Query<"listGrants">;
      return shownList(await (await app.admin()).call("listGrants", { query }), "grants", [
        ["ID", (row: Row) => row["id"]],
        ["KEY", (row) => row["key_name"] ?? row["key_id"]],
        ["APP", (row) => row["client_name"] || row["client_id"]],
        ["NAMESPACE", (row) => row["namespace"]],
        ["SCOPES", (row) => (row["scopes"] as string[]).join(" ")],
        ["ACTIVE", (row) => row["active"]],
        ["CREATED", (row) => day(row["created_at"])],
        [
          "TOKEN",
          (row) => (row["last_token_at"] === null ? "" : cell(row["last_token_at"]).slice(0, 13)),
        ],
        ["EXPIRES", (row) => day(row["expires_at"])],
      ]);
    },
  },
  {
    name: "oauth revoke",
    summary: "take back what was granted to an app; its tokens end within about a minute",
    args: [["<id>", "the grant's, as the list has it"]],
    options: [option("-y, --yes", "do not ask")],
    examples: ["memory-cli oauth revoke ID --yes"],
    async run(app, [id = ""], { yes }) {
      await app.confirm(`Take the grant ${id} back?`, yes === true);
      await (await app.admin()).call("revokeGrant", { params: { id } });
      return shownText({ id, revoked: true }, `${id} is revoked`);
    },
  },
];
