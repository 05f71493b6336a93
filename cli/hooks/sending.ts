/**
 * Sends what the spool holds to the service, through the same import as every other way in. A
 * session is sent whole, under the same id each time: sent twice it counts once, and one that grew
 * updates its episode. Only one process sends at a time; what it cannot send stays.
 *
 * @module
 */

import {
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { MemoryError, type MemoryClient } from "../../client/index.ts";
import { spoolLines } from "./reader.ts";
import type { SessionFile, Spool } from "./spool.ts";

/** What was sent, and what was not. */
export interface SendReport {
  created: number;
  updated: number;
  duplicate: number;
  refused: string[];
  /** Why it ended early; null: all was sent. */
  error: string | null;
}

/** Codes of lines that are refused for good; all else is tried again, so that nothing is lost. */
const LASTING: ReadonlySet<string> = new Set([
  "validation_failed",
  "conflict",
  "cycle",
  "episode_ended",
  "not_found",
  "limit_exceeded",
  "secret_found",
  "body_too_large",
]);

/** Whether the service may take the line at another time. */
export const isPassingCode = (code: string): boolean => !LASTING.has(code);
/** A lock that was not touched for this long has no owner, ms. */
const LOCK_STALE_MS = 300_000;
/** How long and how often another sender is waited for, ms. */
const LOCK_WAIT_MS = 30_000;
const LOCK_POLL_MS = 100;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/**
 * Sends every session that has something new.
 *
 * @param patienceMs how long a service that is away is waited for
 */
export async function sendSpool(
  spool: Spool,
  memory: MemoryClient,
  patienceMs: number,
): Promise<SendReport> {
  const report: SendReport = { created: 0, updated: 0, duplicate: 0, refused: [], error: null };
  if (!(await locked(spool))) return { ...report, error: "another process is sending" };
  try {
    const until = Date.now() + patienceMs;
    for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      report.error = await sendAll(spool, memory, report);
      if (report.error === null || Date.now() + waitMs > until) break;
      touch(spool);
      await pause(waitMs);
    }
    spool.prune(Date.now());
    return report;
  } finally {
    rmSync(lockOf(spool), { force: true });
  }
}

/** @returns why it could not go on; null: there is nothing left */
async function sendAll(
  spool: Spool,
  memory: MemoryClient,
  report: SendReport,
): Promise<string | null> {
  const later = new Map<string, string>();
  // What comes while it sends is sent in another round.
  for (;;) {
    const left = spool
      .sessions()
      .filter(({ path, bytes, sent }) => bytes > sent && !later.has(path));
    if (left.length === 0) return later.values().next().value ?? null;
    for (const session of left) {
      touch(spool);
      try {
        const passing = await sendSession(spool, memory, session, report);
        // A session that the service cannot take now holds up no other one.
        if (passing !== null) later.set(session.path, passing);
      } catch (error) {
        if (error instanceof MemoryError) return error.message;
        // A file that cannot be read holds up no other one.
        report.refused.push(`${basename(session.path)}: ${String(error)}`);
        spool.markSent(session, session.bytes, String(error));
      }
    }
  }
}

/** @returns why it must be tried again; null: it is done with */
async function sendSession(
  spool: Spool,
  memory: MemoryClient,
  session: SessionFile,
  report: SendReport,
): Promise<string | null> {
  const bytes = readFileSync(session.path);
  const name = basename(session.path);
  const lines = spoolLines(session.agent, { name, text: bytes.toString("utf8") });
  const refused: string[] = [];
  for await (const answer of memory.import(lines, { onConflict: "update" })) {
    if (answer.status !== "error") report[answer.status] += 1;
    else if (isPassingCode(answer.error.code)) return answer.error.detail;
    else refused.push(`${answer.error.code}: ${answer.error.detail}`);
  }
  report.refused.push(...refused.map((why) => `${name}: ${why}`));
  spool.markSent(session, bytes.length, refused.length === 0 ? null : refused.join("; "));
  return null;
}

const lockOf = (spool: Spool): string => join(spool.folder, "sending.lock");

function touch(spool: Spool): void {
  const now = Date.now() / 1_000;
  utimesSync(lockOf(spool), now, now);
}

/** Waits for another sender: it may have read a session before its last event came. */
async function locked(spool: Spool): Promise<boolean> {
  for (const until = Date.now() + LOCK_WAIT_MS; Date.now() < until; await pause(LOCK_POLL_MS)) {
    try {
      const file = openSync(lockOf(spool), "wx", 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (isAbandoned(lockOf(spool))) rmSync(lockOf(spool), { force: true });
    }
  }
  return false;
}

function isAbandoned(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return false;
  const ageMs = Date.now() - stat.mtimeMs;
  // It may not have written who it is yet.
  if (ageMs < 1_000) return false;
  if (ageMs > LOCK_STALE_MS) return true;
  try {
    process.kill(Number(readFileSync(path, "utf8")), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
