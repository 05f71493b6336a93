/**
 * Whose the database and the bucket are, for operators, and the takeover of what is another
 * deployment's: only when it is asked for by the owner's id, and audited. The former owner stops by
 * its own next batch, which the database refuses. What this deployment holds unsent is sent
 * afterwards; copies are dropped, because the other one was writing.
 *
 * @module
 */

import type { DeploymentView, OwnedView } from "../../../contract/cluster/answers.ts";
import {
  readOwner,
  takeOver,
  type Database,
  type OwnedDatabase,
  type OwnerMark,
} from "../../../storage/index.ts";
import { isoTime, isoTimeOrNull } from "../../../util/time.ts";
import { jurisdictionProblem } from "../../shared/deployment/jurisdiction.ts";
import { putBucketMark, readBucketMark } from "../../shared/deployment/owned-bucket.ts";
import { Refused } from "../../shared/refusals.ts";
import type { ApiKeys } from "../api-keys.ts";
import type { CoordinatorContext } from "../context.ts";
import type { ControlStore } from "../control-store.ts";
import { ASK_MS, type Instances } from "../instances.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { RestoreHold } from "../restore-hold.ts";
import type { DeploymentIdentity } from "./identity.ts";

export interface OwnershipPorts extends Pick<CoordinatorContext, "now"> {
  identity: DeploymentIdentity;
  /** As it is, whoever owns it. */
  database: Database;
  /** Which is away while it is another's. */
  owned: Pick<OwnedDatabase, "lookAgain">;
  /** As it is, whoever owns it. */
  bucket: Pick<R2Bucket, "get" | "put">;
  controlStore: Pick<ControlStore, "audit" | "control" | "maxInstanceCount">;
  instances: Pick<Instances, "everywhere">;
  restoreHold: Pick<RestoreHold, "refreshInstances">;
  keys: Pick<ApiKeys, "reread" | "resend">;
  outbox: Pick<Outbox, "resetBackoff">;
}

export class Ownership {
  readonly #ports: OwnershipPorts;
  #foreignBucket: string | null = null;

  constructor(ports: OwnershipPorts) {
    this.#ports = ports;
  }

  /** Whose the bucket was when it was last looked at, if it was another's. */
  get foreignBucket(): string | null {
    return this.#foreignBucket;
  }

  /** Never throws: what cannot be read is said. */
  async view(): Promise<DeploymentView> {
    const { identity, database, bucket } = this.#ports;
    const id = await identity.id();
    const [ownedDatabase, ownedBucket] = await Promise.all([
      viewOf(id, () => readOwner(database)),
      viewOf(id, () => readBucketMark(bucket)),
    ]);
    this.#foreignBucket = ownedBucket.state === "foreign" ? ownedBucket.deployment : null;
    return {
      id,
      database: { ...ownedDatabase, last_write_at: await this.#lastWriteAt() },
      bucket: ownedBucket,
    };
  }

  /** Looks whose the bucket is. Never throws. */
  async lookAtBucket(): Promise<void> {
    const { identity, bucket } = this.#ports;
    const id = await identity.id();
    const { state, deployment } = await viewOf(id, () => readBucketMark(bucket));
    if (state !== "unknown") this.#foreignBucket = state === "foreign" ? deployment : null;
  }

  /** Throws `Refused` when the database is another deployment's, and `DatabaseError`. */
  async requireOwn(): Promise<void> {
    const { identity, database } = this.#ports;
    const mark = await readOwner(database);
    if (mark === null || mark.deployment === (await identity.id())) return;
    throw new Refused("conflict", `The database is marked as that of ${mark.deployment}.`);
  }

  /**
   * Takes what is marked as `from`'s. Throws `Refused` when nothing is, a restore runs, or an
   * instance does not answer; then it may be repeated.
   *
   * @param isMoved the jurisdiction was changed on purpose; without it, such an owner is refused
   */
  async takeOver(from: string, by: string, isMoved = false): Promise<DeploymentView> {
    const { identity, database, bucket, controlStore, now } = this.#ports;
    const to = await identity.id();
    requireJurisdiction(to, from, isMoved);
    const [mark, bucketMark] = await Promise.all([readOwner(database), readBucketMark(bucket)]);
    const isDatabase = isForeign(mark, to, from);
    const isBucket = isForeign(bucketMark, to, from);
    if (!isDatabase && !isBucket) throw nothingOf(from);
    if (controlStore.control.restore !== null)
      throw new Refused("conflict", "A restore has the database. Let it end first.");

    if (isDatabase) {
      // What instances know is as the database was before another wrote to it.
      await this.#ports.restoreHold.refreshInstances();
      await database.write([takeOver(from, to, now())]);
    }
    if (isBucket && !(await putBucketMark(bucket, { deployment: to, since: now() }, bucketMark)))
      throw new Refused("conflict", "The bucket's mark changed meanwhile. Look, and ask again.");
    const taken = [...(isDatabase ? ["database"] : []), ...(isBucket ? ["bucket"] : [])];
    controlStore.audit(by, "deployment", { owner: from }, { owner: to, taken });
    await this.#tellEverybody(to);
    return this.view();
  }

  /** Everybody looks at the marks again, and sends what waited. */
  async #tellEverybody(id: string): Promise<void> {
    const { owned, outbox, keys, instances, controlStore } = this.#ports;
    owned.lookAgain();
    outbox.resetBackoff();
    keys.reread();
    keys.resend();
    // One that does not answer finds it out by itself, a moment later.
    await instances.everywhere("deployment", { id }, ASK_MS, controlStore.maxInstanceCount);
  }

  async #lastWriteAt(): Promise<string | null> {
    try {
      const text = "SELECT max(at) AS at FROM _writers";
      const [row] = await this.#ports.database.all<{ at: number | null }>(text);
      return isoTimeOrNull(row?.at ?? null);
    } catch {
      return null;
    }
  }
}

function isForeign(mark: OwnerMark | null, own: string, from: string): boolean {
  return mark !== null && mark.deployment === from && from !== own;
}

function requireJurisdiction(own: string, owner: string, isMoved: boolean): void {
  const problem = jurisdictionProblem(own, owner);
  if (problem === null || isMoved) return;
  const otherwise = "Where it was meant, ask again with jurisdiction_changed: true.";
  throw new Refused("conflict", `Not taken over: ${problem}. ${otherwise}`);
}

function nothingOf(from: string): Refused {
  const detail = `Neither the database nor the bucket is marked as another deployment's, ${from}.`;
  return new Refused("conflict", `${detail} See GET /admin/deployment.`);
}

async function viewOf(own: string, read: () => Promise<OwnerMark | null>): Promise<OwnedView> {
  try {
    const mark = await read();
    if (mark === null) return { state: "unmarked", deployment: null, since: null, problem: null };
    const { deployment, since } = mark;
    const state = deployment === own ? "own" : "foreign";
    const problem = state === "own" ? null : jurisdictionProblem(own, deployment);
    return { state, deployment, since: since === 0 ? null : isoTime(since), problem };
  } catch (error) {
    return { state: "unknown", deployment: null, since: null, problem: String(error) };
  }
}
