/**
 * Takes in several episodes that ran elsewhere, together: in one transaction, with one question to
 * the database. Each is answered by itself, and what becomes of each is what `EpisodeImport` makes
 * of it; one that cannot be taken in holds none of the others back. What is out of the ordinary is
 * left, for the caller to send by itself.
 *
 * @module
 */

import type { Failure } from "../../../../contract/call.ts";
import type { Input, Output } from "../../../../contract/operations.ts";
import type { EpisodeToImport, SliceAnswer } from "../../../../contract/transfer/requests.ts";
import { byteLength } from "../../../../util/bytes.ts";
import { failureOf, Moved } from "../../../shared/refusals.ts";
import type { OperationScope } from "../../handlers.ts";
import type { EpisodeDeps } from "../deps.ts";
import { LearningFailed } from "../tasks/learning.ts";
import type { ImportPlan, OnConflict } from "./plan.ts";
import { ImportWriter } from "./writer.ts";

/** How often what was written of a slice is taken back for one episode that cannot be taken in. */
const ROLLBACKS_MAX = 3;
/** Episodes that are learned at another instance at once. */
const LEARNED_AT_ONCE = 8;

interface ImportSlicesDeps {
  episodes: EpisodeDeps;
  /** The episode without its secrets. Throws `Refused` where secrets are refused. */
  redact: (episode: EpisodeToImport, namespace: string) => Promise<EpisodeToImport>;
  /** Throws `Refused` where no episode may begin now. */
  check: (namespace: string) => void;
}

/** An episode of a slice, and what becomes of it. */
interface Item {
  episode: EpisodeToImport;
  /** null: it is not decided yet. */
  answer: SliceAnswer | null;
  /** Whether what it teaches is learned in the transaction that writes it. */
  isLearned: boolean;
}

/** The episodes that are new, and which of them have room. */
interface NewEpisodes {
  admitted: ReadonlySet<string>;
  /** By id, why there is none. */
  refusals: ReadonlyMap<string, Failure>;
}

/** What of an item was written, or was to be, when an episode of a slice could not be. */
class NotWritten extends Error {
  readonly item: Item;

  constructor(item: Item, cause: unknown) {
    super(String(cause), { cause });
    this.item = item;
  }
}

export class ImportSlices {
  readonly #deps: ImportSlicesDeps;
  readonly #writer: ImportWriter;

  constructor(deps: ImportSlicesDeps) {
    this.#deps = deps;
    this.#writer = new ImportWriter(deps.episodes);
  }

  /** Throws what is not about one of the episodes; then nothing was done. */
  async import(
    { episodes, on_conflict = "refuse" }: Input<"episodes.import">,
    scope: OperationScope,
  ): Promise<Output<"episodes.import">> {
    const { namespace } = scope;
    const items: Item[] = [];
    for (const episode of episodes.slice(0, scope.calls))
      items.push(await this.#itemOf(episode, namespace));
    await this.#find(namespace, items);
    await this.#takeNew(items, namespace, (room) => this.#take(items, on_conflict, scope, room));
    await this.#follow(namespace, items);

    const answers = items.map(({ episode, answer }) => answer ?? left(episode));
    const { meter } = this.#deps.episodes.context;
    for (const answer of answers)
      if (answer.status === "refused")
        meter.count("memory_refused_total", { code: answer.error.code });
    return { answers };
  }

  /** Without its secrets, and here, after a change of the number of instances. */
  async #itemOf(episode: EpisodeToImport, namespace: string): Promise<Item> {
    const { context, rebalance } = this.#deps.episodes;
    const { id } = episode;
    try {
      if (!context.isHome(id)) throw new Moved(id);
      await rebalance.ensureHere({ kind: "episode", namespace, id });
      const redacted = await this.#deps.redact(episode, namespace);
      return { episode: redacted, answer: null, isLearned: true };
    } catch (error) {
      return { episode, answer: answerTo(episode, error), isLearned: true };
    }
  }

  /** Brings here what the database has of them. */
  async #find(namespace: string, items: readonly Item[]): Promise<void> {
    const open = items.filter(isOpen);
    const ids = [...new Set(open.map(({ episode }) => episode.id))];
    const unknown = await this.#deps.episodes.store.findAll(namespace, ids);
    for (const item of open) {
      const why = unknown.get(item.episode.id);
      if (why !== undefined) item.answer = answerTo(item.episode, why);
    }
  }

  /** Asks for room for the episodes that are new, then does `take` without a wait. */
  #takeNew(
    items: readonly Item[],
    namespace: string,
    take: (room: NewEpisodes) => void,
  ): Promise<void> {
    const { rows, quotas } = this.#deps.episodes;
    const open = items.filter(isOpen).map(({ episode }) => episode);
    const here = rows.here(
      namespace,
      open.map(({ id }) => id),
    );
    const sent = new Map(open.map((episode) => [episode.id, episode.episode]));
    const ids = [...sent.keys()].filter((id) => !here.has(id));
    if (ids.length === 0)
      return Promise.resolve(take({ admitted: new Set(), refusals: new Map() }));
    const sizes = (): number[] => ids.map((id) => byteLength(JSON.stringify(sent.get(id))));
    return quotas.some(namespace, sizes, ({ count, refusal }) => {
      const refusals = new Map<string, Failure>();
      if (refusal) for (const id of ids.slice(count)) refusals.set(id, refusal.failure);
      take({ admitted: new Set(ids.slice(0, count)), refusals });
    });
  }

  /** Writes what can be written, all in one transaction; what cannot is answered. */
  #take(
    items: readonly Item[],
    on_conflict: OnConflict,
    scope: OperationScope,
    room: NewEpisodes,
  ): void {
    for (let rollbacks = 0; rollbacks <= ROLLBACKS_MAX; rollbacks++) {
      const open = items.filter(isOpen);
      if (open.length === 0) return;
      try {
        const answers = scope.commit(() => this.#write(open, on_conflict, scope, room));
        for (const [i, item] of open.entries()) item.answer = answers[i] ?? null;
        return;
      } catch (error) {
        if (!(error instanceof NotWritten)) throw error;
        this.#judge(error.item, error.cause);
      }
    }
  }

  /** In a transaction, in the order of the items. Throws `NotWritten`. */
  #write(
    items: readonly Item[],
    on_conflict: OnConflict,
    { namespace, by }: OperationScope,
    { admitted, refusals }: NewEpisodes,
  ): SliceAnswer[] {
    const { context, rows, learning } = this.#deps.episodes;
    const ids = items.map(({ episode }) => episode.id);
    const here = rows.here(namespace, ids);
    const isHere = learning.isHere(namespace);
    const unknown = isHere ? learning.unknownAmong(namespace, ids) : new Set<string>();
    return items.map((item) => {
      const { episode, isLearned } = item;
      const { id } = episode;
      let plan: ImportPlan;
      try {
        if (!context.isHome(id)) throw new Moved(id);
        // What waits for the database grows with each that is written.
        this.#deps.check(namespace);
        plan = this.#writer.plan(namespace, episode, on_conflict, here.has(id));
        const refusal = refusals.get(id);
        if (plan.kind === "create" && refusal) return refused(episode, refusal);
        // It was there a moment ago, and nobody asked for room.
        if (plan.kind === "create" && !admitted.has(id)) return left(episode);
      } catch (error) {
        // Nothing of it was written.
        return answerTo(episode, error);
      }
      try {
        item.isLearned = isHere && isLearned;
        const status = this.#writer.write(plan, by, item.isLearned, unknown.has(id));
        here.add(id);
        unknown.delete(id);
        return { id, status };
      } catch (error) {
        throw new NotWritten(item, error);
      }
    });
  }

  /** Decides about an item for which everything was taken back. */
  #judge(item: Item, cause: unknown): void {
    if (!(cause instanceof LearningFailed)) {
      item.answer = answerTo(item.episode, cause);
      return;
    }
    const { log } = this.#deps.episodes.context;
    log({ event: "learning_failed", level: "error", reason: cause.message });
    item.isLearned = false;
  }

  /** Ties what was written, and has learned what was not learned with it. */
  async #follow(namespace: string, items: readonly Item[]): Promise<void> {
    const learned: string[] = [];
    for (const item of items) {
      const { episode, answer } = item;
      if (answer === null || !isTaken(answer)) continue;
      try {
        await this.#writer.relate(namespace, episode.id, episode.episode);
        const isDone = answer.status === "created" && item.isLearned;
        if (answer.status !== "duplicate" && !isDone) learned.push(episode.id);
      } catch (error) {
        const failure = failureOf(error);
        item.answer = failure ? refused(episode, failure) : left(episode);
      }
    }
    for (let from = 0; from < learned.length; from += LEARNED_AT_ONCE) {
      const some = learned.slice(from, from + LEARNED_AT_ONCE);
      await Promise.all(some.map((id) => this.#writer.learn(namespace, id)));
    }
  }
}

const isOpen = ({ answer }: Item): boolean => answer === null;

type Taken = Exclude<SliceAnswer, { status: "refused" | "left" }>;

function isTaken(answer: SliceAnswer): answer is Taken {
  return answer.status !== "refused" && answer.status !== "left";
}

/** What is no refusal is found out by sending it by itself: whoever does hears what it is. */
function answerTo(episode: EpisodeToImport, error: unknown): SliceAnswer {
  const failure = error instanceof Moved ? null : failureOf(error);
  return failure ? refused(episode, failure) : left(episode);
}

function refused({ id }: EpisodeToImport, error: Failure): SliceAnswer {
  return { id, status: "refused", error };
}

function left({ id }: EpisodeToImport): SliceAnswer {
  return { id, status: "left" };
}
