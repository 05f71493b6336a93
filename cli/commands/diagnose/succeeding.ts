/**
 * "Are requests succeeding?": looks for what stands in their way, the most telling first, and makes
 * one request when nothing does.
 *
 * @module
 */

import { MemoryError } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { readiness, type CheckView } from "../checks/readiness.ts";
import { lastsText } from "../operations/storage.ts";
import { instancesOf, type Instance, type Instances } from "./instances.ts";
import { STEPS } from "./steps.ts";
import { no, trouble, type Trouble, type Turn } from "./turn.ts";

const QUESTION = "Are requests succeeding?";

/** How the service looks before a request is made. */
interface State {
  /** null: there is no ADMIN_TOKEN, or the service does not answer it. */
  instances: Instances | null;
  answering: readonly Instance[];
  silent: number;
  /** Checks of readiness that are not well. */
  sick: readonly CheckView[];
  /** The check of the database among them. */
  database: CheckView | undefined;
}

/** In the order in which they are looked for: what comes first explains what comes later. */
const TROUBLES: readonly ((state: State) => Trouble | null)[] = [
  maintenance,
  openBreakers,
  pendingMigrations,
  fullDatabase,
  sickDatabase,
  silentInstances,
  deadLetters,
  anotherCheck,
  degradedMode,
];

export async function areSucceeding(app: App): Promise<Turn> {
  const state = await look(app);
  for (const find of TROUBLES) {
    const found = find(state);
    if (found) return no(QUESTION, found);
  }
  return tryOne(app, state);
}

async function look(app: App): Promise<State> {
  const instances = await instancesOf(app);
  const all = instances?.instances ?? [];
  const answering = all.flatMap((one) => ("error" in one ? [] : [one]));
  const { checks } = await readiness(app.anyone({ retries: 0 }));
  const sick = checks.filter(({ ok }) => !ok);
  const database = sick.find(({ name }) => ["database", "storage"].includes(name));
  return { instances, answering, silent: all.length - answering.length, sick, database };
}

function maintenance({ instances }: State): Trouble | null {
  const mode = instances?.maintenance;
  if (!mode) return null;
  return trouble(
    `maintenance is on ${lastsText(mode)}: ${mode.message || "no message"}`,
    STEPS.endMaintenance,
    "memory-cli maintenance off",
  );
}

function openBreakers({ answering, database }: State): Trouble | null {
  const open = answering.filter(({ breakers }) =>
    ["open", "half_open", "forced_open"].includes(breakers.turso.state),
  );
  if (open.length === 0) return null;
  const states = open
    .map((one) => `instance ${one.instance} ${one.breakers.turso.state}`)
    .join(", ");
  const why = database ? `; the database: ${database.message}` : "";
  const isForced = open.some(({ breakers }) => breakers.turso.state === "forced_open");
  // To close a breaker while its database is down would only open it again.
  const mayReset = !database || isForced;
  return trouble(
    `circuit breaker: ${states}${why}`,
    database ? STEPS.backend : STEPS.recovery,
    "memory-cli doctor",
    "memory-cli breaker status",
    ...(mayReset ? ["memory-cli breaker reset turso"] : []),
  );
}

function pendingMigrations({ sick, database }: State): Trouble | null {
  const check = sick.find(({ name }) => name === "migrations");
  if (!check || database) return null;
  return trouble(`migrations: ${check.message}`, STEPS.migration, "memory-cli migrate --dry-run");
}

function fullDatabase({ database }: State): Trouble | null {
  if (!database?.message.includes("[quota]")) return null;
  return trouble(
    `the database: ${database.message}`,
    STEPS.full,
    "memory-cli storage stats",
    "memory-cli capacity",
  );
}

function sickDatabase({ database }: State): Trouble | null {
  if (!database) return null;
  return trouble(
    `the database: ${database.message}`,
    STEPS.errorCause,
    "memory-cli doctor",
    "npx wrangler tail --format json",
  );
}

function silentInstances({ silent }: State): Trouble | null {
  if (silent === 0) return null;
  return trouble(
    `${silent} instances do not answer`,
    STEPS.mitigate,
    "memory-cli instance list",
    "npx wrangler tail --format json",
  );
}

function deadLetters({ answering }: State): Trouble | null {
  const dead = answering.reduce((sum, one) => sum + one.outbox.dead, 0);
  if (dead === 0) return null;
  return trouble(
    `${dead} rows were never taken by the database`,
    STEPS.deadLetters,
    "memory-cli outbox dead",
    "memory-cli outbox retry",
  );
}

function anotherCheck({ sick }: State): Trouble | null {
  const check = sick.find(({ status }) => status === "fail" || status === "unhealthy");
  if (!check) return null;
  return trouble(
    `${check.name}: ${check.message}`,
    STEPS.errorLogs,
    "memory-cli health check",
    "npx wrangler tail --format json",
  );
}

function degradedMode({ instances }: State): Trouble | null {
  const mode = instances?.degraded;
  if (!mode) return null;
  return trouble(
    `degraded mode is on ${lastsText(mode)}`,
    STEPS.leaveDegraded,
    "memory-cli degraded off",
  );
}

/** A request with the key, which says most where there is no ADMIN_TOKEN. */
async function tryOne(app: App, { instances, answering }: State): Promise<Turn> {
  if ((app.target.key ?? app.target.admin_token) === undefined)
    return {
      question: QUESTION,
      answer: "unknown",
      saw: "ready, but without a key no request was made",
    };
  try {
    await (await app.memory()).stats({ retries: 0 });
  } catch (error) {
    return no(QUESTION, refused(error));
  }
  const saw = instances
    ? `ready; ${answering.length} instances answer; breakers closed`
    : "ready; a request with the key succeeds";
  return { question: QUESTION, answer: "yes", saw };
}

function refused(error: unknown): Trouble {
  const reason = error instanceof Error ? error.message : String(error);
  const isAboutTheKey =
    error instanceof MemoryError && (error.status === 401 || error.status === 403);
  return isAboutTheKey
    ? trouble(reason, STEPS.keys, "memory-cli key list", "memory-cli profile show")
    : trouble(reason, STEPS.errorLogs, "npx wrangler tail --format json");
}
