/**
 * The files of the coding sessions: all of them as episodes, and some as session files of Claude
 * Code. Pure: a seed decides everything.
 *
 * @module
 */

import { generator, shuffled } from "../random.ts";
import type { ErrorKind } from "./kind.ts";
import { GIT_KINDS } from "./kinds/git.ts";
import { LANGUAGE_KINDS } from "./kinds/languages.ts";
import { NODE_KINDS } from "./kinds/node.ts";
import { SERVICE_KINDS } from "./kinds/services.ts";
import { UNSEEN_KINDS } from "./kinds/unseen.ts";
import { makeSession, type CodingEpisode } from "./session.ts";
import { transcriptOf } from "./transcript.ts";

const SEED = 20;
/** Sessions of a kind that are learned; another is asked about. */
const LEARNED_EACH = 3;
/** Sessions of each kind that nothing is learned of. */
const UNSEEN_EACH = 2;
/** Learned sessions that met an error and never mended it, each of another kind. */
const NEVER_MENDED = 6;
/** Every so manieth session is a session file, too. */
const TRANSCRIPT_EVERY = 12;

const SEEN_KINDS: readonly ErrorKind[] = [
  ...NODE_KINDS,
  ...SERVICE_KINDS,
  ...GIT_KINDS,
  ...LANGUAGE_KINDS,
];

/** Name in the folder → text. */
export function codingFiles(): Map<string, string> {
  const sessions = codingSessions();
  const files = new Map([
    ["coding_episodes.jsonl", `${sessions.map((one) => JSON.stringify(one)).join("\n")}\n`],
  ]);
  for (const session of sessions) {
    if (session.task_id % TRANSCRIPT_EVERY !== 0) continue;
    files.set(`sessions/${session.id}.jsonl`, transcriptOf(session, "/home/dev/project"));
  }
  return files;
}

export function codingSessions(): CodingEpisode[] {
  const random = generator(SEED);
  type Plan = { kind: ErrorKind; part: CodingEpisode["part"]; isMended: boolean };
  const planned = (kinds: readonly ErrorKind[], each: number, plan: Omit<Plan, "kind">): Plan[] =>
    kinds.flatMap((kind) => Array.from({ length: each }, () => ({ kind, ...plan })));
  const unlucky = shuffled(SEEN_KINDS, random).slice(0, NEVER_MENDED);
  const plans = [
    ...planned(SEEN_KINDS, LEARNED_EACH, { part: "learned", isMended: true }),
    ...planned(unlucky, 1, { part: "learned", isMended: false }),
    ...planned(SEEN_KINDS, 1, { part: "seen", isMended: true }),
    ...planned(UNSEEN_KINDS, UNSEEN_EACH, { part: "unseen", isMended: true }),
  ];
  return shuffled(plans, random).map(({ kind, ...plan }, number) =>
    makeSession(kind, { number, ...plan }, random),
  );
}
