/**
 * Instances, a database and a network between them, where everything that is on its way waits for
 * its turn, and where things go wrong: answers are lost before and after what they tell, objects
 * die, the database goes away, the number of instances changes, alarms ring late and twice, the
 * clock jumps.
 *
 * @module
 */

import { mock } from "node:test";
import { pick, type Random } from "../../../bench/quality/random.ts";
import { MortalInstances } from "../../support/mortal-instances.ts";
import type { History } from "../history.ts";
import { Scheduler } from "./scheduler.ts";

/** How often each thing goes wrong: a share of the occasions that it has. */
export interface Faults {
  /** A request to the database that does not arrive; and one whose answer is lost. */
  databaseLost: number;
  databaseUnheard: number;
  /** A call to an instance that does not arrive; and one whose answer is lost. */
  callLost: number;
  callUnheard: number;
  /** In each turn: an object dies, the database goes or comes, the number changes, the clock jumps. */
  death: number;
  outage: number;
  resize: number;
  jump: number;
}

/** ms that a turn takes at most, and a jump of the clock. */
const TURN_MS_MAX = 20;
const HOUR_MS = 3_600_000;
/**
 * Jumps of the clock: back, and ahead by nearly a day, once. After a whole day answers are not kept
 * any more for who repeats a request, and episodes are abandoned: that is promised.
 */
const BACK_MS = HOUR_MS;
const AHEAD_MS = 23 * HOUR_MS;
/** Numbers of instances that a change may lead to. */
const COUNTS = [1, 2, 3, 4] as const;
const COUNT_MAX = 4;
/** Turns without anything to do before it is said that nothing goes on. */
const IDLE_MAX = 10_000;
/** Turns that the machine is given to digest what it is asked to, before time goes on. */
const MACHINE_TURNS = 20;
const IDLE_MS = 250;
/** Rounds of alarms after which everything is learned and forgotten. */
const HEALING_MAX = 20;
/** Turns between two times that it is tried to heal. */
const TURNS_BETWEEN = 20;
/** In how many turns, as a share, a change that runs is told of again. */
const PUSHES = 0.05;

/** As the platform says that a call, or its answer, did not arrive. */
const lostCall = (): Error =>
  Object.assign(new Error("Network connection lost."), { retryable: true });

export class World {
  readonly nodes: MortalInstances;
  readonly scheduler: Scheduler;
  readonly faults: History["faults"] = [];
  /** The number of the last moment. */
  moment = 0;
  readonly #often: Faults;
  readonly #ringing = new Set<number>();
  /** The numbers of all that there may be. */
  readonly instances: readonly number[] = [...Array(COUNT_MAX).keys()];
  #isAway = false;
  #wasAhead = false;
  #isHealed = false;

  constructor(random: Random, instances: number, often: Faults) {
    this.scheduler = new Scheduler(random);
    this.#often = often;
    this.nodes = new MortalInstances(instances, {
      batch_size: 5,
      cache_max_size: 3,
      database_attempts: 2,
    });
    this.nodes.beforeDatabase = () => this.#onDatabase();
    this.nodes.afterDatabase = () => this.#afterDatabase();
    this.nodes.beforeCall = (to, name) => this.#onCall(`call ${name} to ${to} is lost`);
    this.nodes.afterCall = (to, name) => this.#afterCall(`answer of ${to} to ${name} is lost`);
  }

  /** Number of the next moment: of a beginning, or of an answer. */
  tick(): number {
    this.moment += 1;
    return this.moment;
  }

  /** Turns until this is done. Throws when nothing goes on any more. */
  async runUntil(isDone: () => boolean): Promise<void> {
    for (let idle = 0; !isDone();) {
      this.#goWrong();
      this.#push();
      this.#ringSome();
      this.#pass(Math.floor(this.scheduler.random() * TURN_MS_MAX));
      if (await this.scheduler.step()) idle = 0;
      else {
        idle += 1;
        if (idle > IDLE_MAX) throw new Error("nothing goes on any more");
        // Nobody is on the way: the next to do something is the machine, which digests, or a timer.
        if (idle > MACHINE_TURNS) this.#pass(IDLE_MS);
      }
    }
  }

  /** Nothing goes wrong from now on, and everything reaches the database. */
  async heal(): Promise<void> {
    this.#isHealed = true;
    this.#isAway = false;
    let isDone = false;
    const healing = (async () => {
      while (this.nodes.control.topology.previous !== null) await this.scheduler.pause();
      // The platform wakes each that has something to do, whoever died last.
      for (const index of this.instances) this.nodes.instance(index);
      // What is to be learned and forgotten takes as many alarms as it takes, and no more than some.
      for (let round = 0; round < HEALING_MAX; round++) {
        await this.nodes.heal();
        // What an alarm did not wait for goes on: the healing alone would be over before it.
        for (let turn = 0; turn < TURNS_BETWEEN; turn++) await this.scheduler.pause();
        if (this.instances.every((index) => this.#pending(index) === 0)) return;
      }
    })();
    const ended = healing.finally(() => {
      isDone = true;
    });
    await Promise.all([this.runUntil(() => isDone), ended]);
  }

  #pending(index: number): number {
    return this.nodes.local(index).all("SELECT 1 AS n FROM pending_tasks").length;
  }

  /** Time goes on, for objects and for timers. */
  #pass(ms: number): void {
    this.nodes.now += ms;
    mock.timers.tick(ms);
  }

  #say(fault: string): void {
    this.faults.push({ at: this.moment, fault });
  }

  #happens(share: number): boolean {
    return !this.#isHealed && this.scheduler.random() < share;
  }

  async #onDatabase(): Promise<void> {
    await this.scheduler.pause();
    if (this.#isAway || this.#happens(this.#often.databaseLost)) throw new Error("fetch failed");
  }

  async #afterDatabase(): Promise<void> {
    await this.scheduler.pause();
    if (!this.#happens(this.#often.databaseUnheard)) return;
    this.#say("an answer of the database is lost");
    throw new Error("fetch failed");
  }

  async #onCall(fault: string): Promise<void> {
    await this.scheduler.pause();
    if (!this.#happens(this.#often.callLost)) return;
    this.#say(fault);
    throw lostCall();
  }

  async #afterCall(fault: string): Promise<void> {
    await this.scheduler.pause();
    if (!this.#happens(this.#often.callUnheard)) return;
    this.#say(fault);
    throw lostCall();
  }

  #goWrong(): void {
    const { nodes } = this;
    if (this.#happens(this.#often.death)) {
      const index = pick(this.scheduler.random, [...Array(nodes.control.topology.count).keys()]);
      this.#say(`instance ${index} dies`);
      this.#ringing.delete(index);
      nodes.kill(index);
    }
    if (this.#happens(this.#often.outage)) {
      this.#isAway = !this.#isAway;
      this.#say(this.#isAway ? "the database goes away" : "the database is back");
    }
    if (nodes.control.topology.previous === null && this.#happens(this.#often.resize)) {
      const count = pick(this.scheduler.random, COUNTS);
      if (count === nodes.control.topology.count) return;
      this.#say(`${nodes.control.topology.count} instances become ${count}`);
      void nodes.resize(count).catch(() => undefined);
    }
    if (this.#happens(this.#often.jump)) this.#jump();
  }

  /** The clock of all, or of one instance alone, is set back, or once ahead. */
  #jump(): void {
    const { nodes, scheduler } = this;
    const isAhead = !this.#wasAhead && scheduler.random() < 0.5;
    const by = isAhead ? AHEAD_MS : -BACK_MS;
    this.#wasAhead ||= isAhead;
    if (scheduler.random() < 0.5) {
      this.#say(`the clock jumps by ${by / HOUR_MS} h`);
      nodes.now += by;
      return;
    }
    const index = pick(scheduler.random, this.instances);
    this.#say(`the clock of instance ${index} jumps by ${by / HOUR_MS} h`);
    nodes.skews.set(index, (nodes.skews.get(index) ?? 0) + by);
  }

  /** As the Coordinator does: instances that may not have heard of a change are told again. */
  #push(): void {
    const { nodes, scheduler } = this;
    if (nodes.control.topology.previous === null || scheduler.random() > PUSHES) return;
    for (const index of this.instances)
      void nodes.ask(index, "control", nodes.control).catch(() => undefined);
  }

  /** Alarms that are due ring, each some turns late; one that was lost rings again. */
  #ringSome(): void {
    const { nodes } = this;
    for (const index of this.instances) {
      if (this.#ringing.has(index) || this.scheduler.random() < 0.7) continue;
      nodes.instance(index);
      const at = nodes.alarmAt(index);
      if (at === null || at > nodes.now + (nodes.skews.get(index) ?? 0)) continue;
      this.#ringing.add(index);
      void nodes
        .fireAlarm(index)
        .catch(() => undefined)
        .finally(() => this.#ringing.delete(index));
    }
  }
}
