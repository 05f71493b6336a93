/**
 * The bodies of the rows of `lessons` and `curation`.
 *
 * @module
 */

import type {
  CurationLine,
  CurationState,
  Decision,
} from "../../../../contract/curation/requests.ts";
import type { Statement } from "../../../../contract/lessons/requests.ts";
import type { Said } from "../../../../memory/lessons/index.ts";

/** A lesson beside its evidence. Stored by its id. */
export interface LessonRecord {
  /** What its statements come to; null: it was deleted. Follows from its evidence. */
  said: Said | null;
  /** What its author made of it since; null: nothing. */
  amended: Statement | null;
  /** Whose place it is that took its own; null: none did. */
  superseded_by: { id: string; at: string } | null;
  /** RFC 3339; null: it is there. What was said before then is not said any more. */
  deleted_at: string | null;
}

/** What people decided about an item. Stored by its kind and id. */
export interface CurationRecord extends CurationState {
  /** What the item is, for people and for another namespace. */
  description: string;
  content: CurationLine["content"];
  /** The newest last. */
  log: Decision[];
}

/** Nobody decided anything. */
export const UNDECIDED: CurationState = { pinned: false, banned: false, review: null, text: null };

/** Whether nothing that was decided is in force. */
export function isUndecided({ pinned, banned, review, text }: CurationState): boolean {
  return !pinned && !banned && review === null && text === null;
}
