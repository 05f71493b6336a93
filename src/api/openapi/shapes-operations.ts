/**
 * What those who run the service are answered, as schemas.
 *
 * @module
 */

import * as z from "zod";
import type {
  AuditEntry,
  BreakerView,
  DeadLetterView,
  DrainView,
  ClusterView,
  InstanceView,
  KeyView,
  MigrationsView,
  MigrationView,
  ModeView,
} from "../../contract/operations.ts";
import { SETTING_NAMES, SETTINGS, type SettingRule } from "../../contract/settings.ts";
import { count, named, same, time } from "./component.ts";

export const alive = z.object({ status: z.literal("alive") });

export const key = named(
  "Key",
  same<KeyView>()(
    z.object({
      id: z.string(),
      name: z.string(),
      scopes: z.array(z.enum(["read", "write", "admin", "metrics"])),
      namespaces: z.array(z.string()).describe('Names, or "*" for all'),
      default_namespace: z.string(),
      created_at: time,
      expires_at: time.nullable(),
      revoked_at: time.nullable(),
    }),
  ),
);
export const keyMade = z.object({
  ...key.shape,
  key: z.string().describe("The secret; it is shown once"),
});
export const keys = z.object({ keys: z.array(key) });

const audit = same<AuditEntry>()(
  z.object({ at: time, by: z.string(), what: z.string(), from: z.unknown(), to: z.unknown() }),
);

/** A setting's value, with its bounds. */
function settingValue(rule: SettingRule): z.ZodType {
  if (rule.type === "boolean") return z.boolean();
  if (rule.type === "choice") return z.enum(rule.choices);
  const number = rule.type === "integer" ? z.number().int() : z.number();
  return number.min(rule.min).max(rule.max);
}

function settingView(rule: SettingRule): z.ZodType {
  const common = {
    value: settingValue(rule),
    source: z.enum(["override", "deployment", "default"]),
    type: z.literal(rule.type),
    default: settingValue(rule),
    meaning: z.string(),
  };
  if (rule.type === "boolean") return z.object(common);
  if (rule.type === "choice") return z.object({ ...common, choices: z.array(z.string()) });
  return z.object({ ...common, min: z.number(), max: z.number(), unit: z.string() });
}

export const config = named(
  "Config",
  z.object({
    version: count,
    settings: z.object(
      Object.fromEntries(SETTING_NAMES.map((name) => [name, settingView(SETTINGS[name])])),
    ),
    audit: z.array(audit).describe("Newest first"),
  }),
);
/** What `PUT /admin/config` takes, with the bounds that each setting has. */
export const configChanges = z.strictObject({
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

const mode = same<ModeView>()(z.object({ message: z.string(), since: time, by: z.string() }));
const breaker = named(
  "CircuitBreaker",
  same<BreakerView>()(
    z.object({
      state: z.enum(["closed", "open", "half_open", "forced_open", "disabled"]),
      until: time.nullable().describe("Of a forced state"),
      reason: z.string().nullable(),
      calls: count,
      failed: count,
      slow: count,
    }),
  ),
);
const background = z.object({
  tasks: z
    .object({ pending: count, dead: count, last_error: z.string().nullable() })
    .describe(
      "What namespaces' homes must still be told; dead: given up, see GET /admin/outbox/dead",
    ),
  loading: z
    .object({ namespaces: count, since: time.nullable(), last_error: z.string().nullable() })
    .describe("Namespaces that are being loaded from the database"),
  handover: z
    .object({ failing: count, last_error: z.string().nullable() })
    .describe("What cannot be handed over to its new instance"),
  failing: z
    .array(z.object({ part: z.string(), failures: count, since: time, error: z.string() }))
    .describe("Parts of the alarm that failed several times in a row"),
});
const instance = same<InstanceView>()(
  z.object({
    instance: count,
    control_version: count,
    topology_version: count,
    active_episodes: count,
    oldest_active_at: time.nullable(),
    cached_episodes: count,
    cached_bytes: count,
    outbox: z.object({
      rows: count,
      bytes: count,
      dead: count,
      oldest_at: time.nullable(),
      last_error: z.string().nullable(),
    }),
    breakers: z.object({ turso: breaker, r2: breaker }),
    connections: z.object({ in_use: count, waiting: count, limit: count }),
    in_flight: count,
    storage_bytes: count,
    moving: z.boolean().describe("Units of an earlier topology still live here"),
    background: background
      .optional()
      .describe("What it does in its alarm; absent from an earlier version"),
  }),
);
const instances = z
  .array(z.union([instance, z.object({ instance: count, error: z.string() })]))
  .describe("An instance that does not answer says why instead");
export const fleet = named(
  "Fleet",
  same<ClusterView>()(
    z.object({
      topology: z.object({ version: count, count, previous: count.nullable() }),
      maintenance: mode.nullable(),
      degraded: mode.nullable(),
      fleet_down_until: z.object({ turso: time.nullable(), r2: time.nullable() }),
      instances,
    }),
  ),
);
export const drain = named(
  "Drain",
  same<DrainView>()(
    z.object({
      drained: z.boolean(),
      waited_ms: z.number(),
      active_episodes: count,
      unsent_rows: count,
      message: z.string(),
      instances,
    }),
  ),
);
const migration = named(
  "Migration",
  same<MigrationView>()(
    z.object({
      version: count,
      name: z.string(),
      kind: z
        .enum(["expand", "contract"])
        .nullable()
        .describe(
          "expand: applied on the first connection. contract: applied by an operator. null: of a later release",
        ),
      state: z
        .enum(["applied", "started", "pending"])
        .describe("started: some statements were applied, and a run goes on with the next one"),
      checksum: z.string().nullable().describe("SHA-256 of its text in this release"),
      applied_checksum: z.string().nullable().describe("SHA-256 of its text when it was applied"),
      applied_at: time.nullable(),
      sql: z.array(z.string()).describe("The statements that are not applied yet, in order"),
    }),
  ),
);
export const migrations = named(
  "Migrations",
  same<MigrationsView>()(
    z.object({
      schema_version: count.describe("The highest version that the database has"),
      needed_version: count.describe("The version that this release needs"),
      problems: z.array(z.string()),
      lease: z
        .object({ holder: z.string(), until: time })
        .nullable()
        .describe("Who executes migrations now"),
      migrations: z.array(migration),
      executed: z.boolean(),
      applied: z.array(count).describe("The versions that this request applied"),
      backup: z.string().nullable().describe("The backup that was taken first"),
    }),
  ),
);
export const synced = z.object({ namespaces: z.array(z.string()) });
const deadLetter = named(
  "DeadLetter",
  same<DeadLetterView>()(
    z.object({
      instance: count,
      table: z.string(),
      key: z.array(z.union([z.string(), z.number()])),
      reason: z.string(),
      detail: z.string(),
      parked_at: time,
      tries: count,
    }),
  ),
);
export const deadLetters = z.object({ dead_letters: z.array(deadLetter) });
export const retried = z.object({ retried: count });
