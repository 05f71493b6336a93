/**
 * The Worker's way to the instances and the Coordinator: operations of the memory, commands of the
 * Coordinator, and what is asked of everything at once. One object for an isolate; what it
 * remembers (how many instances there are, the log level, counts that were not sent) is of this
 * isolate only and may be behind, which costs a hop and nothing else.
 *
 * @module
 */

import type { Call, CommandResult, Reply, TopologyView } from "../contract/call.ts";
import type { Input, OperationName, Output } from "../contract/operations.ts";
import {
  askCoordinator,
  type CommandInput,
  type CommandName,
  type CommandOutput,
  type CommandsOf,
  COORDINATOR_COMMANDS,
} from "../durable/shared/coordinator.ts";
import type { Place } from "../durable/shared/instance/protocol.ts";
import { coordinatorOf, instanceOf } from "../durable/shared/objects.ts";
import { remembered } from "../durable/shared/deployment/deployment-id.ts";
import { ownedBucket } from "../durable/shared/deployment/owned-bucket.ts";
import { guardedBucket, R2Access } from "../durable/shared/r2.ts";
import { retried } from "../durable/shared/retried.ts";
import type { Deployment, Env } from "../env.ts";
import { BackupCatalog } from "./backup-catalog.ts";
import { IncidentArchive } from "./incident-archive.ts";
import { Overview } from "./overview.ts";
import { type CountedRequest, RequestCounts } from "./request-counts.ts";
import type { OAuthNote, Registration } from "../contract/access/grants.ts";
import type { Level, Log, OAuthEvent } from "../observability/index.ts";
import { SCHEMA_VERSION } from "../storage/index.ts";

interface GatewayPorts {
  env: Env;
  deployment: Deployment;
  now: () => number;
  log: Log;
}

export class Gateway {
  readonly #env: Env;
  readonly #deployment: Deployment;
  readonly #counts: RequestCounts;
  /** What every instance and the Coordinator are asked together. */
  readonly overview: Overview;
  readonly backups: BackupCatalog;
  readonly archive: IncidentArchive;
  /** The bucket, behind the circuit breaker. */
  readonly bucket: R2Bucket;
  /** The version of the database's schema that this release needs. */
  readonly schemaVersion = SCHEMA_VERSION;
  #topology: TopologyView | null = null;
  #logLevel: Level = "info";
  /** Whether the Coordinator was told that this version answers. */
  #isReleaseReported = false;

  constructor({ env, deployment, now, log }: GatewayPorts) {
    this.#env = env;
    this.#deployment = deployment;
    this.#counts = new RequestCounts(now);
    const r2 = new R2Access({ report: (report) => this.ask("r2.report", report), now, log });
    const deploymentId = remembered(() => this.ask("deployment.id", null));
    const owner = { deployment: () => deploymentId.get(), now };
    const guarded = guardedBucket(env.BACKUPS, r2.guard);
    this.bucket = ownedBucket(guarded, owner);
    this.backups = new BackupCatalog(this.bucket, deployment.backupKeys);
    this.archive = new IncidentArchive(this.bucket);
    const instance = (index: number) => instanceOf(env, index);
    this.overview = new Overview({ gateway: this, instance, deployment, now });
  }

  /** The level of log events that operators want, as far as this isolate heard. */
  get logLevel(): Level {
    return this.#logLevel;
  }

  /** Asked of the Coordinator once in the life of an isolate. */
  async instanceCount(): Promise<number> {
    if (!this.#topology) {
      const { instanceCount, deployedAt } = this.#deployment;
      const deployment = { env_count: instanceCount, deployed_at: deployedAt };
      this.#learn(await this.ask("topology.adopt", deployment));
    }
    await this.#reportRelease();
    return this.place(0).count;
  }

  /**
   * Runs an operation at the instance with this index; one that is not the right one passes it on.
   */
  async execute<N extends OperationName>(
    index: number,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>> {
    const place = this.place(index);
    const reply = await retried(() =>
      instanceOf(this.#env, index).execute(place, name, input, call),
    );
    this.#learn(reply.topology);
    this.#logLevel = reply.log_level ?? this.#logLevel;
    return reply;
  }

  /** Gives the Coordinator an operator's command. A refusal is a value. */
  command<N extends CommandsOf["operator"]>(
    name: N,
    input: CommandInput<N>,
  ): Promise<CommandResult<CommandOutput<N>>> {
    const send = () => coordinatorOf(this.#env).command(name, input);
    return COORDINATOR_COMMANDS[name].isRepeatable ? retried(send) : send();
  }

  /** Gives the Coordinator a command of the Worker's own. Throws `Refused` when it refuses. */
  ask<N extends CommandsOf["worker"]>(name: N, input: CommandInput<N>): Promise<CommandOutput<N>> {
    const send = () => askCoordinator(coordinatorOf(this.#env), name, input);
    return isRepeatable(name) ? retried(send) : send();
  }

  /** What of OAuth the whole service has in common. */
  readonly oauth = {
    register: (): Promise<Registration> => this.ask("oauth.register", null),
    note: (note: OAuthNote): Promise<null> => this.ask("oauth.note", note),
  };

  /** Counts what became of what an OAuth client asked. */
  countedOAuth(event: OAuthEvent): void {
    this.#counts.addOAuth(event);
  }

  /** Counts a request that is answered, and sees to it that an instance hears of it. */
  counted(request: CountedRequest, waitUntil: (work: Promise<unknown>) => void): void {
    this.#counts.add(request);
    this.sendCounts(waitUntil);
  }

  /** Keeps a line that this isolate logged, to be sent with the counts. */
  logged(line: string): void {
    this.#counts.logged(line);
  }

  /** Sees to it that an instance hears what was counted and logged. */
  sendCounts(waitUntil: (work: Promise<unknown>) => void): void {
    const sent = this.#counts.sendSoon(
      () => this.instanceCount(),
      (index, delta) => instanceOf(this.#env, index).internal(this.place(index), "count", delta),
    );
    if (sent) waitUntil(sent);
  }

  /** The place of an instance in the topology, as far as it was heard of here. */
  place(index: number): Place {
    const { count, version } = this.#topology ?? {
      count: this.#deployment.instanceCount,
      version: 0,
    };
    return { index, count, version };
  }

  #learn(topology: TopologyView): void {
    if (!this.#topology || topology.version > this.#topology.version) this.#topology = topology;
  }

  async #reportRelease(): Promise<void> {
    if (this.#isReleaseReported) return;
    this.#isReleaseReported = true;
    try {
      await this.ask("release.answers", this.#deployment.version);
    } catch {
      // The next request tries again.
      this.#isReleaseReported = false;
    }
  }
}

const isRepeatable = (name: CommandName): boolean => COORDINATOR_COMMANDS[name].isRepeatable;
