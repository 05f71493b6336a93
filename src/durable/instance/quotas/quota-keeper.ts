/**
 * Keeps the quotas of the namespaces whose home this instance is: answers whether new episodes have
 * room, from a ledger of each that is counted anew from time to time, and before anything is
 * refused for what may have gone meanwhile. The ledgers are in memory; an object that begins anew
 * counts. Where nothing can be counted, because the database is away, nothing is refused.
 *
 * @module
 */

import { quotaLimitsOf, type QuotaLimits } from "../../../contract/namespaces/quotas.ts";
import type { NamespaceSettings } from "../../../contract/namespaces/settings.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";
import type { InternalInput, InternalOutput } from "../../shared/instance/protocol.ts";
import type { QuotaReached, QuotaUsed } from "../../shared/instance/quotas.ts";
import type { InstanceContext } from "../context.ts";
import { storedUsage } from "../episodes/store/queries/usage-query.ts";
import { callTrace, onBehalf } from "../requests/call-scope.ts";
import { QuotaLedger } from "./quota-ledger.ts";

/** An instance that heard of no quota does not ask again for so long, ms. */
export const NONE_KEPT_MS = 10_000;
/** After this a quota that was just set is known everywhere: what began without it is counted, ms. */
const KNOWN_MS = NONE_KEPT_MS + 2_000;
/** A ledger that is used is counted anew after this, ms; */
const COUNT_EVERY_MS = 30_000;
/** and while it is full, where nothing is known to have gone; */
const COUNT_FULL_EVERY_MS = 5_000;
/** but no more often than this multiple of the time that a count takes. */
const COUNT_SHARE = 20;
/** Namespaces whose ledgers are kept. */
const LEDGERS_MAX = 2_000;
/** Grants that a count asks about. */
const GRANTS_ASKED_MAX = 20_000;

interface Kept {
  ledger: QuotaLedger;
  limits: QuotaLimits;
  /** From then on a count knows all that began without the quota, ms since the epoch. */
  firmAt: number;
  /** The topology in which it was made. */
  version: number;
  /** Something may have gone since the last count began. */
  isFreed: boolean;
  /** What the last count took, ms. */
  tookMs: number;
  counting: Promise<void> | null;
}

interface KeeperDeps {
  context: Pick<InstanceContext, "now" | "settings" | "askAll" | "database" | "place">;
  /** What the namespace is set to; null: it cannot be read now. Throws `Moved`. */
  settingsOf: (namespace: string) => Promise<NamespaceSettings | null>;
  /** A name that no other object of this home had. */
  epoch: string;
}

export class QuotaKeeper {
  readonly #deps: KeeperDeps;
  readonly #kept = new BoundedMap<string, Kept>(LEDGERS_MAX);
  #lastGrant = 0;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  /** Grants room for new episodes, as many of the first ones as there is room for. */
  async take({
    namespace,
    sizes,
  }: InternalInput<"quota_take">): Promise<InternalOutput<"quota_take">> {
    const limits = await this.limitsOf(namespace);
    if (limits.episodes === null && limits.bytes === null) {
      // What begins without a quota is not granted.
      this.#kept.delete(namespace);
      return { kind: "none" };
    }
    const kept = this.#keptOf(namespace, limits);
    try {
      await this.#countIfDue(namespace, kept);
    } catch (error) {
      if (kept.ledger.countedAt === null) return { kind: "uncounted", reason: String(error) };
    }
    let room = this.#room(kept, sizes);
    // The first count may have begun before what was deleted since; the second has not.
    for (let counts = 0; counts < 2 && room.reached && this.#mayHaveRoom(kept); counts++) {
      await this.#count(namespace, kept).catch(() => undefined);
      room = this.#room(kept, sizes);
    }
    return this.#granted(namespace, kept, sizes.slice(0, room.count), room.reached);
  }

  /** Something of the namespace was deleted. */
  freed(namespace: string): void {
    const kept = this.#kept.get(namespace);
    if (kept) kept.isFreed = true;
  }

  /** What was counted of the namespace, or of all for null, holds no more. */
  forget(namespace: string | null): void {
    if (namespace === null) this.#kept.clear();
    else this.#kept.delete(namespace);
  }

  /** Bytes that a namespace holds, with what began since they were counted; null: not counted. */
  async bytesOf(namespace: string): Promise<number | null> {
    const limits = await this.limitsOf(namespace);
    if (limits.bytes === null) return null;
    const kept = this.#keptOf(namespace, limits);
    await this.#countIfDue(namespace, kept).catch(() => undefined);
    return kept.ledger.countedAt === null ? null : kept.ledger.used.bytes;
  }

  /** What is known of the namespaces here that have a quota and began something lately. */
  known(): QuotaUsed[] {
    const { version } = this.#deps.context.place();
    return [...this.#kept.entries()].flatMap(([namespace, { ledger, limits, version: made }]) =>
      ledger.countedAt === null || made !== version
        ? []
        : [{ namespace, limits, used: ledger.used }],
    );
  }

  /** What is in force in a namespace. Throws `Moved`. */
  async limitsOf(namespace: string): Promise<QuotaLimits> {
    const own = await this.#deps.settingsOf(namespace);
    return quotaLimitsOf(this.#deps.context.settings(), own);
  }

  #keptOf(namespace: string, limits: QuotaLimits): Kept {
    const { now, place } = this.#deps.context;
    const { version } = place();
    const before = this.#kept.get(namespace);
    if (before?.version === version) {
      const isSame =
        before.limits.episodes === limits.episodes && before.limits.bytes === limits.bytes;
      // Bytes that nobody asked for were not summed.
      if (before.limits.bytes === null && limits.bytes !== null) before.ledger.countedAt = null;
      if (!isSame) Object.assign(before, { limits, firmAt: now() + KNOWN_MS });
      return before;
    }
    const kept: Kept = {
      ledger: new QuotaLedger(),
      limits,
      firmAt: now() + KNOWN_MS,
      version,
      isFreed: false,
      tookMs: 0,
      counting: null,
    };
    this.#kept.set(namespace, kept);
    return kept;
  }

  #room({ ledger, limits }: Kept, sizes: readonly number[]) {
    if (sizes.length > 0) return ledger.fitting(sizes, limits);
    return { count: 0, reached: ledger.full(limits) };
  }

  #granted(
    namespace: string,
    { ledger }: Kept,
    sizes: readonly number[],
    reached: QuotaReached | null,
  ): InternalOutput<"quota_take"> {
    const { epoch, context } = this.#deps;
    const number = ++this.#lastGrant;
    if (sizes.length > 0) ledger.grant(number, sizes, context.now());
    return { kind: "granted", grant: `${epoch} ${number}`, count: sizes.length, reached };
  }

  /** Waits for a count only where there is none that holds. Throws what the count throws. */
  async #countIfDue(namespace: string, kept: Kept): Promise<void> {
    const { now } = this.#deps.context;
    const { ledger, firmAt, tookMs } = kept;
    const { countedAt } = ledger;
    const isFirm = countedAt !== null && (countedAt >= firmAt || now() < firmAt);
    if (!isFirm) return this.#count(namespace, kept);
    const every = Math.max(COUNT_EVERY_MS, COUNT_SHARE * tookMs);
    if (now() - countedAt >= every || ledger.open > GRANTS_ASKED_MAX)
      void this.#count(namespace, kept).catch(() => undefined);
  }

  /** Whether a count may find more room than is known. */
  #mayHaveRoom({ ledger, isFreed, tookMs }: Kept): boolean {
    const every = Math.max(COUNT_FULL_EVERY_MS, COUNT_SHARE * tookMs);
    return isFreed || this.#deps.context.now() - (ledger.countedAt ?? 0) >= every;
  }

  /** Whoever comes meanwhile waits for the same. Throws `DatabaseError`, and as `askAll`. */
  #count(namespace: string, kept: Kept): Promise<void> {
    // The count is everybody's: the short deadline of the call that begins it is not.
    kept.counting ??= onBehalf(callTrace(), () => this.#counted(namespace, kept)).finally(() => {
      kept.counting = null;
    });
    return kept.counting;
  }

  async #counted(namespace: string, kept: Kept): Promise<void> {
    const { epoch } = this.#deps;
    const { now, askAll, database } = this.#deps.context;
    const isSized = kept.limits.bytes !== null;
    const begun = kept.ledger.beginCount(now(), GRANTS_ASKED_MAX);
    kept.isFreed = false;
    const asked = { namespace, epoch, grants: begun.numbers };
    // What is unsent is asked for first: what is sent in between is in one of both, or was granted.
    const shares = await askAll("quota_share", asked);
    const stored = await storedUsage(
      database,
      namespace,
      shares.flatMap(({ stale }) => stale),
      isSized,
    );
    const sum = shares.reduce(
      (all, { episodes, bytes }) => ({
        episodes: all.episodes + episodes,
        bytes: all.bytes + bytes,
      }),
      stored,
    );
    kept.ledger.endCount(
      begun,
      sum,
      shares.flatMap(({ settled }) => settled),
    );
    kept.tookMs = Math.max(0, now() - begun.at);
  }
}
