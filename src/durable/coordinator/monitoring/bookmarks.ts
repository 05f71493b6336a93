/**
 * Where the platform's point-in-time recovery finds each object as it is now, noted in the timeline
 * before what cannot be taken back otherwise. Where the runtime has no such recovery nothing is
 * noted, and an object that does not answer is left out: nothing waits for a bookmark.
 *
 * @module
 */

import type { Bookmarks } from "../../../contract/cluster/answers.ts";
import type { IncidentKind } from "../../../contract/vocabulary.ts";
import { COORDINATOR_NAME, instanceName } from "../../shared/objects.ts";
import { ASK_MS, type Instances } from "../instances.ts";
import type { NewIncident } from "./incidents.ts";

/** Of one entry of the timeline, whose details are bounded. */
const OBJECTS = 200;

export interface BookmarkPorts {
  instances: Pick<Instances, "everywhere">;
  /** The Coordinator's own; null: the runtime has none. */
  own: () => Promise<string | null>;
  record: (incident: NewIncident) => void;
}

export class BookmarkNotes {
  readonly #ports: BookmarkPorts;

  constructor(ports: BookmarkPorts) {
    this.#ports = ports;
  }

  /**
   * @param before what comes next: "a restore"
   * @returns by the objects' names; null: the runtime has none
   */
  async note(kind: IncidentKind, before: string, by: string): Promise<Bookmarks | null> {
    const { instances, own, record } = this.#ports;
    const first = await own();
    if (first === null) return null;
    const answers = await instances.everywhere("bookmark", null, ASK_MS);
    const all: [string, string][] = [[COORDINATOR_NAME, first]];
    for (const [index, answer] of answers.entries())
      if ("value" in answer && answer.value !== null) all.push([instanceName(index), answer.value]);

    const title = `bookmarks of ${all.length} objects before ${before} (${by})`;
    for (let i = 0; i < all.length; i += OBJECTS) {
      const bookmarks = Object.fromEntries(all.slice(i, i + OBJECTS));
      record({ kind, severity: "info", title, detail: { by, before, bookmarks } });
    }
    return Object.fromEntries(all);
  }
}
