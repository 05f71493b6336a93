/**
 * Decides which backups are kept. Pure: what is known of all backups goes in, ids that may go come
 * out; deleting them is in `sweep.ts`.
 *
 * @module
 */

import { MS } from "../contract/limits.ts";
import type { BackupKind } from "./format/manifest.ts";

/** A backup that somebody vouches for, as far as the rules judge it. */
export interface Kept {
  id: string;
  kind: BackupKind;
  /** ms since the epoch. */
  at: number;
  parent: string | null;
  /** Holds a window or a namespace only. */
  partial: boolean;
  /** Whether it was read back without a fault. */
  verified: boolean;
}

export interface RetentionRules {
  /** Days for which every backup is kept. */
  daily_days: number;
  /** Weeks for which one full backup a week is kept. */
  weekly_weeks: number;
  /** Months for which one full backup a month is kept, counted as 30 days. */
  monthly_months: number;
}

/**
 * Ids that may go. What stays: everything of the last days; the newest whole full backup of each of
 * the last weeks and months; the newest chain, the newest verified chain and the newest snapshot,
 * however old; and every parent of what stays.
 */
export function expired(backups: readonly Kept[], rules: RetentionRules, now: number): string[] {
  const byId = new Map(backups.map((backup) => [backup.id, backup]));
  const newestFirst = [...backups].sort((a, b) => b.at - a.at);
  const exports = newestFirst.filter(isWholeExport);
  const fulls = exports.filter(({ kind }) => kind === "full");
  const kept = [
    exports[0]?.id,
    exports.find((backup) => isVerifiedChain(backup, byId))?.id,
    newestFirst.find(({ kind }) => kind === "snapshot")?.id,
    ...backups.filter(({ at }) => now - at < rules.daily_days * MS.day).map(({ id }) => id),
    ...newestOfEach(fulls, 7 * MS.day, rules.weekly_weeks, now),
    ...newestOfEach(fulls, 30 * MS.day, rules.monthly_months, now),
  ];
  return withoutChains(backups, byId, kept);
}

/** A backup that nobody vouches for. */
export interface Untrusted {
  id: string;
  /**
   * By its id, not by what it says of itself: ms since the epoch; infinite when the id tells no
   * time.
   */
  at: number;
  parent: string | null;
}

/**
 * Ids of untrusted backups that may go: those that are older than anything that the rules keep and
 * that none of them which stays continues. What they say of themselves moves no other backup, and
 * while there is no chain that is both trusted and read back, none of them goes: they may be all
 * that there is.
 */
export function expiredUntrusted(
  untrusted: readonly Untrusted[],
  trusted: readonly Kept[],
  rules: RetentionRules,
  now: number,
): string[] {
  const trustedById = new Map(trusted.map((backup) => [backup.id, backup]));
  const hasVerifiedChain = trusted.some(
    (backup) => isWholeExport(backup) && isVerifiedChain(backup, trustedById),
  );
  if (!hasVerifiedChain) return [];

  const { daily_days, weekly_weeks, monthly_months } = rules;
  const oldest = now - MS.day * Math.max(daily_days, 7 * weekly_weeks, 30 * monthly_months);
  const byId = new Map(untrusted.map((backup) => [backup.id, backup]));
  const kept = untrusted.filter(({ at }) => at >= oldest).map(({ id }) => id);
  return withoutChains(untrusted, byId, kept);
}

/** Ids of those that are not kept, and that nothing which is kept continues. */
function withoutChains(
  backups: readonly { id: string }[],
  byId: ReadonlyMap<string, { parent: string | null }>,
  kept: readonly (string | undefined)[],
): string[] {
  const staying = new Set<string>();
  for (const id of kept) {
    let next = id ?? null;
    while (next !== null && !staying.has(next)) {
      staying.add(next);
      next = byId.get(next)?.parent ?? null;
    }
  }
  return backups.filter(({ id }) => !staying.has(id)).map(({ id }) => id);
}

/** Whether it holds the whole database. */
function isWholeExport({ kind, partial }: Kept): boolean {
  return kind !== "snapshot" && !partial;
}

/** Why a backup must stay even when an operator names it; null: it may go. */
export function neededFor(backups: readonly Kept[], id: string): string | null {
  const child = backups.find(({ parent }) => parent === id);
  if (child) return `the backup ${child.id} continues it`;
  const byId = new Map(backups.map((backup) => [backup.id, backup]));
  const newest = backups
    .filter(isWholeExport)
    .sort((a, b) => b.at - a.at)
    .find((backup) => isVerifiedChain(backup, byId));
  return newest?.id === id ? "it ends the newest chain that was read back" : null;
}

/**
 * Ids of the newest of each of the last periods, counted from the epoch so that the choice does not
 * move with the clock.
 */
function newestOfEach(
  newestFirst: readonly Kept[],
  period: number,
  count: number,
  now: number,
): string[] {
  const current = Math.floor(now / period);
  const seen = new Map<number, string>();
  for (const { id, at } of newestFirst) {
    const bucket = Math.floor(at / period);
    if (bucket > current - count && !seen.has(bucket)) seen.set(bucket, id);
  }
  return [...seen.values()];
}

/** Whether it and everything it continues was read back. */
export function isVerifiedChain(backup: Kept, byId: ReadonlyMap<string, Kept>): boolean {
  const seen = new Set<string>();
  let next: Kept | undefined = backup;
  for (;;) {
    if (!next?.verified || seen.has(next.id)) return false;
    seen.add(next.id);
    if (next.parent === null) return true;
    next = byId.get(next.parent);
  }
}
