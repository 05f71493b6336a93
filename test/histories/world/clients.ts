/**
 * What a client does: one thing after the other, on episodes, lessons and settings that others work
 * on at the same time. What it hears no answer to it says again with the same key, as a good client
 * does, where the operation has one; and now and then, as a bad one does, what was answered.
 *
 * @module
 */

import { pick, type Random } from "../../../bench/quality/random.ts";
import type { Call, Reply } from "../../../src/contract/call.ts";
import type { Input, OperationName } from "../../../src/contract/operations.ts";
import {
  COUNTERS,
  type Action,
  type CounterName,
  type Counts,
  type Operation,
  type Outcome,
} from "../history.ts";
import { requestOf, type Request, type Things } from "./requests.ts";
import type { World } from "./world.ts";

const NAMESPACE = "n";
/** Times that an operation with a key is tried. */
const TRIES = 4;
/** How often an operation with a key is sent twice at once, and again after its answer. */
const TWICE = 0.05;
const AGAIN = 0.1;
/** Codes after which nothing was done, and may be done later. */
const LATER = new Set([
  "database_unavailable",
  "idempotency_in_flight",
  "maintenance",
  "not_ready",
  "outbox_full",
  "overloaded",
]);
const TOOLS = ["find", "read", "send"] as const;
const TAGS = ["red", "green", "blue"] as const;
const SHARES = [0, 0.1, 0.2, 0.3] as const;
/** Episodes that are begun: a list shows all of them on one page. */
const EPISODES_MAX = 90;
const METRICS = {
  created: "memory_episode_created_total",
  steps: "memory_step_logged_total",
  completed: "memory_episode_completed_total",
} as const satisfies Record<CounterName, string>;

/** What a client asks, with the key by which it may say it again. */
interface Asked extends Request {
  key: string;
}

export class Client {
  readonly #world: World;
  readonly #things: Things;
  readonly #number: number;
  readonly #operations: Operation[];
  #made = 0;

  constructor(world: World, things: Things, number: number, operations: Operation[]) {
    this.#world = world;
    this.#things = things;
    this.#number = number;
    this.#operations = operations;
  }

  /** Does so many things. */
  async work(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.#world.scheduler.pause();
      const { object, action } = this.#choose();
      await this.do(object, action);
    }
  }

  /** Does this, and writes down what it heard. */
  async do(object: string, action: Action): Promise<void> {
    const { nodes, scheduler } = this.#world;
    const operation: Operation = {
      client: this.#number,
      object,
      action,
      invoked: this.#world.tick(),
      answered: Number.POSITIVE_INFINITY,
      clock: { invoked: nodes.now, answered: null },
      outcome: { type: "unknown" },
    };
    this.#operations.push(operation);
    if (action.name === "count") operation.outcome = { type: "ok", value: await this.#count() };
    else {
      const drawn = { now: nodes.now, random: scheduler.random };
      const key = `k-${this.#number}-${(this.#made += 1)}`;
      await this.#ask({ ...requestOf(this.#things, object, action, drawn), key }, operation);
    }
    this.#answered(operation);
  }

  /** What may still come is not over. */
  #answered(operation: Operation): void {
    if (operation.outcome.type === "unknown" || Number.isFinite(operation.answered)) return;
    operation.answered = this.#world.tick();
    operation.clock.answered = this.#world.nodes.now;
  }

  async #ask(asked: Asked, operation: Operation): Promise<void> {
    const { random } = this.#world.scheduler;
    const { hasKey } = asked;
    const copies = hasKey && random() < TWICE ? 2 : 1;
    let isLost = false;
    for (let tries = 0; tries < (hasKey ? TRIES : 1); tries++) {
      const heard = await Promise.all(Array.from({ length: copies }, () => this.#heard(asked)));
      const answers = heard.filter(isAnswer);
      const first = answers.find(({ type }) => type === "ok") ?? answers[0];
      const second = answers.find((one) => one !== first);
      if (first) {
        operation.outcome = first;
        if (second) operation.atOnce = second;
        this.#answered(operation);
        if (hasKey && first.type === "ok" && random() < AGAIN) await this.#again(asked, operation);
        return;
      }
      if (heard.some(({ type }) => type === "unknown")) isLost = true;
      await this.#world.scheduler.pause(2);
    }
    const later: Outcome = { type: "refused", code: "later" };
    operation.outcome = isLost || !hasKey ? { type: "unknown" } : later;
  }

  /** Says it again, though it was answered. */
  async #again(asked: Asked, operation: Operation): Promise<void> {
    await this.#world.scheduler.pause(2);
    const again = await this.#heard(asked);
    if (isAnswer(again)) operation.again = again;
  }

  async #heard({ name, input, hasKey, key, heard }: Asked): Promise<Outcome> {
    const idempotency = hasKey ? { key, fingerprint: key } : null;
    const reply = await this.#send(name, input, { idempotency }).catch(() => null);
    if (!reply) return { type: "unknown" };
    const { result } = reply;
    return result.ok
      ? { type: "ok", value: heard(result.value as never) }
      : { type: "refused", code: result.error.code };
  }

  /** What the instances that answer have counted. */
  async #count(): Promise<Counts> {
    const counts: Counts = { created: {}, steps: {}, completed: {} };
    const { nodes, instances } = this.#world;
    const { count, version } = nodes.control.topology;
    for (const index of instances) {
      const answer = await nodes
        .stub(index)
        .internal({ index, count, version }, "metrics", null)
        .catch(() => null);
      if (!answer?.ok) continue;
      for (const name of COUNTERS)
        counts[name][index] = answer.value.reduce(
          (sum, one) => sum + (one.name === METRICS[name] && "value" in one ? one.value : 0),
          0,
        );
    }
    return counts;
  }

  /** As the Worker does: to the home by the topology that it has heard of. */
  async #send(
    name: OperationName,
    input: Input<OperationName>,
    call: Partial<Call>,
  ): Promise<Reply<unknown>> {
    const { nodes } = this.#world;
    const isOfEpisode = "id" in input && name.startsWith("episode.");
    const home = isOfEpisode ? String(input.id) : `ns:${NAMESPACE}`;
    const index = nodes.homeOf(home);
    const { count, version } = nodes.control.topology;
    const whole: Call = {
      key_hash: null,
      root: true,
      namespace: NAMESPACE,
      request_id: "r",
      traceparent: null,
      idempotency: null,
      wait_stored: this.#world.scheduler.random() < 0.1,
      timeout_ms: null,
      forwarded: false,
      ...call,
    };
    return nodes.stub(index).execute({ index, count, version }, name, input as never, whole);
  }

  #choose(): { object: string; action: Action } {
    const { random } = this.#world.scheduler;
    const roll = random();
    const episode = this.#some(random, this.#things.episodes);
    const lesson = this.#some(random, this.#things.lessons);
    if (!episode || (roll < 0.06 && this.#things.begun < EPISODES_MAX)) return this.#start();
    if (roll < 0.16) return this.#read(random, episode);
    if (lesson && roll < 0.3) return { object: lesson, action: lessonAction(random) };
    if (roll < 0.36) return { object: "settings", action: settingAction(random) };
    return { object: episode, action: episodeAction(random) };
  }

  /** Mostly one of the newest, so that many work on the same. */
  #some(random: Random, things: ReadonlyMap<string, unknown>): string | null {
    const names = [...things.keys()].slice(-3);
    return names.length === 0 ? null : pick(random, names);
  }

  #start(): { object: string; action: Action } {
    const number = this.#things.begun;
    this.#things.begun += 1;
    return {
      object: `episode ${number}`,
      action: { name: "start", task: taskOf(wordOf(number)) },
    };
  }

  #read(random: Random, episode: string): { object: string; action: Action } {
    const { word } = this.#things.episodes.get(episode) ?? { word: "" };
    const kind = random();
    if (kind < 0.1) return { object: "counters", action: { name: "count" } };
    if (kind < 0.5) return { object: "namespace", action: { name: "list" } };
    if (kind < 0.75) return { object: "namespace", action: { name: "search", word } };
    return { object: "namespace", action: { name: "recall", task: taskOf(word) } };
  }
}

/** Whether something is known: neither that it may be done later, nor nothing. */
function isAnswer(outcome: Outcome): boolean {
  return outcome.type === "ok" || (outcome.type === "refused" && !LATER.has(outcome.code));
}

const taskOf = (word: string): string => `make ${word} work`;

/** A word that no other episode has, nor one that is spelt nearly like it. */
function wordOf(number: number): string {
  const letters = "bcdfghjklmnpqrstvwxz";
  let rest = (number + 1) * 7_919;
  let word = "";
  for (let i = 0; i < 7; i++) {
    word += `${letters[rest % letters.length] ?? ""}a`;
    rest = Math.floor(rest / letters.length) + number * 31 + i * 17;
  }
  return word;
}

function episodeAction(random: Random): Action {
  const roll = random();
  if (roll < 0.3) {
    const tools = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, TOOLS));
    return { name: "steps", tools };
  }
  if (roll < 0.6) return { name: "get" };
  if (roll < 0.7) return { name: "tag", tag: pick(random, TAGS) };
  if (roll < 0.76) return { name: "untag", tag: pick(random, TAGS) };
  if (roll < 0.88) {
    const if_match = random() < 0.5 ? null : 1 + Math.floor(random() * 8);
    return { name: "note", note: `note ${Math.floor(random() * 100)}`, if_match };
  }
  if (roll < 0.92) return { name: "complete" };
  if (roll < 0.95) return { name: random() < 0.6 ? "archive" : "unarchive" };
  const if_match = random() < 0.5 ? null : 1 + Math.floor(random() * 8);
  return { name: "delete", if_match };
}

function lessonAction(random: Random): Action {
  const roll = random();
  if (roll < 0.5) return { name: "read" };
  if (roll < 0.65) return { name: "amend", text: `${wordOf(Math.floor(random() * 1e6))} first` };
  if (roll < 0.8) return { name: "pin" };
  if (roll < 0.95) return { name: "unpin" };
  return { name: "remove" };
}

function settingAction(random: Random): Action {
  return random() < 0.5 ? { name: "view" } : { name: "set", share: pick(random, SHARES) };
}
