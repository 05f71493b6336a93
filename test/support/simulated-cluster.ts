/**
 * Many real instances in Node, with the Coordinator's and the Worker's way to them, on a clock that
 * a test moves (vitest's timers) and a network of a stated slowness: a caller sends one message
 * after the other, each is on its way for a while, and so is its answer.
 *
 * @module
 */

import { Instances } from "../../src/durable/coordinator/instances.ts";
import { initialControl, type Control } from "../../src/durable/shared/control.ts";
import { Overview } from "../../src/gateway/overview.ts";
import { type Caller, NodeInstances } from "./instances.ts";

/** How slow everything is, ms. */
interface Slowness {
  /** A message's way, one way. */
  way: () => number;
  /** A caller's work for each message that it sends. */
  send: number;
}

/** A message between two objects, or to one from outside. */
interface Message {
  from: Caller;
  to: number;
  name: string;
  /** Of the answer, as JSON; null: there was none yet. */
  bytes: number | null;
}

export class SimulatedCluster {
  readonly nodes: NodeInstances;
  readonly coordinator: Instances;
  readonly overview: Overview;
  readonly messages: Message[] = [];
  /** Instances to which no connection can be made. */
  readonly unreachable = new Set<number>();
  /** Instances that take a message and never answer. */
  readonly hung = new Set<number>();
  /** When each caller has sent what it has to send so far, ms since the epoch. */
  readonly #sentUntil = new Map<Caller, number>();

  /** Call it with vitest's timers in place. */
  constructor(count: number, slowness: Slowness) {
    this.nodes = new NodeInstances(count);
    this.nodes.now = Date.now();
    for (let index = 0; index < count; index++) this.nodes.instance(index);
    this.nodes.beforeCall = (to, name, _input, from) =>
      this.#onMessage({ to, name, from }, slowness);
    this.nodes.afterCall = async (to, name, answer, from) => {
      await pause(slowness.way());
      this.nodes.now = Date.now();
      const message = this.messages.findLast(
        (each) => each.to === to && each.from === from && each.name === name,
      );
      if (message) message.bytes = JSON.stringify(answer).length;
    };
    const [instance, wait] = [(index: number) => this.nodes.stub(index), pause];
    this.coordinator = new Instances({
      controlStore: this.#controlStore(count),
      instance,
      wait,
      r2: {
        view: () => ({ state: "closed", until: null, reason: null, calls: 0, failed: 0, slow: 0 }),
      },
      wake: () => undefined,
      now: Date.now,
      log: () => undefined,
    });
    this.overview = this.#overviewOf(count, instance);
  }

  /** Makes a new version of the control document; nobody has heard of it yet. */
  change(changes: Partial<Omit<Control, "version">>): void {
    const { control } = this.nodes;
    this.nodes.control = { ...control, ...changes, version: control.version + 1 };
  }

  /** The version of the control document that each instance has, as it says itself. */
  async versions(): Promise<number[]> {
    const all = Array.from({ length: this.nodes.control.topology.count }, (_, index) => index);
    return Promise.all(
      all.map(async (index) => (await this.nodes.ask(index, "view", null)).control_version),
    );
  }

  /** The most messages that one object, or somebody outside, sent. */
  busiest(): number {
    const byCaller = Map.groupBy(this.messages, ({ from }) => from);
    return Math.max(...[...byCaller.values()].map((sent) => sent.length));
  }

  /** How many messages one after the other reach the last instance. */
  levels(): number {
    const levelOf = new Map<Caller, number>([["outside", 0]]);
    for (const { from, to } of this.messages) {
      levelOf.set(to, Math.max(levelOf.get(to) ?? 0, (levelOf.get(from) ?? 0) + 1));
    }
    return Math.max(...levelOf.values());
  }

  async #onMessage(
    { to, name, from }: Omit<Message, "bytes">,
    { way, send }: Slowness,
  ): Promise<void> {
    this.messages.push({ to, name, from, bytes: null });
    const sentAt = Math.max(this.#sentUntil.get(from) ?? 0, Date.now()) + send;
    this.#sentUntil.set(from, sentAt);
    await pause(sentAt - Date.now() + way());
    this.nodes.now = Date.now();
    if (this.unreachable.has(to)) throw new Error("the connection cannot be made");
    if (this.hung.has(to)) await new Promise(() => undefined);
  }

  #controlStore(count: number): { control: Control; instanceCount: number } {
    const { nodes } = this;
    return {
      get control() {
        return nodes.control;
      },
      instanceCount: count,
    };
  }

  #overviewOf(count: number, instance: (index: number) => ReturnType<NodeInstances["stub"]>) {
    const coordinatorAnswers: Record<string, unknown> = {
      "metrics.get": { samples: [], instance_count: count },
      "facts.get": { ...initialControl(count), jobs: [], settings: undefined },
    };
    return new Overview({
      gateway: {
        ask: async (name) => coordinatorAnswers[name] as never,
        place: (index) => ({ index, count, version: this.nodes.control.topology.version }),
      },
      instance,
      deployment: {
        backupKeyProblem: null,
        defaults: {},
        version: { version: "0.0.0", id: null } as never,
      },
      now: Date.now,
    });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
