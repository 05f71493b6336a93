/**
 * What may be asked about namespaces: which there are, and their settings. The Worker evaluates
 * this file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { page } from "../fields.ts";
import { operation, type None, type Page } from "../operation.ts";
import { get, put, type RouteContract } from "../route.ts";
import type { NamespaceSettingsView, NamespaceView } from "./answers.ts";
import { NAMESPACE_SETTINGS, type NamespaceSettingChanges } from "./settings.ts";

/** Settings that are not named stay as they are. */
const settingsBody = z
  .strictObject({
    /** null: back to the default. */
    recall_holdout: NAMESPACE_SETTINGS.recall_holdout.unwrap().nullable().exactOptional(),
    redaction: NAMESPACE_SETTINGS.redaction.unwrap().nullable().exactOptional(),
    quota_episodes: NAMESPACE_SETTINGS.quota_episodes.unwrap().exactOptional(),
    quota_bytes: NAMESPACE_SETTINGS.quota_bytes.unwrap().exactOptional(),
    quota_lessons: NAMESPACE_SETTINGS.quota_lessons.unwrap().exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, "must name at least one setting")
  .meta({ minProperties: 1 });

export const NAMESPACE_ROUTES = {
  listNamespaces: get("/v1/namespaces", "read", { query: page }),
  getNamespaceSettings: get("/v1/namespace/settings", "admin"),
  setNamespaceSettings: put("/v1/namespace/settings", "admin", { body: settingsBody }),
} as const satisfies Record<string, RouteContract>;

export const NAMESPACE_OPERATIONS = {
  "namespaces.list": operation<{ limit: number; cursor: string | null }, Page<NamespaceView>>(
    "namespace",
    "read",
  ),
  "namespace.settings": operation<None, NamespaceSettingsView>("namespace", "admin"),
  "namespace.set": operation<{ changes: NamespaceSettingChanges }, NamespaceSettingsView>(
    "namespace",
    "admin",
  ),
};
