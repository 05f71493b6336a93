/**
 * What may be set for one namespace alone, with its bounds and defaults. The Worker evaluates this
 * file when it starts.
 *
 * @module
 */

import * as z from "zod";
import { NAMESPACE_REDACTIONS } from "../redaction.ts";
import { QUOTA_MAX, type Quota } from "./quotas.ts";

/** The largest share of a namespace's episodes that may be held out. */
const HOLDOUT_MAX = 0.5;

/** What may be set of a quota, or null for what the deployment is set to. */
const quota = (name: Quota, what: string) =>
  z
    .int()
    .min(0, `must be 0 to ${QUOTA_MAX[name]}, or null`)
    .max(QUOTA_MAX[name], `must be 0 to ${QUOTA_MAX[name]}, or null`)
    .nullable()
    .default(null)
    .meta({
      description: `${what} 0: no quota. null: as the deployment's setting quota_${name}. Only the ADMIN_TOKEN may set it`,
    });

/** Each setting with its default. Stored by these names. */
export const NAMESPACE_SETTINGS = {
  recall_holdout: z
    .number()
    .min(0, "must be 0 to 0.5")
    .max(HOLDOUT_MAX, "must be 0 to 0.5")
    .multipleOf(0.01, "must have at most two decimals")
    .default(0)
    .meta({
      description:
        "The share of episodes that by lot are answered nothing, 0…0.5: the control group that the others are compared with",
    }),
  redaction: z
    .enum(NAMESPACE_REDACTIONS, 'must be "as_deployment", "redact" or "block"')
    .default("as_deployment")
    .meta({
      description:
        "What is done with secrets in what is sent: redact: they are taken out. block: a write that holds one is refused. Never less than the deployment's setting of this name. It is in force everywhere after 10 s",
    }),
  quota_episodes: quota("episodes", "Episodes that the namespace may hold."),
  quota_bytes: quota("bytes", "Bytes of its episodes beyond which it begins none."),
  quota_lessons: quota("lessons", "Lessons that the namespace may hold."),
} as const;

/** Those that an operator alone may change: a tenant does not give itself more. */
export const OPERATORS_SETTINGS = ["quota_episodes", "quota_bytes", "quota_lessons"] as const;

export type NamespaceSettingName = keyof typeof NAMESPACE_SETTINGS;
export const NAMESPACE_SETTING_NAMES = Object.keys(NAMESPACE_SETTINGS) as NamespaceSettingName[];

/** What is in force. */
export type NamespaceSettings = {
  [N in NamespaceSettingName]: z.output<(typeof NAMESPACE_SETTINGS)[N]>;
};

/** What is to change. null: back to the default. */
export type NamespaceSettingChanges = {
  [N in NamespaceSettingName]?: NamespaceSettings[N] | null;
};

/**
 * The settings that stored values make; one that is absent, null or no longer allowed is at its
 * default.
 */
export function namespaceSettingsOf(
  stored: Readonly<Partial<Record<NamespaceSettingName, unknown>>>,
): NamespaceSettings {
  const settings: Partial<Record<NamespaceSettingName, unknown>> = {};
  for (const name of NAMESPACE_SETTING_NAMES) {
    const rule: z.ZodType = NAMESPACE_SETTINGS[name];
    const parsed = rule.safeParse(stored[name] ?? undefined);
    settings[name] = parsed.success ? parsed.data : rule.parse(undefined);
  }
  return settings as NamespaceSettings;
}
