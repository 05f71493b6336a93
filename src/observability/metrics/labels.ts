/**
 * Lists the values of labels, where they are lists of their own. A value that is not in its list
 * cannot be counted: the compiler names the place.
 *
 * @module
 */

export const BACKENDS = ["turso", "r2"] as const;
export const OPERATIONS = ["read", "write", "probe", "list", "delete"] as const;
export const ERROR_KINDS = [
  "unreachable",
  "timeout",
  "overloaded",
  "busy",
  "disk",
  "out_of_memory",
  "internal",
  "corrupt",
  "unauthorized",
  "quota",
  "schema",
  "constraint",
  "too_large",
  "rejected",
  "fenced",
  "foreign",
] as const;
export const JOB_KINDS = [
  "backup",
  "snapshot",
  "verify",
  "restore",
  "retention",
  "drill",
  "rewrap",
] as const;
export const OUTCOMES = [
  "success",
  "partial_success",
  "failure",
  "abstained",
  "abandoned",
] as const;
export const BREAKER_STATES = ["closed", "open", "half_open", "forced_open", "disabled"] as const;
export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "other"] as const;
/** What becomes of what OAuth clients ask, and of the people that they send. */
export const OAUTH_EVENTS = [
  "registered",
  "registration_refused",
  "consent_shown",
  "consent_refused",
  "granted",
  "denied",
  "issued",
  "token_refused",
  "revoked",
  "limited",
] as const;
export type OAuthEvent = (typeof OAUTH_EVENTS)[number];
/** What an instance's alarm does, each by itself. */
export const ALARM_PARTS = [
  "probe",
  "flush",
  "tasks",
  "traces",
  "abandon",
  "former",
  "load",
  "learned",
  "embed",
  "publish",
  "renew",
  "handover",
  "evict",
  "answers",
  "webhooks",
  "breakers",
] as const;
export type AlarmPartName = (typeof ALARM_PARTS)[number];
export const TASKS = ["learn", "forget", "forget_again"] as const;
