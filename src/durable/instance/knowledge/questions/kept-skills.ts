/**
 * Keeps the skills of namespaces until something changes that they follow from: what was learned,
 * lessons and their evidence, and what people decided. Making them compares hundreds of runs, and
 * whoever lists them asks again for each one. In memory only, and bounded in bytes.
 *
 * @module
 */

import type { SkillsView } from "../../../../contract/skills/answers.ts";
import { ByteCache } from "../../../../util/byte-cache.ts";
import type { Source } from "../source.ts";

/** Bytes of all that is kept: a namespace takes a few hundred thousand at most. */
const KEPT_BYTES = 4_000_000;
/** What a character takes at most. */
const CHARACTER_BYTES = 2;
/** What a skill takes beside its texts. */
const SKILL_BYTES = 300;

interface Kept {
  revisions: Source["revisions"];
  view: SkillsView;
}

export class KeptSkills {
  readonly #kept = new ByteCache<string, Kept>(() => KEPT_BYTES);

  /** As they are kept, or else as they are made now. */
  of(source: Source, make: () => SkillsView): SkillsView {
    const { namespace, revisions } = source;
    const kept = this.#kept.get(namespace);
    if (kept?.revisions.every((own, i) => own === revisions[i])) return kept.view;
    const view = make();
    this.#kept.set(namespace, { revisions, view }, bytesOf(view));
    return view;
  }
}

function bytesOf({ skills }: SkillsView): number {
  return skills.reduce(
    (sum, { name, description, domain, body }) =>
      sum +
      SKILL_BYTES +
      CHARACTER_BYTES * (name.length + description.length + domain.length + body.length),
    SKILL_BYTES,
  );
}
