/**
 * Which backups are kept. Pure: plain data in, a decision out.
 *
 * @module
 */

import { MS } from "../contract/limits.ts";
import type { BackupKind } from "./format/manifest.ts";

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
  const keep = new Set<string>();
  const keepWithParents = (id: string | null | undefined): void => {
    for (
      let next = id ?? null;
      next !== null && !keep.has(next);
      next = byId.get(next)?.parent ?? null
    )
      keep.add(next);
  };
  const newestFirst = [...backups].sort((a, b) => b.at - a.at);
  const exports = newestFirst.filter(({ kind, partial }) => kind !== "snapshot" && !partial);
  keepWithParents(exports[0]?.id);
  keepWithParents(exports.find((backup) => isVerifiedChain(backup, byId))?.id);
  keepWithParents(newestFirst.find(({ kind }) => kind === "snapshot")?.id);
  for (const { id, at } of backups) if (now - at < rules.daily_days * MS.day) keepWithParents(id);
  const fulls = exports.filter(({ kind }) => kind === "full");
  keepOneEach(fulls, 7 * MS.day, rules.weekly_weeks, now).forEach(keepWithParents);
  keepOneEach(fulls, 30 * MS.day, rules.monthly_months, now).forEach(keepWithParents);
  return backups.filter(({ id }) => !keep.has(id)).map(({ id }) => id);
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
  const whole = trusted.filter(({ kind, partial }) => kind !== "snapshot" && !partial);
  if (!whole.some((backup) => isVerifiedChain(backup, trustedById))) return [];
  const age =
    MS.day * Math.max(rules.daily_days, 7 * rules.weekly_weeks, 30 * rules.monthly_months);
  const byId = new Map(untrusted.map((backup) => [backup.id, backup]));
  const keep = new Set<string>();
  for (const { id, at } of untrusted) {
    if (now - at > age) continue;
    for (
      let next: string | null = id;
      next !== null && !keep.has(next);
      next = byId.get(next)?.parent ?? null
    ) {
      keep.add(next);
    }
  }
  return untrusted.filter(({ id }) => !keep.has(id)).map(({ id }) => id);
}

/** Why a backup must stay even when an operator names it; null: it may go. */
export function neededFor(backups: readonly Kept[], id: string): string | null {
  const child = backups.find(({ parent }) => parent === id);
  if (child) return `the backup ${child.id} continues it`;
  const byId = new Map(backups.map((backup) => [backup.id, backup]));
  const newest = backups
    .filter(({ kind, partial }) => kind !== "snapshot" && !partial)
    .sort((a, b) => b.at - a.at)
    .find((backup) => isVerifiedChain(backup, byId));
  return newest?.id === id ? "it ends the newest chain that was read back" : null;
}

/**
 * The newest of each of the last periods, counted from the epoch so that the choice does not move
 * with the clock.
 */
function keepOneEach(
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
