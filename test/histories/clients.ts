/**
 * What a client does: one thing after the other, on episodes, lessons and settings that others work
 * on at the same time. What it hears no answer to it says again with the same key, as a good client
 * does, where the operation has one.
 *
 * @module
 */

import { pick, type Random } from "../../bench/quality/random.ts";
import type { Call, Reply } from "../../src/contract/call.ts";
import type { NamespaceSettingsView } from "../../src/contract/namespaces/answers.ts";
import { startBody } from "../../src/contract/episodes/requests.ts";
import type { Input, OperationName, Output } from "../../src/contract/operations.ts";
import { uuidv7 } from "../../src/memory/id.ts";
import type {
  Action,
  EpisodeAction,
  LessonAction,
  Operation,
  Outcome,
  SettingAction,
} from "./history.ts";
import type { World } from "./world.ts";

const NAMESPACE = "n";
/** Times that an operation with a key is tried. */
const TRIES = 4;
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
const LIST_MAX = 100;

/** What is worked on, by its name in the history. */
export class Things {
  /** Those whose start was acknowledged. */
  readonly episodes = new Map<string, { id: string; word: string }>();
  /** How many were begun. */
  begun = 0;
  readonly lessons = new Map<string, { id: string; text: string }>();
}

/** How an action is asked for, and what of its answer the history has. */
interface Request<N extends OperationName = OperationName> {
  name: N;
  input: Input<N>;
  /** It may be said again with the same key. */
  hasKey: boolean;
  heard: (value: never) => unknown;
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
    const { nodes } = this.#world;
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
    const outcome = await this.#ask(this.#request(object, action));
    operation.outcome = outcome;
    // What may still come is not over.
    if (outcome.type === "unknown") return;
    operation.answered = this.#world.tick();
    operation.clock.answered = nodes.now;
  }

  async #ask({ name, input, hasKey, heard }: Request): Promise<Outcome> {
    const key = `k-${this.#number}-${(this.#made += 1)}`;
    const idempotency = hasKey ? { key, fingerprint: key } : null;
    let isLost = false;
    for (let tries = 0; tries < (hasKey ? TRIES : 1); tries++) {
      const reply = await this.#send(name, input, { idempotency }).catch(() => null);
      if (reply?.result.ok) return { type: "ok", value: heard(reply.result.value as never) };
      if (!reply) isLost = true;
      else if (!LATER.has(reply.result.ok ? "" : reply.result.error.code))
        return { type: "refused", code: reply.result.ok ? "" : reply.result.error.code };
      await this.#world.scheduler.pause(2);
    }
    return isLost || !hasKey ? { type: "unknown" } : { type: "refused", code: "later" };
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
    if (!episode || roll < 0.06) return this.#start();
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
      action: { name: "start", task: `make ${wordOf(number)} work` },
    };
  }

  #read(random: Random, episode: string): { object: string; action: Action } {
    const { word } = this.#things.episodes.get(episode) ?? { word: "" };
    const action: Action = random() < 0.5 ? { name: "list" } : { name: "search", word };
    return { object: "namespace", action };
  }

  #request(object: string, action: Action): Request {
    if (action.name === "start") return this.#startRequest(object, action.task);
    if (object.startsWith("episode")) {
      const { id } = this.#things.episodes.get(object) ?? { id: "" };
      return episodeRequest(id, action as never);
    }
    if (object.startsWith("lesson")) {
      const { id } = this.#things.lessons.get(object) ?? { id: "" };
      return lessonRequest(id, action as never);
    }
    if (object === "settings") return settingRequest(action as never);
    return this.#readRequest(action as never);
  }

  /** The service names the episode; nobody else works on it before that. */
  #startRequest(object: string, task: string): Request {
    const { random } = this.#world.scheduler;
    const bytes = Uint8Array.from({ length: 10 }, () => Math.floor(random() * 256));
    const input = { ...startBody.parse({ task }), id: uuidv7(this.#world.nodes.now, bytes) };
    const word = task.split(" ")[1] ?? "";
    return request("episode.start", input, true, ({ id, version }) => {
      this.#things.episodes.set(object, { id, word });
      return { version };
    });
  }

  #readRequest(action: { name: "list" } | { name: "search"; word: string }): Request {
    const names = new Map([...this.#things.episodes].map(([name, { id }]) => [id, name]));
    if (action.name === "search") {
      return request("search", { q: action.word, limit: LIST_MAX, cursor: null }, false, (page) =>
        page.items.flatMap(({ kind, id }) => (kind === "episode" ? (names.get(id) ?? id) : [])),
      );
    }
    const list = { filter: {}, limit: LIST_MAX, cursor: null };
    return request("episodes.list", list, false, ({ items, degraded }) => ({
      degraded: degraded === true,
      items: items.map(({ id, version, status }) => ({ of: names.get(id) ?? id, version, status })),
    }));
  }
}

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
  if (roll < 0.95) return { name: "complete" };
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

function request<N extends OperationName>(
  name: N,
  input: Input<N>,
  hasKey: boolean,
  heard: (value: Output<N>) => unknown,
): Request {
  return { name, input, hasKey, heard } as unknown as Request;
}

function episodeRequest(id: string, action: EpisodeAction): Request {
  const outcome = { type: "success" as const, verdict: "done", artifacts: [] };
  switch (action.name) {
    case "steps":
      return request("episode.steps", { id, steps: action.tools.map(stepOf) }, true, (logged) => ({
        version: logged.version,
        last_number: logged.last_number,
      }));
    case "tag":
      return request("episode.tags.add", { id, tags: [action.tag] }, true, ({ tags }) => ({
        tags,
      }));
    case "untag":
      return request("episode.tags.remove", { id, tag: action.tag }, false, ({ tags }) => ({
        tags,
      }));
    case "note": {
      const if_match = action.if_match === null ? null : [action.if_match];
      const changes = { metadata: { note: action.note } };
      return request("episode.patch", { id, if_match, changes }, false, heardOf);
    }
    case "complete":
      return request("episode.complete", { id, outcome, recall_id: null }, true, (done) => ({
        version: done.version,
        status: done.status,
      }));
    case "delete": {
      const if_match = action.if_match === null ? null : [action.if_match];
      return request("episode.delete", { id, if_match }, false, () => ({}));
    }
    default:
      return request("episode.get", { id }, false, ({ json }) => heardOf(JSON.parse(json)));
  }
}

function stepOf(tool: string) {
  const result = { type: "success", output: "" } as const;
  const measures = { latency_ms: null, tokens: null, metadata: {} };
  return { tool, action: "", parameters: {}, result, ...measures };
}

function heardOf(view: {
  version: number;
  status: string;
  tags: string[];
  metadata: Record<string, string>;
  steps?: { tool: string }[];
}): unknown {
  const { version, status, tags, metadata, steps } = view;
  const tools = steps ? { tools: steps.map(({ tool }) => tool) } : {};
  return { version, status, tags, note: metadata["note"] ?? "", ...tools };
}

function lessonRequest(id: string, action: LessonAction): Request {
  const heard = (view: { text: string; curation: { pinned: boolean } | null }): unknown => ({
    text: view.text,
    pinned: view.curation?.pinned ?? false,
  });
  switch (action.name) {
    case "read":
      return request("lessons.get", { lesson_id: id }, false, heard);
    case "amend": {
      const changes = { text: action.text };
      return request("lessons.amend", { lesson_id: id, changes }, false, heard);
    }
    case "remove":
      return request("lessons.remove", { lesson_id: id }, false, () => ({}));
    default: {
      const decision = { kind: "lesson" as const, id, action: action.name, text: null, reason: "" };
      return request("curation.decide", decision, true, ({ pinned }) => ({ pinned }));
    }
  }
}

function settingRequest(action: SettingAction): Request {
  const heard = ({ settings }: NamespaceSettingsView): number => settings.recall_holdout;
  if (action.name === "view") return request("namespace.settings", {}, false, heard);
  return request("namespace.set", { changes: { recall_holdout: action.share } }, false, heard);
}
