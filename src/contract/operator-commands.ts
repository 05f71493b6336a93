/**
 * What an operator may command: a line a command, with its name, what it takes, what it answers and
 * whether it may be repeated. The API's port, the gateway and the Coordinator's handlers are typed
 * by this table; a command without a handler does not compile. Plain data only: it crosses the wire.
 *
 * @module
 */

import type { JobKind, JobView } from "./jobs.ts";
import type {
  ClusterView,
  ConfigView,
  DeadLetterView,
  DrainView,
  Failure,
  KeyView,
  MigrationsView,
  Scope,
} from "./operations.ts";

/** A line of a table of commands. */
export interface CommandRule<Input, Output> {
  /** A call whose answer was lost may be sent once more: the second does no harm. */
  readonly isRepeatable: boolean;
  /** Carries the types; there is no such property. */
  readonly types?: (input: Input) => Output;
}

// oxlint-disable-next-line typescript/no-explicit-any -- of whatever types.
export type CommandTable = Readonly<Record<string, CommandRule<any, any>>>;
export type InputOf<R> = R extends CommandRule<infer Input, unknown> ? Input : never;
export type OutputOf<R> = R extends CommandRule<never, infer Output> ? Output : never;

/** What became of a command. A refusal is a value; a bug and a lost connection are thrown. */
export type CommandResult<T> = { ok: true; value: T } | { ok: false; error: Failure };

export const repeatable = <Input, Output>(): CommandRule<Input, Output> => ({ isRepeatable: true });
export const unrepeatable = <Input, Output>(): CommandRule<Input, Output> => ({
  isRepeatable: false,
});

/** What `POST /admin/keys` asks for. */
export interface NewKey {
  name: string;
  scopes: Scope[];
  namespaces: string[];
  default_namespace: string;
  /** RFC 3339; null: it does not expire. */
  expires_at: string | null;
}

/** What an operator wants of the circuit breakers of a backend. */
export interface BreakerCommand {
  backend: "turso" | "r2";
  action: "open" | "reset" | "disable";
  /** ms since the epoch; null: until it is reset. */
  until: number | null;
  reason: string;
  /** Of turso: null: at every instance. R2 has one breaker, the Coordinator's. */
  instance: number | null;
}

/** `by` says who, for the audit. */
export const OPERATOR_COMMANDS = {
  "config.get": repeatable<null, ConfigView>(),
  "config.set": unrepeatable<
    { changes: Readonly<Record<string, unknown>>; by: string },
    ConfigView
  >(),
  "mode.set": repeatable<
    { name: "maintenance" | "degraded"; enabled: boolean; message: string; by: string },
    ClusterView
  >(),
  "breaker.order": unrepeatable<{ order: BreakerCommand; by: string }, ClusterView>(),
  "cluster.view": repeatable<null, ClusterView>(),
  "cluster.resize": repeatable<{ count: number; by: string }, ClusterView>(),
  /** Lets every instance send what is unsent. */
  "outbox.flush": repeatable<null, ClusterView>(),
  "outbox.drain": unrepeatable<{ timeout_ms: number }, DrainView>(),
  "outbox.dead": repeatable<{ limit: number }, DeadLetterView[]>(),
  "outbox.retry_dead": repeatable<null, { retried: number }>(),
  /** Instances forget what they know of a namespace, and load it again; "*": of all. */
  "knowledge.sync": repeatable<{ namespace: string }, { namespaces: string[] }>(),
  /** The key itself is in this answer only. */
  "keys.create": unrepeatable<{ key: NewKey; by: string }, KeyView & { key: string }>(),
  "keys.list": repeatable<null, KeyView[]>(),
  "keys.revoke": repeatable<{ id: string; by: string }, KeyView>(),
  /** What is applied and what is not; changes nothing. */
  "migrations.plan": repeatable<null, MigrationsView>(),
  /** Applies what is pending, contract migrations too, after a backup. */
  "migrations.execute": unrepeatable<{ without_backup: boolean; by: string }, MigrationsView>(),
  /** The same key is the same job. */
  "jobs.start": unrepeatable<
    { kind: JobKind; params: Readonly<Record<string, unknown>>; key: string; by: string },
    JobView
  >(),
  /** Newest first. */
  "jobs.list": unrepeatable<{ limit: number }, JobView[]>(),
  "jobs.get": unrepeatable<{ id: string }, JobView>(),
  /** `release`, of a restore that was cut short: gives the database back half restored. */
  "jobs.cancel": unrepeatable<{ id: string; release: boolean; by: string }, JobView>(),
} as const satisfies CommandTable;

export type OperatorCommandName = keyof typeof OPERATOR_COMMANDS;
export type OperatorInput<N extends OperatorCommandName> = InputOf<(typeof OPERATOR_COMMANDS)[N]>;
export type OperatorOutput<N extends OperatorCommandName> = OutputOf<(typeof OPERATOR_COMMANDS)[N]>;
