/**
 * Every setting that an operator may change at run time, with its bounds. Defaults come from here,
 * or from a variable of the same name in capitals; `PUT /admin/config` overrides both without a
 * deploy.
 *
 * @module
 */

import { LIMITS } from "./limits.ts";
import { QUOTA_MAX } from "./namespaces/quotas.ts";
import { REDACTION_MODES } from "./redaction.ts";

interface NumberRule {
  type: "integer" | "number";
  default: number;
  min: number;
  max: number;
  unit: string;
  meaning: string;
}
interface FlagRule {
  type: "boolean";
  default: boolean;
  meaning: string;
}
interface ChoiceRule {
  type: "choice";
  default: string;
  choices: readonly string[];
  meaning: string;
}
export type SettingRule = NumberRule | FlagRule | ChoiceRule;

const integer = (value: number, min: number, max: number, unit: string, meaning: string) =>
  ({ type: "integer", default: value, min, max, unit, meaning }) as const;
const number = (value: number, min: number, max: number, unit: string, meaning: string) =>
  ({ type: "number", default: value, min, max, unit, meaning }) as const;
const flag = (value: boolean, meaning: string) =>
  ({ type: "boolean", default: value, meaning }) as const;

export const SETTINGS = {
  cache_max_size: integer(5_000, 1, 100_000, "episodes", "Ended episodes that an instance keeps."),
  cache_max_bytes: integer(
    268_435_456,
    65_536,
    8_589_934_592,
    "bytes",
    "Bytes of the episodes that an instance keeps; what runs or is unsent stays beyond it.",
  ),
  cache_ttl_seconds: integer(
    86_400,
    1,
    31_536_000,
    "s",
    "After this an ended episode is read from the database again.",
  ),
  namespace_episodes_max: integer(
    100_000,
    10,
    1_000_000,
    "episodes",
    "Ended episodes that a namespace recalls and learns from; the least relevant beyond it are forgotten.",
  ),
  quota_episodes: integer(
    0,
    0,
    QUOTA_MAX.episodes,
    "episodes",
    "Episodes that a namespace may hold: one more is refused. 0: any number.",
  ),
  quota_bytes: integer(
    0,
    0,
    QUOTA_MAX.bytes,
    "bytes",
    "Bytes of episodes with their steps, as JSON, beyond which a namespace begins none. 0: any number.",
  ),
  quota_lessons: integer(
    0,
    0,
    QUOTA_MAX.lessons,
    "lessons",
    "Lessons that a namespace may hold: one more is refused. 0: as many as the service takes.",
  ),
  knowledge_cache_bytes: integer(
    50_331_648,
    1_048_576,
    83_886_080,
    "bytes",
    "Memory of what an instance has learned that is kept for the next question.",
  ),
  derived_flush_seconds: integer(
    300,
    1,
    86_400,
    "s",
    "How long the database's table of patterns, which is for people, may lag behind.",
  ),
  episode_idle_timeout_seconds: integer(
    86_400,
    1,
    31_536_000,
    "s",
    "An episode without a write is closed as abandoned.",
  ),
  trace_quiet_seconds: integer(
    5,
    0,
    3_600,
    "s",
    "A trace whose root has ended becomes an episode when no span came for so long.",
  ),
  trace_age_seconds: integer(
    900,
    1,
    86_400,
    "s",
    "A trace becomes an episode at the latest so long after its first span; what comes later updates it.",
  ),
  trace_kept_seconds: integer(
    21_600,
    0,
    604_800,
    "s",
    "Spans are kept for so long after the last of their trace, for those that come late.",
  ),
  instance_traces_max: integer(
    4_000,
    1,
    100_000,
    "traces",
    "Traces whose spans an instance holds for all namespaces together; who has less than an even share is let in beyond it.",
  ),
  instance_traces_max_bytes: integer(
    268_435_456,
    65_536,
    4_294_967_296,
    "bytes",
    "Bytes of their spans, likewise.",
  ),
  step_output_max_bytes: integer(
    65_536,
    1_024,
    LIMITS.step_output_ceiling_bytes,
    "bytes",
    "UTF-8 bytes of a step's output or error message; larger ones are refused, not cut.",
  ),
  usage_save_ms: integer(
    10_000,
    100,
    60_000,
    "ms",
    "What was counted of requests, by namespace and key, is stored after this; a crash loses no more.",
  ),
  batch_writes: flag(true, "Whether unsent rows go to the database together."),
  batch_size: integer(500, 1, 1_000, "rows", "Rows in one batch to the database."),
  max_connections: integer(6, 1, 6, "requests", "Requests of an instance to the database at once."),
  connection_queue_max: integer(200, 0, 10_000, "requests", "Requests that wait for a connection."),
  database_timeout_ms: integer(
    4_000,
    100,
    4_900,
    "ms",
    "Deadline of a request to the database, repetitions included.",
  ),
  database_attempts: integer(
    3,
    1,
    5,
    "tries",
    "Tries of a request to the database, the first one included.",
  ),
  outbox_max_rows: integer(
    200_000,
    1,
    5_000_000,
    "rows",
    "Unsent rows beyond which an instance starts no episodes.",
  ),
  outbox_max_bytes: integer(
    1_073_741_824,
    1_024,
    8_589_934_592,
    "bytes",
    "Unsent bytes beyond which an instance starts no episodes.",
  ),
  instance_in_flight_max: integer(
    500,
    1,
    10_000,
    "requests",
    "Requests that an instance works on at once.",
  ),
  rate_limit_per_second: number(
    500,
    0.01,
    1_000_000,
    "requests/s",
    "Requests of a key on average.",
  ),
  rate_limit_burst: integer(1_000, 1, 1_000_000, "requests", "Requests of a key at once."),
  database_max_bytes: integer(
    5_368_709_120,
    1_048_576,
    17_592_186_044_416,
    "bytes",
    "What the database's plan allows; forecasts and alerts are about it.",
  ),
  r2_timeout_ms: integer(
    20_000,
    100,
    60_000,
    "ms",
    "Deadline of a request to R2; the largest objects have some megabytes.",
  ),
  r2_max_bytes: integer(
    10_737_418_240,
    1_048_576,
    17_592_186_044_416,
    "bytes",
    "What the bucket may hold; forecasts are about it.",
  ),
  retention_daily_days: integer(
    7,
    1,
    365,
    "days",
    "Every backup and snapshot is kept for this long.",
  ),
  retention_weekly_weeks: integer(
    5,
    0,
    520,
    "weeks",
    "One full backup of each of the last weeks is kept.",
  ),
  retention_monthly_months: integer(
    12,
    0,
    120,
    "months of 30 days",
    "One full backup of each month is kept.",
  ),
  redaction: {
    type: "choice",
    default: "redact",
    choices: REDACTION_MODES,
    meaning:
      "What becomes of secrets that clients send: taken out, refused, or kept; <private> parts are always taken out.",
  },
  webhooks_private: flag(
    false,
    "Whether webhooks may go to addresses that are not public, and without TLS: for tests on one's own machine.",
  ),
  log_level: {
    type: "choice",
    default: "info",
    choices: ["debug", "info", "warn", "error"],
    meaning: "Events below this level are not logged.",
  },
  breaker_window_size: integer(20, 1, 1_000, "calls", "How far the circuit breaker looks back."),
  breaker_minimum_calls: integer(5, 1, 1_000, "calls", "Fewer calls decide nothing."),
  breaker_failure_rate: number(0.5, 0.001, 1, "share", "Share of failed calls that opens it."),
  breaker_slow_call_rate: number(0.8, 0.001, 1, "share", "Share of slow calls that opens it."),
  breaker_slow_call_ms: integer(1_500, 1, 60_000, "ms", "A call of this time is slow."),
  breaker_trial_calls: integer(2, 1, 100, "calls", "Trial calls that decide whether it closes."),
  breaker_open_ms: integer(2_000, 100, 3_600_000, "ms", "How long it stays open the first time."),
  breaker_open_max_ms: integer(5_000, 100, 3_600_000, "ms", "How long it stays open at most."),
} as const satisfies Record<string, SettingRule>;

export type SettingName = keyof typeof SETTINGS;
type ValueOf<R> = R extends { type: "boolean" }
  ? boolean
  : R extends { choices: readonly (infer C)[] }
    ? C
    : number;
export type Settings = { -readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]> };
export type SettingOverrides = Partial<Settings>;

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The value as the setting has it, or what is wrong with it. */
export function parseSetting(
  name: SettingName,
  value: unknown,
): { ok: true; value: number | boolean | string } | { ok: false; problem: string } {
  const rule: SettingRule = SETTINGS[name];
  if (rule.type === "boolean") {
    return typeof value === "boolean"
      ? { ok: true, value }
      : { ok: false, problem: "must be true or false" };
  }
  if (rule.type === "choice") {
    return typeof value === "string" && rule.choices.includes(value)
      ? { ok: true, value }
      : { ok: false, problem: `must be one of ${rule.choices.join(", ")}` };
  }
  const whole = rule.type === "integer" ? "a whole number" : "a number";
  const good =
    typeof value === "number" &&
    value >= rule.min &&
    value <= rule.max &&
    (rule.type === "number" || Number.isInteger(value));
  return good
    ? { ok: true, value }
    : { ok: false, problem: `must be ${whole} from ${rule.min} to ${rule.max} (${rule.unit})` };
}

/** Defaults, then what was given; unknown names and values out of bounds are left out. */
export function settingsOf(...layers: readonly Readonly<Record<string, unknown>>[]): Settings {
  const settings: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    settings[name] = SETTINGS[name].default;
    for (const layer of layers) {
      const parsed = parseSetting(name, layer[name]);
      if (layer[name] !== undefined && parsed.ok) settings[name] = parsed.value;
    }
  }
  return settings as Settings;
}
