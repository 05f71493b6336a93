/**
 * What is known, as the service keeps it: each sentence a lesson of the kind `fact`; or, where that
 * is asked for and where a sentence is too long for one, an episode without steps whose verdict the
 * sentences are.
 *
 * @module
 */

import type { Json } from "../../../client/calls/values.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import type { EpisodeLine, FactEvent, LessonLine, Statement } from "../../../client/runs/events.ts";
import { plainOf } from "../../../client/runs/values.ts";
import { idOf } from "../reading/ids.ts";
import type { Bounds } from "../../../client/runs/bounds.ts";
import type { Notes } from "../../../client/runs/notes.ts";
import { NO_TIME } from "../../../client/runs/run.ts";

/** As what facts are taken in. */
export const FACTS_AS = ["lessons", "episodes"] as const;
export type FactsAs = (typeof FACTS_AS)[number];

/** Characters of a lesson, and of who says it; tags that it applies to. */
const TEXT_MAX = 1_000;
const SOURCE_MAX = 200;
const TAGS_MAX = 20;

/** Who takes facts in. */
export interface FactsOf {
  /** The format's name, which is a part of the ids. */
  source: string;
  bounds: Bounds;
  notes: Notes;
}

export function factLines(of: FactsOf, fact: FactEvent, as: FactsAs): (EpisodeLine | LessonLine)[] {
  if (as === "episodes") return [factEpisode(of, fact)];
  const sentences = sentencesOf(fact);
  if (sentences.some(({ text }) => text.length > TEXT_MAX)) {
    of.notes.note(`facts longer than ${TEXT_MAX} characters, which become episodes`);
    return [factEpisode(of, fact)];
  }
  const left = Object.values(fact.metadata).filter(
    (value) => value !== undefined && value !== null,
  );
  if (left.length > 0) of.notes.note("metadata of facts", left.length);
  return sentences.map((sentence) => factLesson(of, fact, sentence));
}

interface Sentence {
  /** The same each time; where a fact is one sentence, also when its words are others. */
  key: string;
  text: string;
}

function sentencesOf({ fact, about, texts, related }: FactEvent): Sentence[] {
  if (!about) return texts.map((text) => ({ key: fact, text }));
  const { name, kind } = about;
  const subject = `${spaced(name)} (${kind})`;
  const told = texts.map((text) => `${subject}: ${text}`);
  const ties = related.flatMap(({ fact: to, words }) =>
    words.map((word) => spaced(`${name} ${word} ${to}`)),
  );
  const all = [...told, ...ties];
  return (all.length > 0 ? all : [subject]).map((text) => ({ key: text, text }));
}

function factLesson(
  { source, bounds }: FactsOf,
  { said_by, tags, created_at = NO_TIME, updated_at = created_at }: FactEvent,
  { key, text }: Sentence,
): LessonLine {
  const who = Object.entries(plainOf(said_by).plain).map(([name, value]) => ` ${name}=${value}`);
  const statement: Statement = {
    text: bounds.text(text, TEXT_MAX, "facts"),
    kind: "fact",
    applies_to: { tools: [], domain: null, tags: bounds.tags(tags, TAGS_MAX), task: null },
    source: bounds.text([source, ...who].join(""), SOURCE_MAX, "sources of facts"),
    by: "import",
  };
  return {
    type: "lesson",
    id: idOf(source, key),
    created_at,
    updated_at,
    // What was said anew replaces what was said before.
    amended: updated_at > created_at ? statement : null,
    superseded_by: null,
    deleted_at: null,
    evidence: [
      {
        source: `p:import:${idOf(source, key, text)}`,
        episode_id: null,
        at: created_at,
        success: 0,
        failure: 0,
        statement,
      },
    ],
  };
}

function factEpisode({ source, bounds, notes }: FactsOf, fact: FactEvent): EpisodeLine {
  const { about, said_by, created_at: created, related } = fact;
  const named: Json = about ? { name: about.name, entity_type: about.kind } : {};
  const { plain, others } = plainOf({ ...fact.metadata, ...said_by, ...named });
  if (others > 0) notes.note("metadata that is not text", others);
  // The service's relationships have kinds of their own; the words that were used are the reason.
  if (related.length > 0) notes.note("the kinds of relations, which become related_to");
  return bounds.line({
    id: idOf(source, fact.fact),
    task: about ? `${about.kind}: ${spaced(about.name)}` : fact.texts.join("\n").slice(0, TASK_MAX),
    task_type: "documentation",
    context: { domain: "facts", tags: [source] },
    tags: fact.tags,
    metadata: plain,
    steps: [],
    outcome: { type: "success", verdict: fact.texts.join("\n"), artifacts: [] },
    ...omitUndefined({ started_at: created, ended_at: fact.updated_at ?? created }),
    ...(related.length > 0
      ? {
          relationships: related.map(({ fact: to, words }) => ({
            to: idOf(source, to),
            type: "related_to",
            created_at: created ?? NO_TIME,
            reason: words.join("; "),
          })),
        }
      : {}),
  });
}
/** Characters of the task of a fact that has no name. */
const TASK_MAX = 200;

const spaced = (name: string): string => name.replaceAll("_", " ");
