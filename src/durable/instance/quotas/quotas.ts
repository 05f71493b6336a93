/**
 * Asks the home of a namespace for room before an episode begins here, and remembers what became of
 * it: the home counts what was granted until an instance says that it is settled. Where no quota is
 * in force nothing is asked for a while. Where the home cannot be asked, or hangs, episodes begin
 * uncounted, and it is left alone for a while: a memory that refuses or delays what it could keep is
 * the greater harm.
 *
 * @module
 */

import { BoundedMap } from "../../../util/bounded-map.ts";
import { isWaitOver } from "../../../util/backoff.ts";
import { withDeadline } from "../../../util/deadline.ts";
import type { InternalInput, InternalOutput } from "../../shared/instance/protocol.ts";
import { Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import { staleIds } from "../episodes/lists/episode-lists.ts";
import { unsentUsage } from "../episodes/store/queries/usage-query.ts";
import { NONE_KEPT_MS } from "./quota-keeper.ts";
import { GRANT_MS } from "./quota-ledger.ts";
import { QuotaRefused, type QuotaRefusals } from "./quota-refusals.ts";

/** A call does not wait longer for the home of its namespace, ms: it may have to count first. */
const ASK_MS = 5_000;
/** Nor than this where the home did not say before that there is a quota, ms. */
const ASK_FIRST_MS = 1_000;
/** A home that did not answer in time is not asked again for so long, ms. */
const LEFT_ALONE_MS = 10_000;
/** Namespaces of which something is known. */
const KNOWN_MAX = 2_000;
/** Grants that are remembered as settled: those of a minute under the highest load. */
const SETTLED_MAX = 40_000;
/** A grant is used within this, well before its home takes it for void, ms. */
const USED_WITHIN_MS = GRANT_MS - 10_000;

/** Room for new episodes. */
export interface Room {
  /** For how many of the first ones; Infinity: nobody counts them. */
  count: number;
  /** Why there is no room for the others; null: there is. */
  refusal: QuotaRefused | null;
}

type QuotasContext = Pick<
  InstanceContext,
  "askHome" | "now" | "settings" | "meter" | "log" | "sql"
>;

const UNLIMITED: Room = { count: Infinity, refusal: null };

export class Quotas {
  readonly #context: QuotasContext;
  readonly #refusals: QuotaRefusals;
  /** Until when each namespace is known to have none, ms since the epoch. */
  readonly #none = new BoundedMap<string, number>(KNOWN_MAX);
  /** Namespaces whose homes said last that there is a quota. */
  readonly #limited = new BoundedMap<string, true>(KNOWN_MAX);
  /** Until when the home of each namespace is not asked, ms since the epoch. */
  readonly #leftAlone = new BoundedMap<string, number>(KNOWN_MAX);
  readonly #settled = new BoundedMap<string, true>(SETTLED_MAX);

  constructor(context: QuotasContext, refusals: QuotaRefusals) {
    this.#context = context;
    this.#refusals = refusals;
  }

  /**
   * Asks for room for one new episode, then does `work`, which writes it without a wait. Throws
   * `Refused` when there is none, and what `work` throws.
   *
   * @param bytes of the episode, computed only where they count
   */
  one<T>(namespace: string, bytes: () => number, work: () => T): Promise<T> {
    return this.some(
      namespace,
      () => [bytes()],
      ({ count, refusal }) => {
        if (count < 1 && refusal) throw refusal;
        return work();
      },
    );
  }

  /** The same for several: `work` is given for how many of the first ones there is room. */
  async some<T>(namespace: string, sizes: () => number[], work: (room: Room) => T): Promise<T> {
    const askedAt = this.#context.now();
    const asked = sizesOnce(sizes);
    const answer = await this.#ask(namespace, asked);
    if (answer?.kind !== "granted") return work(UNLIMITED);
    const { grant, count, reached } = answer;
    if (reached) this.#refusals.add(namespace, reached, asked().length - count);
    try {
      if (this.#context.now() - askedAt > USED_WITHIN_MS) throw tooLate();
      const done = work({ count, refusal: reached && new QuotaRefused(reached) });
      this.#settled.set(grant, true);
      return done;
    } catch (error) {
      this.#settled.set(grant, true);
      if (count > 0) await this.freed(namespace);
      throw error;
    }
  }

  /** Throws `Refused` where no episode has room. */
  async requireRoom(namespace: string): Promise<void> {
    const answer = await this.#ask(namespace, () => []);
    if (answer?.kind !== "granted" || !answer.reached) return;
    this.#refusals.add(namespace, answer.reached, 1);
    throw new QuotaRefused(answer.reached);
  }

  /** Reports to the home that something was deleted; to no effect when it is out of reach. */
  async freed(namespace: string): Promise<void> {
    if (this.#isNone(namespace) || this.#isLeftAlone(namespace)) return;
    const { askHome } = this.#context;
    await this.#inTime(namespace, askHome("quota_freed", { namespace })).catch(() => undefined);
  }

  /** What is here that the database may not have as it is, and which grants are settled. */
  share({ namespace, epoch, grants }: InternalInput<"quota_share">): InternalOutput<"quota_share"> {
    const { sql } = this.#context;
    return {
      stale: staleIds(sql, namespace),
      settled: grants.filter((number) => this.#settled.get(`${epoch} ${number}`)),
      ...unsentUsage(sql, namespace),
    };
  }

  #isNone(namespace: string): boolean {
    const { settings, now } = this.#context;
    const { quota_episodes, quota_bytes } = settings();
    return quota_episodes === 0 && quota_bytes === 0 && (this.#none.get(namespace) ?? 0) > now();
  }

  /** null: nobody counts. */
  async #ask(
    namespace: string,
    sizes: () => number[],
  ): Promise<InternalOutput<"quota_take"> | null> {
    if (this.#isNone(namespace)) return null;
    const { askHome, now } = this.#context;
    if (this.#isLeftAlone(namespace)) {
      // That its home hangs is in the log, once for each time that it was asked.
      this.#context.meter.count("memory_quota_uncounted_total");
      return null;
    }
    let answer: InternalOutput<"quota_take">;
    try {
      const asked = askHome("quota_take", { namespace, sizes: sizes() });
      answer = await this.#inTime(namespace, asked);
    } catch (error) {
      answer = { kind: "uncounted", reason: String(error) };
    }
    if (answer.kind === "none") this.#none.set(namespace, now() + NONE_KEPT_MS);
    if (answer.kind === "uncounted") this.#uncounted(namespace, answer.reason);
    else if (answer.kind === "granted") this.#limited.set(namespace, true);
    else this.#limited.delete(namespace);
    return answer;
  }

  #isLeftAlone(namespace: string): boolean {
    return !isWaitOver(this.#leftAlone.get(namespace) ?? 0, this.#context.now(), LEFT_ALONE_MS);
  }

  /** What the home answers. Throws an Error when it takes too long, and leaves it alone then. */
  #inTime<T>(namespace: string, asked: Promise<T>): Promise<T> {
    const ms = this.#limited.get(namespace) ? ASK_MS : ASK_FIRST_MS;
    return withDeadline(asked, ms, () => {
      this.#leftAlone.set(namespace, this.#context.now() + LEFT_ALONE_MS);
      throw new Error(`its home did not answer within ${ms} ms`);
    });
  }

  #uncounted(namespace: string, reason: string): void {
    const { meter, log } = this.#context;
    meter.count("memory_quota_uncounted_total");
    log({ event: "quota_uncounted", namespace, reason });
  }
}

/** The sizes, computed once, when they are first asked for. */
function sizesOnce(sizes: () => number[]): () => number[] {
  let known: number[] | null = null;
  return () => (known ??= sizes());
}

function tooLate(): Refused {
  const detail = "Whether there is room for it was not known in time. Try again.";
  return new Refused("not_ready", detail, { retry_after_s: 1 });
}
