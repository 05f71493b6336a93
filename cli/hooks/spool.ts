/**
 * The spool: what hooks saw, on disk until the service has it. A file a session, a line an event,
 * in a folder for each place that it goes to, so that what is meant for one memory never reaches
 * another. Files are for their owner only. Appending is one write, so that hooks of the same session
 * may run at once.
 *
 * @module
 */

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Target } from "../profile.ts";
import type { Io } from "../terminal/io.ts";
import { AGENTS, type Agent, type Spooled } from "./event.ts";
import { sha256 } from "./sha256.ts";

/** Bytes of a session; later events are dropped, and counted. */
export const SESSION_BYTES_MAX = 8 * 1_048_576;
/** Bytes of all sessions that go to one place. */
const SPOOL_BYTES_MAX = 64 * 1_048_576;
/** How long a session that was sent is kept, in case that it goes on, ms. */
const KEPT_MS = 7 * 86_400_000;
/** A session may be let go of before that when nothing came for this long, ms. */
const QUIET_MS = 3_600_000;

/** Questions to the memory of which is told how many were answered too late: the last so many. */
const ASKS_MAX = 100;
const [LATE, IN_TIME] = ["l", "."];

/** Where hooks keep what they saw. */
function spoolRoot(env: Io["env"]): string {
  const state = env["XDG_STATE_HOME"] || join(env["HOME"] || homedir(), ".local", "state");
  return join(state, "memory-cli", "hooks");
}

/** A session's file, and how much of it the service has. */
export interface SessionFile {
  path: string;
  agent: Agent;
  bytes: number;
  /** Bytes that were sent. */
  sent: number;
  /** What the service refused of it for good; null: nothing. */
  refused: string | null;
  /** ms */
  changedAt: number;
}

interface Sent {
  bytes: number;
  refused: string | null;
}

export class Spool {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The one of a service and a namespace; where no namespace is named, of the key, which has one. */
  static of(target: Target, env: Io["env"]): Spool {
    const { url, namespace, key, admin_token: token } = target;
    const whose = namespace ?? hashOf(key ?? token ?? "");
    const folder = join(spoolRoot(env), hashOf(JSON.stringify([url, whose])));
    const about = join(folder, "target.json");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(about)) replace(about, JSON.stringify({ url, namespace: namespace ?? null }));
    return new Spool(folder);
  }

  /** @returns whether there was room for it */
  append(agent: Agent, event: Spooled): boolean {
    const path = this.pathOf(agent, event.session);
    const line = `${JSON.stringify(event)}\n`;
    const { size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (existsSync(this.#full) || size + Buffer.byteLength(line) > SESSION_BYTES_MAX) {
      appendFileSync(join(this.folder, "dropped"), ".", { mode: 0o600 });
      return false;
    }
    appendFileSync(path, line, { mode: 0o600 });
    return true;
  }

  pathOf(agent: Agent, session: string): string {
    return join(this.folder, `${agent}.${hashOf(session)}.jsonl`);
  }

  /** The longest unchanged first. */
  sessions(): SessionFile[] {
    const found = readdirSync(this.folder).flatMap((name) => {
      const agent = AGENTS.find((one) => name.startsWith(`${one}.`));
      const stat = statSync(join(this.folder, name), { throwIfNoEntry: false });
      if (agent === undefined || !stat || !name.endsWith(".jsonl")) return [];
      const path = join(this.folder, name);
      const { bytes: sent, refused } = readSent(path);
      return [{ path, agent, bytes: stat.size, sent, refused, changedAt: stat.mtimeMs }];
    });
    return found.sort((a, b) => a.changedAt - b.changedAt);
  }

  /** The service has so many bytes of it. @param refused why it never takes them; null: it did */
  markSent({ path }: SessionFile, bytes: number, refused: string | null): void {
    replace(`${path}.sent`, JSON.stringify({ bytes, refused } satisfies Sent));
  }

  /** Removes what was sent and is old, and more of it where there is no room. */
  prune(now: number): void {
    const sessions = this.sessions();
    let total = sessions.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes, sent, changedAt } of sessions) {
      const isDone = sent >= bytes && now - changedAt > QUIET_MS;
      if (!isDone || (now - changedAt < KEPT_MS && total <= SPOOL_BYTES_MAX)) continue;
      rmSync(path, { force: true });
      rmSync(`${path}.sent`, { force: true });
      total -= bytes;
    }
    if (total > SPOOL_BYTES_MAX) replace(this.#full, "");
    else rmSync(this.#full, { force: true });
    if (existsSync(this.#asks)) replace(this.#asks, this.#lastAsks());
  }

  /** How many events there was no room for. */
  dropped(): number {
    return statSync(join(this.folder, "dropped"), { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Notes of a question to the memory whether its answer came too late to be said. */
  noteAsk(isLate: boolean): void {
    appendFileSync(this.#asks, isLate ? LATE : IN_TIME, { mode: 0o600 });
  }

  /** How many of the last questions were answered too late; `asked` is 100 at most. */
  asks(): { asked: number; late: number } {
    const last = this.#lastAsks();
    return { asked: last.length, late: last.replaceAll(IN_TIME, "").length };
  }

  /** Remembers that something was so at a time. @param what "away", "sending" */
  stamp(what: string, now: number): void {
    const path = join(this.folder, `${what}.stamp`);
    appendFileSync(path, "", { mode: 0o600 });
    utimesSync(path, now / 1_000, now / 1_000);
  }

  /** When it was so; 0: never. */
  stampedAt(what: string): number {
    const stat = statSync(join(this.folder, `${what}.stamp`), { throwIfNoEntry: false });
    return stat?.mtimeMs ?? 0;
  }

  #lastAsks(): string {
    return existsSync(this.#asks) ? readFileSync(this.#asks, "utf8").slice(-ASKS_MAX) : "";
  }

  get #asks(): string {
    return join(this.folder, "asks");
  }

  get #full(): string {
    return join(this.folder, "full");
  }
}

/** Every place that something goes to, and where that is. */
export function spools(env: Io["env"]): { spool: Spool; url: string; namespace: string | null }[] {
  const root = spoolRoot(env);
  if (!existsSync(root)) return [];
  return readdirSync(root).flatMap((name) => {
    const about = join(root, name, "target.json");
    if (!existsSync(about)) return [];
    const { url, namespace } = JSON.parse(readFileSync(about, "utf8")) as {
      url: string;
      namespace: string | null;
    };
    return [{ spool: new Spool(join(root, name)), url, namespace }];
  });
}

function readSent(path: string): Sent {
  try {
    return JSON.parse(readFileSync(`${path}.sent`, "utf8")) as Sent;
  } catch {
    return { bytes: 0, refused: null };
  }
}

/** Whole or not at all. */
function replace(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

function hashOf(text: string): string {
  return sha256(text).slice(0, 16);
}
