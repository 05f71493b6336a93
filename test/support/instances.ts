/**
 * Memory instances on Node's SQLite, with a database and a Coordinator of their own: everything of
 * an instance but the platform. Time stands until a test moves it.
 *
 * @module
 */

import { Instance } from "../../src/durable/instance/instance.ts";
import type { CoordinatorPort } from "../../src/durable/instance/platform.ts";
import { type Control, initialControl, type KeyRecord } from "../../src/durable/shared/control.ts";
import type {
  InstanceRpc,
  InternalInput,
  InternalOperationName,
  InternalOutput,
} from "../../src/durable/shared/instance/protocol.ts";
import type { InstanceNote, InstanceReport } from "../../src/durable/shared/coordinator.ts";
import type { SettingOverrides } from "../../src/contract/settings.ts";
import type { Call, Reply } from "../../src/contract/call.ts";
import type { Input, OperationName, Output } from "../../src/contract/operations.ts";
import { NO_ABLATIONS, type Ablations } from "../../src/memory/ablations.ts";
import { homeOf } from "../../src/memory/rendezvous.ts";
import { uuidv7 } from "../../src/memory/id.ts";
import type { Sample } from "../../src/observability/index.ts";
import { toDatabaseError } from "../../src/storage/database/errors.ts";
import type { Database, LocalSql } from "../../src/storage/index.ts";
import { localSql } from "../../src/durable/shared/context.ts";
import { asDatabase, openLocal, openStorage, type NodeSql, type NodeStorage } from "./node-sql.ts";

const ROOT: Call = {
  key_hash: null,
  root: true,
  namespace: null,
  request_id: "test",
  traceparent: null,
  idempotency: null,
  wait_stored: false,
  timeout_ms: null,
  forwarded: false,
};

/** Who calls an instance: another one, or the Worker, the Coordinator or a test. */
export type Caller = number | "outside";

export class NodeInstances {
  now = Date.parse("2026-01-02T00:00:00.000Z");
  /** How far the clocks of instances are ahead, ms. */
  readonly skews = new Map<number, number>();
  control: Control;
  keys: KeyRecord[] = [];
  /** Which deployment the Coordinator says that this is. */
  deployment = "test";
  /** The database's own storage. */
  readonly stored: NodeSql = openLocal([]);
  /** Runs before each request to the database, which waits for it; what it throws, that throws. */
  beforeDatabase: (operation: "read" | "write") => Promise<void> | void = () => undefined;
  /** Runs after each such request, before its answer arrives; likewise. */
  afterDatabase: (operation: "read" | "write") => Promise<void> | void = () => undefined;
  /** Runs before each call from an instance to another; what it throws, the connection throws. */
  beforeCall: (to: number, name: string, input: unknown, from: Caller) => Promise<void> | void =
    () => undefined;
  /** Runs after each such call, before the answer arrives; likewise. */
  afterCall: (to: number, name: string, answer: unknown, from: Caller) => Promise<void> | void =
    () => undefined;
  /** Runs before each call to the Coordinator; likewise. */
  beforeCoordinator: (name: keyof CoordinatorPort) => void = () => undefined;
  readonly reports: InstanceReport[] = [];
  /** What instances had put into the timeline. */
  readonly notes: InstanceNote[] = [];
  readonly #settings: SettingOverrides;
  readonly #ablations: Ablations;
  readonly #storages = new Map<number, NodeStorage>();
  readonly #instances = new Map<number, Instance>();
  /** Instances that have not said yet that they handed everything over. */
  readonly #handingOver = new Set<number>();

  /** @param ablations parts that are left out; they may change between two questions */
  constructor(count: number, settings: SettingOverrides = {}, ablations: Ablations = NO_ABLATIONS) {
    this.control = { ...initialControl(count), version: 1 };
    this.#settings = { log_level: "error", ...settings };
    this.#ablations = ablations;
  }

  /** Makes an object anew on its storage, as after an eviction. */
  restart(index: number): void {
    this.#instances.delete(index);
  }

  /** Fires the alarm of an instance as the platform does: it is not set any more. */
  async fireAlarm(index: number): Promise<void> {
    const instance = this.instance(index);
    this.#storageOf(index).alarmAt = null;
    await instance.alarm();
  }

  /** The storage of an instance is lost; its object begins anew. */
  lose(index: number): void {
    this.#storages.delete(index);
    this.restart(index);
  }

  /** The own storage of an instance. */
  local(index: number): LocalSql {
    this.instance(index);
    return localSql(this.#storageOf(index));
  }

  /** Statements of an instance meet a damaged page of its own storage from now on. */
  damage(index: number, statements: RegExp): void {
    this.#storageOf(index).damaged = statements;
  }

  /** When the alarm of an instance fires, ms since the epoch. */
  alarmAt(index: number): number | null {
    return this.#storageOf(index).alarmAt;
  }

  instance(index: number): Instance {
    let instance = this.#instances.get(index);
    if (!instance) {
      instance = this.#made(index);
      this.#instances.set(index, instance);
    }
    return instance;
  }

  /** The number of the instance that a text hashes to. @param count by default the present one */
  homeOf(text: string, count = this.control.topology.count): number {
    return homeOf(text, count);
  }

  /** A call of a client, as the Worker sends it. */
  async call<N extends OperationName>(
    name: N,
    input: Input<N>,
    call: Partial<Call> = {},
  ): Promise<Reply<Output<N>>> {
    const { namespace = "n" } = call;
    const home = "id" in input ? String(input.id) : `ns:${namespace}`;
    const { count, version } = this.control.topology;
    const index = this.homeOf(home);
    const sent = { ...ROOT, namespace, ...call };
    return this.instance(index).execute({ index, count, version }, name, input, sent);
  }

  /** What a client's call answers. Throws an Error when it is refused. */
  async do<N extends OperationName>(
    name: N,
    input: Input<N>,
    call: Partial<Call> = {},
  ): Promise<Output<N>> {
    const { result } = await this.call(name, input, call);
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
    return result.value;
  }

  /** Asks an instance, as the Coordinator does. Throws an Error when it refuses. */
  async ask<N extends InternalOperationName>(
    index: number,
    name: N,
    input: InternalInput<N>,
  ): Promise<InternalOutput<N>> {
    const { count, version } = this.control.topology;
    const answer = await this.instance(index).internal({ index, count, version }, name, input);
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.detail}`);
    return answer.value;
  }

  /** What an instance counted: the sum of the series that have these labels. */
  async counted(
    index: number,
    name: Sample["name"],
    labels: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const samples = await this.ask(index, "metrics", null);
    return samples
      .filter((sample) => sample.name === name && isAmong(labels, sample.labels))
      .reduce((sum, sample) => sum + ("value" in sample ? sample.value : 0), 0);
  }

  /** Starts an episode; answers with its id. */
  async start(task = "a task", call: Partial<Call> = {}): Promise<string> {
    const context = { domain: "d", language: null, framework: null, tags: [] };
    const { id } = await this.do(
      "episode.start",
      {
        id: uuidv7(this.now, crypto.getRandomValues(new Uint8Array(10))),
        task,
        task_type: "other",
        context: { ...context, complexity: "simple" },
        metadata: {},
        tags: [],
      },
      call,
    );
    return id;
  }

  /** Adds a step of a tool to an episode. */
  async step(id: string, tool: string, call: Partial<Call> = {}): Promise<Output<"episode.steps">> {
    const result = { type: "success", output: "" } as const;
    const measures = { latency_ms: null, tokens: null, metadata: {} };
    const step = { tool, action: "", parameters: {}, result, ...measures };
    return this.do("episode.steps", { id, steps: [step] }, call);
  }

  /** Completes an episode with success. */
  complete(id: string, call: Partial<Call> = {}): Promise<Output<"episode.complete">> {
    const outcome = { type: "success" as const, verdict: "done", artifacts: [] };
    return this.do("episode.complete", { id, outcome, recall_id: null }, call);
  }

  /** Changes what is in force, and lets every instance that there is hear of it. */
  async change(changes: Partial<Omit<Control, "version">>): Promise<void> {
    this.control = { ...this.control, ...changes, version: this.control.version + 1 };
    for (const index of this.#instances.keys()) await this.ask(index, "control", this.control);
  }

  /** Changes the number of instances; the change runs until `settle`. */
  async resize(count: number): Promise<void> {
    const { count: previous, version } = this.control.topology;
    this.#handingOver.clear();
    for (let index = 0; index < Math.max(count, previous); index++) {
      this.instance(index);
      this.#handingOver.add(index);
    }
    await this.change({ topology: { version: version + 1, count, previous } });
  }

  /** Fires every alarm until all was handed over. */
  async settle(): Promise<void> {
    for (let fired = 0; this.control.topology.previous !== null; fired++) {
      if (fired > 100) throw new Error("the change of the number of instances does not end");
      this.now += 1_000;
      for (const index of this.#instances.keys()) await this.instance(index).alarm();
    }
  }

  /** The database is well, and every instance finds that out. */
  async heal(): Promise<void> {
    this.beforeDatabase = () => undefined;
    for (let fired = 0; fired < 3; fired++) {
      this.now += 120_000;
      for (const index of this.#instances.keys()) await this.instance(index).alarm();
    }
    await this.flush();
  }

  /** Sends everything that is unsent. */
  async flush(): Promise<void> {
    for (const index of this.#instances.keys()) await this.ask(index, "flush", null);
  }

  #made(index: number): Instance {
    const held = this.holder(index);
    return new Instance({
      storage: held(this.#storageOf(index)),
      defaults: this.#settings,
      instanceCount: this.control.topology.count,
      migrations: "auto",
      release: "0.0.0",
      openDatabase: () => held(this.#database()),
      coordinator: () => held(this.#coordinator()),
      instance: (to) => held(this.stub(to, index)),
      ablations: this.#ablations,
      embedder: null,
      secretPatterns: [],
      now: () => this.now + (this.skews.get(index) ?? 0),
      random: () => 0.5,
      wait: async (ms) => {
        this.now += ms;
        // What came meanwhile is heard.
        if (ms === 0) await new Promise((resolve) => setImmediate(resolve));
      },
    });
  }

  /** Makes of a port what a new object of an instance is given to hold. */
  protected holder(_index: number): <T extends object>(port: T) => T {
    return (port) => port;
  }

  /** What it answers. */
  protected answer<T>(_index: number, answer: Promise<T>): Promise<T> {
    return answer;
  }

  #storageOf(index: number): NodeStorage {
    let storage = this.#storages.get(index);
    if (!storage) {
      storage = openStorage();
      this.#storages.set(index, storage);
    }
    return storage;
  }

  #database(): Database {
    const database = asDatabase(this.stored);
    const asked = async <T>(operation: "read" | "write", work: () => Promise<T>): Promise<T> => {
      try {
        await this.beforeDatabase(operation);
        const answer = await work();
        await this.afterDatabase(operation);
        return answer;
      } catch (error) {
        throw toDatabaseError(error);
      }
    };
    return {
      all: (sql, ...args) => asked("read", () => database.all(sql, ...args)),
      write: (statements) => asked("write", () => database.write(statements)),
    };
  }

  #coordinator(): CoordinatorPort {
    const reached = (name: keyof CoordinatorPort): void => this.beforeCoordinator(name);
    return {
      control: async () => {
        reached("control");
        return this.control;
      },
      deployment: async () => {
        reached("deployment");
        return this.deployment;
      },
      keys: async () => {
        reached("keys");
        return this.keys;
      },
      report: async (report) => {
        reached("report");
        this.reports.push(report);
        return this.control.version;
      },
      note: async (note) => {
        reached("note");
        this.notes.push(note);
      },
      handedOver: async (instance, version) => {
        reached("handedOver");
        await this.#onHandedOver(instance, version);
      },
      acquire: async () => {
        reached("acquire");
        return 1;
      },
      release: async () => undefined,
    };
  }

  async #onHandedOver(instance: number, version: number): Promise<void> {
    const { topology } = this.control;
    if (version !== topology.version) return;
    this.#handingOver.delete(instance);
    if (this.#handingOver.size === 0)
      await this.change({ topology: { ...topology, previous: null } });
  }

  /** A connection to an instance. Plain data crosses the wire, and calls may get lost. */
  stub(to: number, from: Caller = "outside"): InstanceRpc {
    return {
      execute: async (place, name, input, call) => {
        await this.beforeCall(to, name, input, from);
        const sent = structuredClone({ place, input, call });
        const instance = this.instance(to);
        const executed = instance.execute(sent.place, name, sent.input, sent.call);
        const reply = await this.answer(to, executed);
        await this.afterCall(to, name, reply, from);
        return structuredClone(reply);
      },
      internal: async (place, name, input, trace) => {
        await this.beforeCall(to, name, input, from);
        const sent = structuredClone({ place, input, trace });
        const instance = this.instance(to);
        const worked = instance.internal(sent.place, name, sent.input, sent.trace);
        const answer = await this.answer(to, worked);
        await this.afterCall(to, name, answer, from);
        return structuredClone(answer);
      },
    };
  }
}

function isAmong(
  labels: Readonly<Record<string, string>>,
  all: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(labels).every(([label, value]) => all[label] === value);
}
