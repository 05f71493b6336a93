/**
 * The one way into an instance: who calls, how often, in which namespace, for the first time or
 * again, and whether this is the right instance. A handler is given a namespace and cannot choose
 * one.
 *
 * @module
 */

import { homeOf } from "../../../memory/rendezvous.ts";
import type { Call, RateView, Reply, Result } from "../../../contract/call.ts";
import {
  type Input,
  type OperationName,
  OPERATIONS,
  type Output,
} from "../../../contract/operations.ts";
import type { Durability } from "../../../contract/vocabulary.ts";
import { traceIdOf } from "../../../observability/index.ts";
import type { SqlValue, TableName } from "../../../storage/index.ts";
import { KeptAnswers, type AnswerKey } from "./kept-answers.ts";
import { inScope, type CallScope } from "./call-scope.ts";
import type { Commit } from "../episodes/episodes.ts";
import type { InstanceContext } from "../context.ts";
import type { ApiKeyCopies } from "./api-keys.ts";
import { failureOf, Moved, Refused } from "../../shared/refusals.ts";
import type { Shard } from "../../shared/placement.ts";

/** The longest that a call is worked on, ms. */
const CALL_MS_MAX = 30_000;
/** Told to those who would begin something new during maintenance, s. */
const MAINTENANCE_RETRY_S = 60;
const OUTBOX_RETRY_S = 10;

/** What a handler works with. */
interface Work {
  namespace: string;
  commit: Commit;
}

export type OperationHandlers = {
  [N in OperationName]: (input: Input<N>, work: Work) => Promise<Output<N>> | Output<N>;
};

export interface RequestPipelinePorts {
  context: InstanceContext;
  keys: ApiKeyCopies;
  handlers: OperationHandlers;
  /** Takes one of the key's requests. Throws `Refused` when there is none. */
  limit: (key: string) => Promise<RateView>;
  /** Makes sure that the shard is here, after a change of the number of instances. */
  claim: (shard: Shard) => Promise<void>;
  /** Whether the namespace is being erased and takes no writes. */
  erasing: (namespace: string) => boolean;
  /** Rows and bytes that wait for the database. */
  unsent: () => { rows: number; bytes: number };
  /** Runs a call at another instance. */
  forward: <N extends OperationName>(
    instance: number,
    name: N,
    input: Input<N>,
    call: Call,
  ) => Promise<Reply<Output<N>>>;
  /** Waits until these rows are in the database; false when that takes too long. */
  stored(marks: readonly (readonly [TableName, readonly SqlValue[]])[]): Promise<boolean>;
  /** Collects the rows that are marked from now on, until the returned function is called. */
  record(): () => (readonly [TableName, readonly SqlValue[]])[];
}

/** Where a call is worked on. */
type Site = { here: true; home: string; shard: Shard } | { here: false; instance: number };

/** Whether the caller waits for less time than the service would. */
function hurried({ timeout_ms }: Call): boolean {
  return timeout_ms !== null && timeout_ms < CALL_MS_MAX;
}

export class RequestPipeline {
  readonly #ports: RequestPipelinePorts;
  readonly #answers: KeptAnswers;
  readonly #inFlight = new Set<string>();
  /** Calls that are worked on now. */
  running = 0;

  constructor(ports: RequestPipelinePorts) {
    this.#ports = ports;
    this.#answers = new KeptAnswers(ports.context);
  }

  /**
   * @param ready resolves when this instance knows what is in force; throws `Refused` when it
   *   cannot
   */
  async run<N extends OperationName>(
    name: N,
    input: Input<N>,
    call: Call,
    ready: () => Promise<void>,
  ): Promise<Reply<Output<N>>> {
    const { context } = this.#ports;
    const deadline = context.now() + Math.min(CALL_MS_MAX, call.timeout_ms ?? CALL_MS_MAX);
    const scope: CallScope = {
      deadline,
      cache: null,
      request_id: call.request_id,
      traceparent: traceIdOf(call.traceparent) === null ? null : call.traceparent,
    };
    const begun = context.now();
    let rate: RateView | null = null;
    const reply = (result: Result<Output<N>>): Reply<Output<N>> => {
      if (!result.ok) {
        context.meter.count("memory_refused_total", { code: result.error.code });
        if (result.error.code === "rate_limited") context.meter.count("memory_rate_limited_total");
      }
      const { version, count } = context.control().topology;
      const code = result.ok ? "ok" : result.error.code;
      const duration_ms = context.now() - begun;
      const { log_level } = context.settings();
      if (log_level === "debug") {
        inScope(scope, () =>
          context.log({
            event: "call",
            level: "debug",
            operation: name,
            code,
            cache: scope.cache,
            duration_ms,
          }),
        );
      }
      return { result, cache: scope.cache, rate, topology: { version, count }, log_level };
    };
    const most = context.settings().instance_in_flight_max;
    if (this.running >= most) {
      const detail = `The instance works on ${most} requests already. Try again in a moment.`;
      return reply({ ok: false, error: { code: "overloaded", detail, retry_after_s: 1 } });
    }
    this.running += 1;
    try {
      await ready();
      const { keys, limit } = this.#ports;
      const rule = OPERATIONS[name];
      const needed = name === "authorize" ? (input as Input<"authorize">).scope : rule.scope;
      const namespace = await keys.authorize(call, needed);
      if (!call.root && call.key_hash !== null && !call.forwarded)
        rate = await limit(call.key_hash);
      const moved = await inScope(scope, () => this.#serve(name, input, call, namespace));
      if ("result" in moved) return { ...moved, rate };
      return reply(moved);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      const late =
        failure.code === "database_unavailable" && hurried(call) && context.now() >= deadline;
      if (late) {
        const detail = `There was no answer within the ${call.timeout_ms} ms that Request-Timeout allows.`;
        return reply({ ok: false, error: { code: "deadline_exceeded", detail } });
      }
      if (error instanceof Refused && error.rate) rate = error.rate;
      return reply({ ok: false, error: failure });
    } finally {
      this.running -= 1;
    }
  }

  /** Drops answers that are older than they are kept for. */
  forgetAnswers(): void {
    this.#answers.forget();
  }

  /** Here, or where it lives by now: a change of the number of instances may come at any moment. */
  async #serve<N extends OperationName>(
    name: N,
    input: Input<N>,
    call: Call,
    namespace: string,
  ): Promise<Result<Output<N>> | Reply<Output<N>>> {
    const { context, forward, claim } = this.#ports;
    for (let tries = 0; ; tries++) {
      const site = this.#site(name, input, call, namespace);
      if (!site.here)
        return forward(site.instance, name, input, { ...call, namespace, forwarded: true });
      if (name === "authorize") return this.#handle(name, input, call, namespace, null);
      try {
        await claim(site.shard);
        this.#admit(name, namespace);
        return await this.#once(name, input, call, namespace, site.home);
      } catch (error) {
        if (!(error instanceof Moved) || tries > 3) throw error;
        context.log({ event: "call_moved", level: "info", operation: name });
      }
    }
  }

  #site<N extends OperationName>(name: N, input: Input<N>, call: Call, namespace: string): Site {
    const { index, count } = this.#ports.context.place();
    let home = `ns:${namespace}`;
    let shard: Shard = { kind: "namespace", namespace };
    if (OPERATIONS[name].home === "episode" && "id" in input) {
      home = String(input.id);
      shard = { kind: "episode", namespace, id: home };
    }
    // The answer to a repetition is kept where the request finds it again: a new episode's id is
    // not known to it.
    if (name === "episode.start" && call.idempotency) {
      home = `idem:${call.key_hash}:${call.idempotency.key}`;
      shard = { kind: "idempotency", home };
    }
    const instance = homeOf(home, count);
    return name === "authorize" || instance === index
      ? { here: true, home, shard }
      : { here: false, instance };
  }

  #admit(name: OperationName, namespace: string): void {
    const { context, unsent } = this.#ports;
    if (OPERATIONS[name].scope !== "read" && this.#ports.erasing(namespace)) {
      throw new Refused("not_ready", "The namespace is being erased. Try again in a moment.", {
        retry_after_s: 1,
      });
    }
    if (name !== "episode.start" && name !== "episode.import") return;
    const { maintenance } = context.control();
    if (maintenance) {
      const detail = `${maintenance.message} Running episodes go on; new ones can be started afterwards.`;
      throw new Refused("maintenance", detail, { retry_after_s: MAINTENANCE_RETRY_S });
    }
    const { rows, bytes } = unsent();
    const { outbox_max_rows, outbox_max_bytes } = context.settings();
    if (rows >= outbox_max_rows || bytes >= outbox_max_bytes) {
      const detail = `${rows} rows (${bytes} bytes) wait for the database, at most ${outbox_max_rows} (${outbox_max_bytes}) may. Running episodes go on; new ones can be started when it has caught up.`;
      throw new Refused("outbox_full", detail, { retry_after_s: OUTBOX_RETRY_S });
    }
  }

  async #once<N extends OperationName>(
    name: N,
    input: Input<N>,
    call: Call,
    namespace: string,
    home: string,
  ): Promise<Result<Output<N>>> {
    const again = call.idempotency;
    // A read changes nothing: its repetition is one more read.
    if (!again || OPERATIONS[name].scope === "read")
      return this.#handle(name, input, call, namespace, null);

    const of: AnswerKey = {
      who: call.root ? "root" : String(call.key_hash),
      namespace,
      key: again.key,
    };
    const kept = this.#answers.find(of, again.fingerprint);
    if (kept !== null) {
      const value = JSON.parse(kept) as Output<N>;
      return { ok: true, value, namespace, durability: "queued", replayed: true };
    }
    const mark = JSON.stringify(of);
    if (this.#inFlight.has(mark)) {
      throw new Refused(
        "idempotency_in_flight",
        "A request with this Idempotency-Key is being worked on.",
        {
          retry_after_s: 1,
        },
      );
    }
    this.#inFlight.add(mark);
    try {
      return await this.#handle(name, input, call, namespace, {
        of,
        home,
        fingerprint: again.fingerprint,
      });
    } finally {
      this.#inFlight.delete(mark);
    }
  }

  async #handle<N extends OperationName>(
    name: N,
    input: Input<N>,
    call: Call,
    namespace: string,
    keep: { of: AnswerKey; home: string; fingerprint: string } | null,
  ): Promise<Result<Output<N>>> {
    const { context, handlers } = this.#ports;
    let kept = false;
    const remember = (value: unknown): void => {
      kept = true;
      if (!keep) return;
      // A repetition looks for the answer where its home is by now.
      if (!context.isHome(keep.home)) throw new Moved(keep.home);
      this.#answers.keep(keep.of, keep.home, keep.fingerprint, value);
    };
    const commit: Commit = (work) =>
      context.transaction(() => {
        const value = work();
        remember(value);
        return value;
      });
    const stop = this.#ports.record();
    let value: Output<N>;
    let touched: (readonly [TableName, readonly SqlValue[]])[];
    try {
      value = await handlers[name](input, { namespace, commit });
    } finally {
      touched = stop();
    }
    if (!kept && (keep === null || context.isHome(keep.home))) remember(value);
    let durability: Durability = OPERATIONS[name].scope === "read" ? "none" : "queued";
    if (durability === "queued" && call.wait_stored && (await this.#ports.stored(touched)))
      durability = "stored";
    return { ok: true, value, namespace, durability, replayed: false };
  }
}
