/**
 * What operators are answered about settings and instances, and what the document says of these
 * routes. The Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { count, flag, named, text, textOrNull, texts, time, timeOrNull } from "../answer-fields.ts";
import type { RouteDocs } from "../route.ts";
import { SETTING_NAMES, SETTINGS, type SettingName, type SettingRule } from "../settings.ts";
import type { CLUSTER_ROUTES } from "./requests.ts";

const audit = z.object({
  at: time,
  by: text,
  what: text,
  from: z.unknown(),
  to: z.unknown(),
});
export type AuditEntry = z.infer<typeof audit>;

const auditPage = z.object({
  audit: z.array(audit).describe("Newest first"),
  next_cursor: textOrNull.describe("null: the last page"),
});
export type AuditView = z.infer<typeof auditPage>;

/** A setting's value, with its bounds. */
function settingValue(rule: SettingRule): z.ZodType {
  if (rule.type === "boolean") return flag;
  if (rule.type === "choice") return z.enum(rule.choices);
  const number = rule.type === "integer" ? z.number().int() : z.number();
  return number.min(rule.min).max(rule.max);
}

type SettingView = {
  value: number | boolean | string;
  source: "override" | "deployment" | "default";
} & SettingRule;

function settingView(rule: SettingRule): z.ZodType {
  const common = {
    value: settingValue(rule),
    source: z.enum(["override", "deployment", "default"]),
    type: z.literal(rule.type),
    default: settingValue(rule),
    meaning: text,
  };
  if (rule.type === "boolean") return z.object(common);
  if (rule.type === "choice") return z.object({ ...common, choices: texts });
  return z.object({ ...common, min: z.number(), max: z.number(), unit: text });
}

/** Whose something is, by its mark. */
const owned = z.object({
  state: z
    .enum(["own", "unmarked", "foreign", "unknown"])
    .describe("foreign: another deployment's. unknown: it cannot be read now"),
  deployment: textOrNull.describe("Whose mark it has"),
  since: timeOrNull,
  problem: textOrNull.describe(
    "Why it cannot be read; of another's, that its objects are in another jurisdiction",
  ),
});
export type OwnedView = z.infer<typeof owned>;

const deployment = named(
  "Deployment",
  z.object({
    id: text,
    database: owned.extend({
      last_write_at: timeOrNull.describe("When any deployment last wrote to it"),
    }),
    bucket: owned,
  }),
);
export type DeploymentView = z.infer<typeof deployment>;

const config = named(
  "Config",
  z.object({
    version: count,
    settings: z.object(
      Object.fromEntries(
        SETTING_NAMES.map((name) => [name, settingView(SETTINGS[name])]),
      ) as Record<SettingName, z.ZodType<SettingView>>,
    ),
    audit: z
      .array(audit)
      .describe(
        "The newest 100, newest first, without OAuth grants: all of it is `GET /admin/audit`",
      ),
  }),
);
export type ConfigView = z.infer<typeof config>;

/** What `PUT /admin/config` takes, with the bounds that each setting has. */
const configChanges = z.strictObject({
  settings: z
    .strictObject(
      Object.fromEntries(
        SETTING_NAMES.map((name) => [
          name,
          settingValue(SETTINGS[name]).nullable().optional().describe(SETTINGS[name].meaning),
        ]),
      ),
    )
    .describe("At least one; null: back to the default")
    .meta({ minProperties: 1 }),
});

const mode = z.object({
  message: text,
  since: time,
  by: text,
  until: timeOrNull.optional().describe("When it ends by itself; null: when it is ended"),
});
export type ModeView = z.infer<typeof mode>;

const breaker = named(
  "CircuitBreaker",
  z.object({
    state: z.enum(["closed", "open", "half_open", "forced_open", "disabled"]),
    until: timeOrNull.describe(
      "Of an open or a forced state; null: nobody knows, or until it is reset",
    ),
    reason: textOrNull.describe("Why it is open, or was forced"),
    calls: count.describe("Those in its window; while it is open, those that opened it"),
    failed: count,
    slow: count,
  }),
);
export type BreakerView = z.infer<typeof breaker>;

/** What an instance does in its alarm, and how that goes. */
const background = z.object({
  tasks: z
    .object({ pending: count, dead: count, last_error: textOrNull })
    .describe(
      "What the homes of namespaces must still learn or forget; dead: given up, see GET /admin/outbox/dead",
    ),
  loading: z
    .object({ namespaces: count, since: timeOrNull, last_error: textOrNull })
    .describe("Namespaces that are being loaded from the database"),
  handover: z
    .object({ failing: count, last_error: textOrNull })
    .describe("Shards that cannot be handed over to their new instance"),
  unpublished: z
    .object({ changes: count, last_error: textOrNull })
    .optional()
    .describe("Checkpoints whose patterns the database's table of patterns does not show yet"),
  failing: z
    .array(z.object({ part: text, failures: count, since: time, error: text }))
    .describe("Parts of the alarm that failed several times in a row"),
});
export type BackgroundView = z.infer<typeof background>;

const instance = z.object({
  instance: count,
  release: text.optional().describe("The version that it runs; absent from an earlier version"),
  control_version: count,
  topology_version: count,
  active_episodes: count,
  oldest_active_at: timeOrNull,
  cached_episodes: count,
  cached_bytes: count,
  outbox: z.object({
    rows: count,
    bytes: count,
    dead: count,
    oldest_at: timeOrNull,
    last_error: textOrNull,
  }),
  breakers: z.object({ turso: breaker, r2: breaker }),
  connections: z.object({ in_use: count, waiting: count, limit: count }),
  in_flight: count,
  storage_bytes: count,
  moving: flag.describe("Shards of an earlier topology are still here"),
  background: background
    .optional()
    .describe("What it does in its alarm; absent from an earlier version"),
});
export type InstanceView = z.infer<typeof instance>;

export const instances = z
  .array(z.union([instance, z.object({ instance: count, error: text })]))
  .describe("An instance that does not answer says why instead");

/** By the objects' names. */
export const bookmarks = z
  .record(text, text)
  .optional()
  .describe(
    "Where each object's storage was before it, for the platform's point-in-time recovery; absent where the platform has none",
  );
export type Bookmarks = NonNullable<z.infer<typeof bookmarks>>;

export const cluster = named(
  "Fleet",
  z.object({
    topology: z.object({ version: count, count, previous: count.nullable() }),
    maintenance: mode.nullable(),
    degraded: mode.nullable(),
    fleet_down_until: z.object({ turso: timeOrNull, r2: timeOrNull }),
    instances,
    bookmarks,
  }),
);
export type ClusterView = z.infer<typeof cluster>;

export const instancesNow = [
  { status: 200, description: "The instances as they are now", schema: cluster },
] as const;

export const CLUSTER_DOCS: RouteDocs<typeof CLUSTER_ROUTES> = {
  getConfig: {
    tag: "Settings",
    summary: "Settings with their bounds and their history",
    answers: [{ status: 200, description: "The settings", schema: config }],
  },
  setConfig: {
    tag: "Settings",
    summary: "Change settings while the service runs",
    description:
      "All or nothing; every instance has them when this answers. `X-Actor` names who did it.",
    body: configChanges,
    examples: {
      cache: { summary: "A larger cache", body: { settings: { cache_max_size: 2_000 } } },
    },
    answers: [{ status: 200, description: "The settings", schema: config }],
  },
  listAudit: {
    tag: "Settings",
    summary: "Who changed what, and when",
    description:
      "Settings, modes, keys, webhooks, jobs, OAuth grants. The newest 10,000 entries are kept; beside them 10,000 about grants, of which 100 of each key.",
    queryExample: { limit: 50 },
    answers: [{ status: 200, description: "The audit, a page of it", schema: auditPage }],
  },
  setMaintenance: {
    tag: "Modes",
    summary: "Maintenance on or off",
    description:
      "New episodes get 503 with the message; running ones go on, and reads too. With `ttl_seconds` it ends by itself.",
    examples: {
      off: { summary: "Off", body: { enabled: false, message: "" } },
      forAnHour: {
        summary: "On, for an hour",
        body: { enabled: true, message: "We move house.", ttl_seconds: 3_600 },
      },
    },
    answers: instancesNow,
  },
  setDegraded: {
    tag: "Modes",
    summary: "Degraded mode on or off",
    description:
      "The database is spared: reads from the instances, writes into their outboxes. With `ttl_seconds` it ends by itself.",
    examples: {
      off: { summary: "Off", body: { enabled: false, message: "" } },
      forAnHour: {
        summary: "On, for an hour",
        body: { enabled: true, message: "The database is slow.", ttl_seconds: 3_600 },
      },
    },
    answers: instancesNow,
  },
  resetBreaker: {
    tag: "Circuit breaker",
    summary: "Close the circuit breaker",
    examples: { all: { summary: "At every instance", body: { backend: "turso" } } },
    answers: instancesNow,
  },
  openBreaker: {
    tag: "Circuit breaker",
    summary: "Force the circuit breaker open, for a drill",
    examples: {
      all: {
        summary: "At every instance",
        body: { backend: "turso", ttl_seconds: 600, reason: "drill" },
      },
    },
    answers: instancesNow,
  },
  disableBreaker: {
    tag: "Circuit breaker",
    summary: "Let everything pass the circuit breaker",
    examples: {
      all: {
        summary: "At every instance",
        body: { backend: "turso", ttl_seconds: 600, reason: "drill" },
      },
    },
    answers: instancesNow,
  },
  listInstances: {
    tag: "Instances",
    summary: "The state of each instance",
    answers: instancesNow,
  },
  resizeFleet: {
    tag: "Instances",
    summary: "Change the number of instances",
    description:
      "Nothing is lost and nothing stale is served: what moves is handed over before it is served.",
    examples: { two: { summary: "Two", body: { count: 2 } } },
    answers: instancesNow,
    errors: ["conflict"],
  },
  getDeployment: {
    tag: "Instances",
    summary: "Whose the database and the bucket are",
    description:
      "A deployment marks them as its own with its first write. What another has marked is not written to, and the database not read, until it is taken over.",
    answers: [{ status: 200, description: "The deployment and the marks", schema: deployment }],
  },
  takeOverDeployment: {
    tag: "Instances",
    summary: "Take the database and the bucket over from another deployment",
    description:
      "The other one stops writing by its next batch. What this one holds unsent is sent; what it knew of the database it reads again.",
    examples: {
      other: {
        summary: "From the deployment that GET names",
        body: { from: "4f0c8a9e-0000-4000-8000-000000000000" },
      },
    },
    answers: [{ status: 200, description: "The deployment and the marks", schema: deployment }],
    errors: ["conflict", "database_unavailable"],
  },
};
