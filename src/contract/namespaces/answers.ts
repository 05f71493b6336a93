/**
 * What is answered about namespaces and their settings, and what the document says of their routes.
 * The Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { count, flag, named, page, share, text, written } from "../answer-fields.ts";
import { NAMESPACE_REDACTIONS } from "../redaction.ts";
import type { RouteDocs } from "../route.ts";
import type { NAMESPACE_ROUTES } from "./requests.ts";

const ownQuota = count
  .nullable()
  .describe("The namespace's own quota; 0: none; null: the deployment's setting of this name");

const settings = named(
  "NamespaceSettings",
  z.object({
    namespace: text,
    settings: z
      .object({
        recall_holdout: share.describe("The share of episodes that are answered nothing"),
        redaction: z
          .enum(NAMESPACE_REDACTIONS)
          .describe("What is done with secrets, where that is more than the deployment does"),
        quota_episodes: ownQuota,
        quota_bytes: ownQuota,
        quota_lessons: ownQuota,
      })
      .describe("What is in force, defaults included"),
  }),
);
export type NamespaceSettingsView = z.infer<typeof settings>;
const settingsWritten = z.object({ ...settings.shape, ...written });

const namespace = named(
  "Namespace",
  z.object({
    name: text,
    empty: flag.describe("Nothing was stored in it yet; only namespaces that the key names are"),
  }),
);
export type NamespaceView = z.infer<typeof namespace>;

export const NAMESPACE_DOCS: RouteDocs<typeof NAMESPACE_ROUTES> = {
  listNamespaces: {
    tag: "Namespaces",
    summary: "List the namespaces that the key may see",
    description:
      "Of a key that names its namespaces, those; of one that may see all of them, and of the ADMIN_TOKEN, those that hold an episode, a lesson or a setting. By name.",
    answers: [
      { status: 200, description: "A page of them", schema: page("namespaces", namespace) },
    ],
  },
  getNamespaceSettings: {
    tag: "Namespaces",
    summary: "View the settings of the namespace",
    answers: [{ status: 200, description: "The settings", schema: settings }],
    errors: ["database_unavailable"],
  },
  setNamespaceSettings: {
    tag: "Namespaces",
    summary: "Change settings of the namespace",
    description:
      "Settings that are not named stay as they are; null is the default. `recall_holdout` answers that share of episodes nothing, by lot, so that `GET /v1/stats` can say what the memory is worth. `redaction` asks that secrets are taken out, or a write that holds one refused, where the deployment does less. `quota_episodes`, `quota_bytes` and `quota_lessons` are the operator's: with a key they are refused, 403.",
    examples: {
      holdout: { summary: "One episode in ten", body: { recall_holdout: 0.1 } },
      secrets: { summary: "No write that holds a secret", body: { redaction: "block" } },
      off: { summary: "No hold-out", body: { recall_holdout: 0 } },
    },
    answers: [{ status: 200, description: "The settings now", schema: settingsWritten }],
    errors: ["database_unavailable"],
  },
};
