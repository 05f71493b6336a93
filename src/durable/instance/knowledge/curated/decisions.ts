/**
 * Takes in what people decide about lessons, patterns, heuristics and playbooks, and tells what was
 * decided. Each decision is kept with who, when, from and to.
 *
 * @module
 */

import type { CurationView } from "../../../../contract/curation/answers.ts";
import type { CurationLine, CurationState } from "../../../../contract/curation/requests.ts";
import { LIMITS } from "../../../../contract/limits.ts";
import type { Page } from "../../../../contract/operation.ts";
import type { Input } from "../../../../contract/operations.ts";
import type { CuratedKind, CurationAction } from "../../../../contract/vocabulary.ts";
import { definitionOf } from "../../../../memory/learning/index.ts";
import { pathId } from "../../../../memory/lessons/index.ts";
import { byteLength } from "../../../../util/bytes.ts";
import { isoTime } from "../../../../util/time.ts";
import { cursorRefused, Refused } from "../../../shared/refusals.ts";
import type { Source } from "../source.ts";
import type { CuratedRows, StoredCuration } from "./curated-rows.ts";
import { UNDECIDED, type CurationRecord } from "./records.ts";
import type { CuratedViews } from "./views.ts";

/** What an item is, as far as a decision keeps it. */
interface Item {
  id: string;
  description: string;
  content: CurationLine["content"];
}

export class Decisions {
  readonly #rows: CuratedRows;
  readonly #views: CuratedViews;

  constructor(rows: CuratedRows, views: CuratedViews) {
    this.#rows = rows;
    this.#views = views;
  }

  /**
   * With the namespace's rows loaded; in a transaction. Throws `Refused` when there is no such item.
   *
   * @param source of the namespace
   */
  decide(
    source: Source,
    { kind, id: named, action, text, reason }: Input<"curation.decide">,
    by: string,
    now: number,
  ): CurationView {
    const { namespace } = source;
    const item = this.#itemOf(source, kind, named);
    const before = this.#rows.decision(namespace, kind, item.id);
    const from = stateOf(before?.record ?? UNDECIDED);
    const to = decided(from, action, text);
    if (JSON.stringify(from) === JSON.stringify(to))
      return viewOf(
        before ?? { kind, id: item.id, updatedAt: now, record: recordOf(item, to, []) },
      );
    if (!before) this.#rows.requireRoomForDecision(namespace);

    const entry = { at: isoTime(now), by, action, reason, from, to };
    const log = keptLog([...(before?.record.log ?? []), entry]);
    const updatedAt = Math.max(now, (before?.updatedAt ?? 0) + 1);
    const stored = { kind, id: item.id, updatedAt, record: recordOf(item, to, log) };
    this.#rows.putDecision(namespace, stored);
    return viewOf(stored);
  }

  /** Those that were decided last come first. Throws `DatabaseError`, and `Refused` for a cursor. */
  async list(namespace: string, input: Input<"curation.list">): Promise<Page<CurationView>> {
    await this.#rows.load(namespace);
    const offset = input.cursor === null ? 0 : Number(input.cursor);
    if (!Number.isSafeInteger(offset) || offset < 0) throw cursorRefused();
    const all = this.#rows
      .decisions(namespace)
      .filter(({ kind }) => input.kind === undefined || kind === input.kind)
      .filter(({ record }) => input.state === undefined || isIn(record, input.state))
      .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1));
    const next = offset + input.limit;
    return {
      items: all.slice(offset, next).map(viewOf),
      next_cursor: next < all.length ? String(next) : null,
      degraded: false,
    };
  }

  #itemOf(source: Source, kind: CuratedKind, id: string): Item {
    const item = this.#lookUp(source, kind, id);
    if (item) return item;
    const detail = `There is no ${kind} of this id in this namespace.`;
    throw new Refused("not_found", detail, { path: "id" });
  }

  /** null: it is not there, and nobody decided about it while it was. */
  #lookUp(source: Source, kind: CuratedKind, id: string): Item | null {
    const { namespace } = source;
    const before = this.#rows.decision(namespace, kind, id);
    if (before) return { id, ...before.record };
    switch (kind) {
      case "lesson": {
        const lesson = this.#views.fresh(namespace).book.lessons.get(id);
        return lesson ? { id, description: lesson.text, content: null } : null;
      }
      case "pattern":
      case "heuristic": {
        const pattern = kind === "heuristic" && id.startsWith("h-") ? id.slice(2) : id;
        const content = source.patternsByIds([pattern]).get(pattern)?.row.content ?? null;
        if (!content) return null;
        const own = kind === "heuristic" ? `h-${pattern}` : pattern;
        return { id: own, description: definitionOf(content).describe(content), content };
      }
      case "playbook":
        return this.#playbook(source, id);
    }
  }

  /** A playbook is the path that it is taken from, whichever episode went it. */
  #playbook(source: Source, id: string): Item | null {
    const path = source.playbookPath(id);
    if (!path) return null;
    const own = pathId(path.domain, path.tools);
    return { id: own, description: path.tools.join(", "), content: null };
  }
}

/** The newest, as many as are remembered. */
function keptLog(log: CurationRecord["log"]): CurationRecord["log"] {
  let kept = log.slice(-LIMITS.curation_log_max);
  while (kept.length > 1 && byteLength(JSON.stringify(kept)) > LIMITS.curation_log_bytes)
    kept = kept.slice(1);
  return kept;
}

function recordOf(
  { description, content }: Item,
  state: CurationState,
  log: CurationRecord["log"],
): CurationRecord {
  return { ...state, description: description.slice(0, LIMITS.lesson_text_max), content, log };
}

function stateOf({ pinned, banned, review, text }: CurationState): CurationState {
  return { pinned, banned, review, text };
}

/** What holds after an action. */
function decided(state: CurationState, action: CurationAction, text: string | null): CurationState {
  switch (action) {
    case "pin":
      return { ...state, pinned: true, banned: false };
    case "unpin":
      return { ...state, pinned: false };
    case "ban":
      return { ...state, banned: true, pinned: false };
    case "unban":
      return { ...state, banned: false };
    case "edit":
      return { ...state, text };
    case "approve":
      return { ...state, review: "approved" };
    case "reject":
      return { ...state, review: "rejected", pinned: false };
    case "clear":
      return UNDECIDED;
  }
}

function isIn(
  { pinned, banned, review, text }: CurationState,
  state: NonNullable<Input<"curation.list">["state"]>,
): boolean {
  switch (state) {
    case "pinned":
      return pinned;
    case "banned":
      return banned;
    case "edited":
      return text !== null;
    default:
      return review === state;
  }
}

function viewOf({ kind, id, updatedAt, record }: StoredCuration): CurationView {
  const { description, log } = record;
  return { kind, id, ...stateOf(record), description, updated_at: isoTime(updatedAt), log };
}
