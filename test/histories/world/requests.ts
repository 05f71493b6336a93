/**
 * How an action is asked for, and what of its answer a history has.
 *
 * @module
 */

import { uuidv7 } from "../../../src/memory/id.ts";
import { startBody } from "../../../src/contract/episodes/requests.ts";
import { recallBody } from "../../../src/contract/recall/requests.ts";
import type { Input, OperationName, Output } from "../../../src/contract/operations.ts";
import type { NamespaceSettingsView } from "../../../src/contract/namespaces/answers.ts";
import type {
  Action,
  EpisodeAction,
  FoundEpisodes,
  LessonAction,
  ReadAction,
  SettingAction,
} from "../history.ts";

const LIST_MAX = 100;
const RECALL_MAX = 50;

/** What is worked on, by its name in the history. */
export class Things {
  /** Those whose start was acknowledged. */
  readonly episodes = new Map<string, { id: string; word: string }>();
  /** How many were begun. */
  begun = 0;
  readonly lessons = new Map<string, { id: string; text: string }>();
}

export interface Request<N extends OperationName = OperationName> {
  name: N;
  input: Input<N>;
  /** It may be said again with the same key. */
  hasKey: boolean;
  heard: (value: never) => unknown;
}

/** What an episode begins with that a client draws by itself. */
export interface Drawn {
  now: number;
  random: () => number;
}

export function requestOf(things: Things, object: string, action: Action, drawn: Drawn): Request {
  if (action.name === "start") return startRequest(things, object, action.task, drawn);
  if (object.startsWith("episode")) {
    const { id } = things.episodes.get(object) ?? { id: "" };
    return episodeRequest(id, action as EpisodeAction);
  }
  if (object.startsWith("lesson")) {
    const { id } = things.lessons.get(object) ?? { id: "" };
    return lessonRequest(id, action as LessonAction);
  }
  if (object === "settings") return settingRequest(action as SettingAction);
  return readRequest(action as ReadAction);
}

/** The service names the episode; nobody else works on it before that. */
function startRequest(things: Things, object: string, task: string, drawn: Drawn): Request {
  const bytes = Uint8Array.from({ length: 10 }, () => Math.floor(drawn.random() * 256));
  const input = { ...startBody.parse({ task }), id: uuidv7(drawn.now, bytes) };
  const word = task.split(" ")[1] ?? "";
  return request("episode.start", input, true, ({ id, version }) => {
    things.episodes.set(object, { id, word });
    return { version };
  });
}

/** Episodes are named by their ids: some are seen before anybody hears what they are. */
function readRequest(action: ReadAction): Request {
  if (action.name === "search") {
    const input = { q: action.word, limit: LIST_MAX, cursor: null };
    return request("search", input, false, ({ items, degraded }): FoundEpisodes => ({
      items: items.flatMap(({ kind, id }) => (kind === "episode" ? id : [])),
      isPartial: degraded === true,
    }));
  }
  if (action.name === "recall") {
    const { task } = action;
    const input = recallBody.parse({ task, limit: RECALL_MAX, include: ["episodes"] });
    return request("recall", input, false, (view): FoundEpisodes => ({
      items: view.episodes.map(({ id }) => id),
      isPartial: view.degraded || view.completeness < 1 || view.held_out === true,
    }));
  }
  const list = { filter: {}, limit: LIST_MAX, cursor: null };
  return request("episodes.list", list, false, ({ items, degraded }) => ({
    degraded: degraded === true,
    items: items.map(({ id, version, status }) => ({ of: id, version, status })),
  }));
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
        learning: done.learning,
      }));
    case "archive":
    case "unarchive": {
      const archived = action.name === "archive";
      return request("episode.archive", { id, archived, if_match: null }, true, heardOf);
    }
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
  archived_at?: string;
  steps?: { tool: string }[];
}): unknown {
  const { version, status, tags, metadata, archived_at, steps } = view;
  const archived = archived_at !== undefined;
  const tools = steps ? { tools: steps.map(({ tool }) => tool) } : {};
  return { version, status, tags, archived, note: metadata["note"] ?? "", ...tools };
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
