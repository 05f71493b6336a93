/**
 * The one way in for clients' calls, in steps: admit, await a turn, authorise, route, idempotency, run. A handler
 * is given a namespace and cannot choose one. Expected failures are values in the reply; only a bug
 * is thrown.
 *
 * @module
 */

import type { Call, ErrorCode, Failure, RateView, Reply, Result } from "../../../contract/call.ts";
import type { Operation } from "../../../contract/operation.ts";
import {
  type Input,
  type OperationName,
  OPERATIONS,
  type Output,
} from "../../../contract/operations.ts";
import { traceIdOf } from "../../../observability/index.ts";
import {
  homeTextOfNamespace,
  homeTextOfShard,
  type Shard,
} from "../../shared/instance/placement.ts";
import type { InstanceRpc, Place } from "../../shared/instance/protocol.ts";
import { failureOf, Moved, Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { Rebalance } from "../placement/rebalance.ts";
import type { Position } from "../position.ts";
import type { Admission } from "./admission.ts";
import type { ApiKeyCopies } from "./api-keys.ts";
import { inScope, type CallScope } from "./call-scope.ts";
import { NOBODY, type UsageCounter } from "../status/usage-counts.ts";
import type { FairTurns } from "./fair-turns.ts";
import type { RateLimiter, Taken } from "./rate-limiter.ts";
import type { AuthorizedCall, OperationRunner } from "./runner.ts";

/** The longest that a call is worked on, ms. */
const CALL_MS_MAX = 30_000;
/** How often a call follows what it is about to another home. */
const MOVES_MAX = 4;

interface RequestPipelineDeps {
  context: InstanceContext;
  admission: Admission;
  turns: Pick<FairTurns, "take">;
  keys: ApiKeyCopies;
  limiter: RateLimiter;
  rebalance: Rebalance;
  runner: OperationRunner;
  position: Position;
  usage: Pick<UsageCounter, "count">;
  /** A new stub: one that threw must not be used again. */
  instance: (index: number) => InstanceRpc;
}

/** A call, and what is found out while it is worked on. */
interface Execution {
  name: OperationName;
  /** How many calls it counts as. */
  calls: number;
  scope: CallScope;
  /** ms since the epoch. */
  begun: number;
  rate: RateView | null;
  call: Call;
  /** That it was let into; null: none. */
  namespace: string | null;
}

export class RequestPipeline {
  readonly #deps: RequestPipelineDeps;

  constructor(deps: RequestPipelineDeps) {
    this.#deps = deps;
  }

  /** @param place how the caller names this instance, and the topology that it has heard of */
  async execute<N extends OperationName>(
    place: Place,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>> {
    const { context, admission, position } = this.#deps;
    const begun = context.now();
    const scope = scopeOf(call, begun);
    const calls = callsOf(name, input);
    const execution: Execution = { name, calls, scope, begun, rate: null, call, namespace: null };
    const tenant = this.#deps.keys.tenantOf(call);
    const refusal = admission.enter(tenant);
    if (refusal) return this.#reply(execution, { ok: false, error: refusal });
    try {
      await this.#deps.turns.take(tenant);
      await position.catchUp(place);
      const namespace = await this.#authorise(name, input, call);
      const limited = await this.#limit(call, calls);
      if (limited) execution.rate = limited.view;
      const by = this.#deps.keys.nameOf(call);
      execution.namespace = namespace;
      const visible = this.#deps.keys.namespacesOf(call);
      const allowed = { calls: limited?.count ?? calls, namespace, by, visible };
      const authorized = { name, input, call, ...allowed };
      const done = await inScope(execution.scope, () => this.#route(authorized));
      if (!("result" in done)) return this.#reply(execution, done);
      this.#countUse(execution, done.result);
      return { ...done, rate: execution.rate };
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      if (error instanceof Refused && error.rate) execution.rate = error.rate;
      const shown = this.#isLate(failure, call, execution) ? deadlineExceeded(call) : failure;
      return this.#reply(execution, { ok: false, error: shown });
    } finally {
      admission.leave(tenant);
    }
  }

  #authorise<N extends OperationName>(name: N, input: Input<N>, call: Call): Promise<string> {
    const needed =
      name === "authorize" ? (input as Input<"authorize">).scope : OPERATIONS[name].scope;
    return this.#deps.keys.authorize(call, needed);
  }

  /** A call counts where it comes in. Of several that one stands for, some may be refused. */
  #limit({ root, key_hash, forwarded }: Call, calls: number): Promise<Taken> | null {
    if (root || key_hash === null || forwarded) return null;
    const taken = this.#deps.limiter.take(key_hash, calls);
    if (calls === 1) return taken;
    return taken.then((some) => {
      this.#countRefused("rate_limited", calls - some.count);
      return some;
    });
  }

  /**
   * Here, or at the home by now of what the call is about: a change of the number of instances may
   * come at any moment.
   */
  async #route<N extends OperationName>(
    authorized: AuthorizedCall<N>,
  ): Promise<Result<Output<N>> | Reply<Output<N>>> {
    const { context, admission, rebalance, runner } = this.#deps;
    const { name, namespace } = authorized;
    if (name === "authorize" || OPERATIONS[name].home === "asked")
      return runner.run(authorized, null);

    const { home, shard } = routeOf(authorized);
    for (let moves = 0; ; moves++) {
      const instance = context.homeOf(home);
      if (instance !== context.place().index) return this.#forward(instance, authorized);
      try {
        await rebalance.ensureHere(shard);
        admission.check(name, namespace);
        return await runner.run(authorized, home);
      } catch (error) {
        if (!(error instanceof Moved) || moves >= MOVES_MAX) throw error;
        context.log({ event: "call_moved", level: "info", operation: name });
      }
    }
  }

  #forward<N extends OperationName>(
    index: number,
    { name, input, call, namespace }: AuthorizedCall<N>,
  ): Promise<Reply<Output<N>>> {
    const { position, instance } = this.#deps;
    const forwarded: Call = { ...call, namespace, forwarded: true };
    return instance(index).execute(position.placeOf(index), name, input, forwarded);
  }

  /** Whether the database was given too little time by the caller, and not by the service. */
  #isLate({ code }: Failure, { timeout_ms }: Call, { scope }: Execution): boolean {
    const isHurried = timeout_ms !== null && timeout_ms < CALL_MS_MAX;
    const { deadline } = scope;
    return (
      code === "database_unavailable" &&
      isHurried &&
      deadline !== null &&
      this.#deps.context.now() >= deadline
    );
  }

  #countRefused(code: ErrorCode, calls: number): void {
    if (calls === 0) return;
    const { meter } = this.#deps.context;
    meter.count("memory_refused_total", { code }, calls);
    if (code === "rate_limited") meter.count("memory_rate_limited_total", {}, calls);
  }

  #reply<T>(execution: Execution, result: Result<T>): Reply<T> {
    const { name, calls, scope, begun, rate } = execution;
    const { context } = this.#deps;
    this.#countUse(execution, result);
    const code = result.ok ? "ok" : result.error.code;
    if (!result.ok) this.#countRefused(result.error.code, calls);

    const { version, count } = context.control().topology;
    const { log_level } = context.settings();
    const { cache } = scope;
    if (log_level === "debug") {
      const duration_ms = context.now() - begun;
      const operation = name;
      inScope(scope, () =>
        context.log({ event: "call", level: "debug", operation, code, cache, duration_ms }),
      );
    }
    return { result, cache, rate, topology: { version, count }, log_level };
  }

  /** Counts the request where it came in, and what it wrote where it wrote it. */
  #countUse({ name, calls, scope, call, namespace }: Execution, result: Result<unknown>): void {
    const { keys, usage } = this.#deps;
    const { rows, bytes } = scope.written;
    const came = call.forwarded ? 0 : calls;
    const counts = {
      requests: came,
      refusals: came === 0 ? 0 : result.ok ? refusedIn(name, result) : came,
      episodes: rows > 0 && result.ok ? begunIn(name, result) : 0,
      rows,
      bytes,
    };
    if (counts.requests + counts.rows === 0) return;
    // Whose key it is may be known only since it was judged.
    usage.count({ namespace, key: keys.idOf(call) ?? NOBODY }, counts);
  }
}

type Done = { value: unknown; replayed: boolean };

/** Episodes that are there and were not before. */
function begunIn(name: OperationName, { value, replayed }: Done): number {
  if (replayed) return 0;
  if (name === "episode.start") return 1;
  const statuses = statusesIn(name, value);
  return statuses.filter((status) => status === "created").length;
}

/** Parts of a batch that were refused by themselves. */
function refusedIn(name: OperationName, { value }: Done): number {
  return statusesIn(name, value).filter((status) => status === "refused").length;
}

/** What became of each episode that was imported. */
function statusesIn(name: OperationName, value: unknown): string[] {
  if (name === "episode.import") return [(value as Output<"episode.import">).status];
  if (name !== "episodes.import") return [];
  return (value as Output<"episodes.import">).answers.map(({ status }) => status);
}

function callsOf<N extends OperationName>(name: N, input: Input<N>): number {
  const { calls } = OPERATIONS[name] as Operation<Input<N>, Output<N>>;
  return calls?.(input) ?? 1;
}

function scopeOf({ timeout_ms, request_id, traceparent }: Call, now: number): CallScope {
  return {
    deadline: now + Math.min(CALL_MS_MAX, timeout_ms ?? CALL_MS_MAX),
    cache: null,
    written: { rows: 0, bytes: 0 },
    request_id,
    traceparent: traceIdOf(traceparent) === null ? null : traceparent,
  };
}

function deadlineExceeded({ timeout_ms }: Call): Failure {
  const detail = `There was no answer within the ${timeout_ms} ms that Request-Timeout allows.`;
  return { code: "deadline_exceeded", detail };
}

/** The shard that a call is about, and its home text: there it is worked on. */
function routeOf<N extends OperationName>({
  name,
  input,
  call,
  namespace,
}: AuthorizedCall<N>): { home: string; shard: Shard } {
  // The answer to a repetition is kept where the request finds it again: a new episode's id is
  // not in it.
  if (name === "episode.start" && call.idempotency) {
    const home = `idem:${call.key_hash}:${call.idempotency.key}`;
    return { home, shard: { kind: "idempotency", home } };
  }
  if (OPERATIONS[name].home === "episode" && "id" in input) {
    const shard: Shard = { kind: "episode", namespace, id: String(input.id) };
    return { home: homeTextOfShard(shard), shard };
  }
  return { home: homeTextOfNamespace(namespace), shard: { kind: "namespace", namespace } };
}
