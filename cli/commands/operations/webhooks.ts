/**
 * Where what happens is sent: `webhook …`.
 *
 * @module
 */

import type { Body } from "../../../client/index.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import { EXIT } from "../../exit.ts";
import { repeated, whole } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import type { Row } from "../../terminal/output.ts";
import { columns, shownFields, shownList, shownText } from "../../terminal/shown.ts";

const WEBHOOK = ["<id>", "the webhook"] as const;
const TYPES = "episode.completed, pattern.promoted, lesson.added, incident, backup";

export const WEBHOOKS: readonly CommandSpec[] = [
  {
    name: "webhook add",
    summary: "send what happens to an address",
    args: [["<url>", "a public address, with https"]],
    options: [
      option("--type <type>", `only what is of this type; again for more: ${TYPES}`, {
        parse: repeated,
      }),
      option("--namespace <name>", "only of this namespace; again for more", { parse: repeated }),
    ],
    examples: ["memory-cli webhook add https://hooks.example.com/memory --type lesson.added"],
    notes: "The secret by which a receiver knows what is ours is shown once.",
    async run(app, [url = ""], { type: types, namespace: namespaces }) {
      const body = omitUndefined({ url, types, namespaces }) as Body<"addWebhook">;
      return shownFields(await (await app.admin()).call("addWebhook", { body }));
    },
  },
  {
    name: "webhook list",
    summary: "list webhooks",
    examples: ["memory-cli webhook list"],
    run: async (app) =>
      shownList(
        await (await app.admin()).call("listWebhooks"),
        "webhooks",
        columns("id", "url", "types", "namespaces", "created_at"),
      ),
  },
  {
    name: "webhook remove",
    summary: "send nothing more to a webhook",
    args: [WEBHOOK],
    examples: ["memory-cli webhook remove ID"],
    async run(app, [id = ""]) {
      await (await app.admin()).call("removeWebhook", { params: { id } });
      return shownText({ id, removed: true }, `${id} is removed`);
    },
  },
  {
    name: "webhook test",
    summary: "send a test to a webhook, and say what came of it",
    args: [WEBHOOK],
    examples: ["memory-cli webhook test ID"],
    async run(app, [id = ""]) {
      const tested = await (await app.admin()).call("testWebhook", { params: { id } });
      const exit = tested.delivered ? EXIT.ok : EXIT.failed;
      return { ...shownFields(tested), exit };
    },
  },
  {
    name: "webhook undelivered",
    summary: "list events that were sent in vain, or send them again",
    options: [
      option("--limit <count>", "at most so many", { parse: whole(1, 200), default: 50 }),
      option("--retry", "send all of them again"),
    ],
    examples: ["memory-cli webhook undelivered --retry"],
    async run(app, _args, { limit, retry }) {
      const client = await app.admin();
      if (retry === true) return shownFields(await client.call("retryUndelivered"));
      const query = { limit: limit as number };
      const shown: readonly string[] = ["created_at", "webhook", "type", "namespace", "tries"];
      const data = await client.call("listUndelivered", { query });
      return shownList(data, "undelivered", [
        ...columns(...shown),
        ["ERROR", (row: Row) => row["error"]],
      ]);
    },
  },
];
