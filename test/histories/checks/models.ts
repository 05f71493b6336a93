/**
 * What an episode, a lesson and the settings of a namespace are without concurrency: the models
 * that histories are held against.
 *
 * @module
 */

import type { Action, EpisodeAction, LessonAction, SettingAction } from "../history.ts";
import type { Model } from "./linearizability.ts";

export interface EpisodeState {
  phase: "none" | "open" | "ended" | "deleted";
  tools: readonly string[];
  tags: readonly string[];
  note: string;
  archived: boolean;
  /**
   * Of an open episode its version; of an ended one the least that it can have, because what is
   * learned from it is a change of its own.
   */
  version: number;
}

/** What a client hears of an episode, of each answer the fields that it has. */
export interface EpisodeHeard {
  version?: number;
  status?: string;
  tools?: readonly string[];
  tags?: readonly string[];
  note?: string;
  archived?: boolean;
  last_number?: number;
}

/** Of an episode that is not there. */
const NOTHING = { tools: [], tags: [], note: "", archived: false, version: 0 } as const;

export const EPISODE: Model<EpisodeState> = {
  initial: { phase: "none", ...NOTHING },
  textOf: (state) => JSON.stringify(state),
  step(state, action, outcome) {
    const after = episodeAfter(state, action as EpisodeAction);
    if (outcome.type === "unknown") return typeof after === "string" ? state : after;
    if (outcome.type === "refused")
      return outcome.code === after || isRefusedByVersion(state, action, outcome) ? state : null;
    return typeof after === "string"
      ? null
      : heardBy(after, outcome.value as EpisodeHeard, action.name === "get");
  },
};

/** The state after it; a text: the code with which it is refused. */
function episodeAfter(state: EpisodeState, action: EpisodeAction): EpisodeState | string {
  const { phase, version } = state;
  if (action.name === "start")
    return phase === "none" ? { ...state, phase: "open", version: 1 } : "conflict";
  if (phase === "none" || phase === "deleted") return "not_found";
  const next = { ...state, version: version + 1 };
  switch (action.name) {
    case "get":
      return state;
    case "steps":
      if (phase === "ended") return "episode_ended";
      return { ...next, tools: [...state.tools, ...action.tools] };
    case "tag":
      if (state.tags.includes(action.tag)) return state;
      return { ...next, tags: [...state.tags, action.tag].sort() };
    case "untag":
      if (!state.tags.includes(action.tag)) return state;
      return { ...next, tags: state.tags.filter((tag) => tag !== action.tag) };
    case "complete":
      // All complete it alike, and to say so again changes nothing.
      return phase === "ended" ? state : { ...next, phase: "ended" };
    case "archive":
    case "unarchive": {
      const archived = action.name === "archive";
      if (state.archived === archived) return state;
      return phase === "ended" ? { ...next, archived } : "conflict";
    }
    case "note": {
      const found = atVersion(state, action.if_match);
      return found === null
        ? "precondition_failed"
        : { ...state, note: action.note, version: found + 1 };
    }
    case "delete":
      if (atVersion(state, action.if_match) === null) return "precondition_failed";
      return { phase: "deleted", ...NOTHING };
  }
}

/** The version that a change finds; null: not the one that it wants. */
function atVersion({ phase, version }: EpisodeState, wanted: number | null): number | null {
  if (wanted === null || wanted === version) return version;
  return phase === "ended" && wanted > version ? wanted : null;
}

/** An ended episode may have risen to any version by itself, beyond the one that was wanted. */
function isRefusedByVersion(
  { phase }: EpisodeState,
  action: Action,
  { code }: { code: string },
): boolean {
  const wants = "if_match" in action && action.if_match !== null;
  return wants && phase === "ended" && code === "precondition_failed";
}

/** The state, with what was heard of it; null: it is another. */
function heardBy(state: EpisodeState, heard: EpisodeHeard, isRead: boolean): EpisodeState | null {
  const { phase, tools, tags, note, archived } = state;
  const status = phase === "ended" ? "completed" : "in_progress";
  const version = heard.version ?? state.version;
  const isVersion = phase === "ended" ? version >= state.version : version === state.version;
  const agrees =
    isVersion &&
    (heard.status === undefined || heard.status === status) &&
    (heard.tools === undefined || same(heard.tools, tools)) &&
    (heard.tags === undefined || same([...heard.tags].sort(), tags)) &&
    (heard.note === undefined || heard.note === note) &&
    (heard.archived === undefined || heard.archived === archived) &&
    (heard.last_number === undefined || heard.last_number === tools.length);
  if (!agrees) return null;
  // Who changes an ended one hears of what is learned from it as well, which others see only later.
  return isRead ? { ...state, version } : state;
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

export interface LessonState {
  text: string;
  pinned: boolean;
  removed: boolean;
}

/** @param text what it says when its history begins */
export function lessonModel(text: string): Model<LessonState> {
  return {
    initial: { text, pinned: false, removed: false },
    textOf: (state) => JSON.stringify(state),
    step(state, action, outcome) {
      const after = lessonAfter(state, action as LessonAction);
      if (outcome.type === "unknown") return typeof after === "string" ? state : after;
      if (outcome.type === "refused") {
        const isGone = state.removed && outcome.code === "not_found";
        return isGone || outcome.code === after ? state : null;
      }
      if (typeof after === "string") return null;
      const heard = outcome.value as Partial<LessonState>;
      const isSame =
        (heard.text === undefined || heard.text === after.text) &&
        (heard.pinned === undefined || heard.pinned === after.pinned);
      return isSame ? after : null;
    },
  };
}

/** The state after it; a text: the code with which it is refused. */
function lessonAfter(state: LessonState, action: LessonAction): LessonState | string {
  const isDecision = action.name === "pin" || action.name === "unpin";
  // A decision about a lesson that is gone stays, for who brings it back.
  if (state.removed && !isDecision) return "not_found";
  switch (action.name) {
    case "read":
      return state;
    case "amend":
      // What a person decided about is not changed under them.
      return state.pinned ? "conflict" : { ...state, text: action.text };
    case "pin":
      return { ...state, pinned: true };
    case "unpin":
      return { ...state, pinned: false };
    case "remove":
      return state.pinned ? "conflict" : { ...state, removed: true };
  }
}

/** The share of episodes that a namespace answers nothing. */
export const SETTINGS: Model<number> = {
  initial: 0,
  textOf: String,
  step(state, action, outcome) {
    const { name, ...given } = action as SettingAction;
    const after = name === "set" ? (given as { share: number }).share : state;
    if (outcome.type === "unknown") return after;
    return outcome.type === "ok" && outcome.value === after ? after : null;
  },
};
