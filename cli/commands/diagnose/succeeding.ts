/**
 * "Are requests succeeding?": looks for what stands in their way, the most telling first: what
 * people switched on, then the database by what it says itself, and last what requests came to.
 *
 * @module
 */

import { MemoryError } from "../../../client/index.ts";
import type { CheckView } from "../checks/readiness.ts";
import { lastsText } from "../operations/storage.ts";
import { leak } from "./leak.ts";
import type { Probe } from "./probes.ts";
import type { Signs } from "./signs.ts";
import { CHECKS, DATABASE, leadOf, LEADS } from "./states.ts";
import { STEPS } from "./steps.ts";
import { firstOf, no, trouble, type Trouble, type Turn } from "./turn.ts";

const QUESTION = "Are requests succeeding?";
/** This share of the requests to the database failing is an alert. */
const ERROR_SHARE = 0.05;
/** Failures that are more than a chance. */
const ERRORS_MIN = 3;

/** In the order in which they are looked for: what comes first explains what comes later. */
const TROUBLES: readonly ((signs: Signs) => Trouble | null)[] = [
  restore,
  maintenance,
  degradedMode,
  forcedBreaker,
  silentCoordinator,
  plainDatabase,
  openBreaker,
  unwellDatabase,
  pendingMigrations,
  silentInstances,
  outbox,
  unhealthyCheck,
  failingDatabase,
  refusedRequest,
];

export function areSucceeding(signs: Signs): Turn {
  const found = firstOf(TROUBLES, signs);
  if (found) return no(QUESTION, found);
  const { instances, answering, probes } = signs;
  if (probes.every(({ by }) => by === "service"))
    return { question: QUESTION, answer: "unknown", saw: "without a key no request was made" };
  const done = probes.map(({ what }) => what).join(", ");
  const saw = instances
    ? `${done} succeed; ${answering.length} instances answer; breakers closed`
    : `${done} succeed`;
  return { question: QUESTION, answer: "yes", saw };
}

/** What checks of this name said while they were not well. */
const saidBy = ({ sick }: Signs, name: string): CheckView[] =>
  sick.filter((check) => check.name === name);

function restore(signs: Signs): Trouble | null {
  const check = saidBy(signs, "mode").find(({ message }) => message.startsWith("a restore "));
  const lead = check && leadOf(check);
  return lead ? trouble(`restore: ${check.message}`, lead) : null;
}

function maintenance({ instances, sick }: Signs): Trouble | null {
  const check = sick.find(
    ({ name, message }) => name === "mode" && message.includes("maintenance since"),
  );
  const mode = instances?.maintenance;
  if (!mode && !check) return null;
  const saw = mode
    ? `maintenance is on ${lastsText(mode)}: ${mode.message || "no message"}`
    : `${check?.message}`;
  return trouble(saw, { step: STEPS.endMaintenance, commands: ["memory-cli maintenance off"] });
}

/** Who switched it on spares a database; while that is sick, its cause comes first. */
function degradedMode(signs: Signs): Trouble | null {
  const check = saidBy(signs, "mode").find(({ message }) =>
    message.includes("degraded mode by hand"),
  );
  const mode = signs.instances?.degraded;
  if (!mode && !check) return null;
  const saw = mode ? `degraded mode is on ${lastsText(mode)}` : `${check?.message}`;
  const cause = plainDatabase(signs) ?? unwellDatabase(signs);
  return cause === null
    ? trouble(`${saw}; the database takes writes`, LEADS.leaveDegraded)
    : { ...cause, saw: `${saw}; meanwhile ${cause.saw}` };
}

function forcedBreaker({ answering }: Signs): Trouble | null {
  const forced = answering.filter(({ breakers }) => breakers.turso.state === "forced_open");
  if (forced.length === 0) return null;
  const reason = forced[0]?.breakers.turso.reason ?? "no reason";
  const where = forced.map(({ instance }) => instance).join(", ");
  return trouble(
    `the circuit breaker was opened by hand at instances ${where}: ${reason}`,
    LEADS.recovery,
  );
}

function silentCoordinator({ sick }: Signs): Trouble | null {
  const check = sick.find(({ message }) => message.includes("the Coordinator does not answer"));
  const lead = check && leadOf(check);
  return lead ? trouble(check.message, lead) : null;
}

/** How readiness names the kinds of failure of the database, each once. */
function kindsOf(signs: Signs): Map<string, CheckView> {
  return new Map(
    saidBy(signs, "storage").map((check) => [/\[(\w+)\]/.exec(check.message)?.[1] ?? "", check]),
  );
}

/** Kinds that may be of a network, of a load, or of slowness: other signs say which. */
const VAGUE = new Set(["not_asked", "unreachable", "overloaded", "timeout", "late"]);

/** A database that says itself what is wrong with it, also behind an open breaker. */
function plainDatabase(signs: Signs): Trouble | null {
  for (const [kind, check] of kindsOf(signs)) {
    const lead = VAGUE.has(kind) ? undefined : DATABASE[kind];
    if (lead) return trouble(`the database: ${check.message}`, lead);
  }
  return null;
}

function openBreaker(signs: Signs): Trouble | null {
  const open = signs.answering.filter(({ breakers }) =>
    ["open", "half_open"].includes(breakers.turso.state),
  );
  const said = saidBy(signs, "circuit_breaker").find(({ message }) => /\bturso \w/.test(message));
  if (open.length === 0 && !said) return null;
  const states = open.map(
    ({ instance, breakers }) =>
      `instance ${instance} ${breakers.turso.state} (${breakers.turso.reason ?? "no reason"})`,
  );
  const [database] = saidBy(signs, "storage");
  const why = database ? `; the database: ${database.message}` : "";
  const saw = `circuit breaker: ${states.join(", ") || said?.message}${why}`;
  const reasons = open.map(({ breakers }) => breakers.turso.reason ?? "");
  const isSlow = reasons.some((reason) => /calls were slow/.test(reason));
  if (isSlow && answersAtAll(signs)) return trouble(saw, LEADS.slow);
  // To close a breaker while its database is down would only open it again.
  return trouble(saw, database ? LEADS.backend : LEADS.recovery);
}

/** Whether the database served a request, however slowly. */
const answersAtAll = ({ probes }: Signs): boolean =>
  probes.some(({ by, quickest_ms }) => by === "database" && quickest_ms !== null);

/** It fails, or it is slow: what happened to all requests meanwhile tells them apart. */
function unwellDatabase(signs: Signs): Trouble | null {
  const kinds = kindsOf(signs);
  for (const kind of ["unreachable", "overloaded"]) {
    const check = kinds.get(kind);
    if (check) return trouble(`the database: ${check.message}`, LEADS.cause);
  }
  const check = kinds.get("late") ?? kinds.get("timeout");
  if (check) {
    const isFailing = failingDatabase(signs) !== null || !answersAtAll(signs);
    const saw = `the database: ${check.message}`;
    if (isFailing) return trouble(saw, LEADS.cause);
    const cause = leak(signs);
    return cause ? { ...cause, saw: `${cause.saw}; ${saw}` } : trouble(saw, LEADS.slow);
  }
  const [other] = saidBy(signs, "storage");
  if (!other) return null;
  return trouble(`the database: ${other.message}`, leadOf(other) ?? LEADS.cause);
}

function pendingMigrations(signs: Signs): Trouble | null {
  const [check] = saidBy(signs, "migrations");
  const lead = check && leadOf(check);
  return lead ? trouble(`migrations: ${check.message}`, lead) : null;
}

function silentInstances(signs: Signs): Trouble | null {
  const [check] = saidBy(signs, "instances");
  const lead = check && leadOf(check);
  return lead ? trouble(`instances: ${check.message}`, lead) : null;
}

/** Full, or with rows set aside; that rows wait is about what will be. */
function outbox(signs: Signs): Trouble | null {
  const dead = [...saidBy(signs, "outbox"), ...saidBy(signs, "background")].find(({ message }) =>
    / is full: |are parked|were given up/.test(message),
  );
  const lead = dead && leadOf(dead);
  return lead ? trouble(`${dead.name}: ${dead.message}`, lead) : null;
}

/** A check of a service of another version, too. */
function unhealthyCheck({ sick }: Signs): Trouble | null {
  const check = sick.find(
    ({ name, status }) => ["fail", "unhealthy", "warn"].includes(status) || !(name in CHECKS),
  );
  if (!check) return null;
  return trouble(`${check.name}: ${check.message}`, leadOf(check) ?? LEADS.another);
}

/** Requests fail that readiness saw nothing of: it asks once in a few seconds. */
function failingDatabase({ measures, answering }: Signs): Trouble | null {
  const { failed, asked } = measures?.errors() ?? { failed: 0, asked: 0 };
  if (failed >= ERRORS_MIN && failed > ERROR_SHARE * asked)
    return trouble(`${failed} of ${asked} requests to the database failed just now`, LEADS.cause);
  const calls = answering.reduce((sum, { breakers }) => sum + breakers.turso.calls, 0);
  const lost = answering.reduce((sum, { breakers }) => sum + breakers.turso.failed, 0);
  return lost >= ERRORS_MIN && lost > ERROR_SHARE * calls
    ? trouble(`${lost} of the last ${calls} requests to the database failed`, LEADS.cause)
    : null;
}

/** What a request came to says most where there is no ADMIN_TOKEN. */
function refusedRequest({ probes }: Signs): Trouble | null {
  const failed = probes.find((probe) => probe.quickest_ms === null && !isForbiddenWrite(probe));
  if (!failed) return null;
  const { error, what } = failed;
  const reason = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  const status = error instanceof MemoryError ? error.status : 0;
  if (status === 401 || status === 403)
    return trouble(reason, {
      step: STEPS.keys,
      commands: ["memory-cli key list", "memory-cli profile show"],
    });
  const isOfDatabase = failed.by === "database" && status >= 500;
  return trouble(reason, isOfDatabase ? LEADS.cause : LEADS.another);
}

/** A key that may only read is not a failure of the service. */
const isForbiddenWrite = ({ what, error }: Probe): boolean =>
  what === "write" && error instanceof MemoryError && error.status === 403;
