/**
 * What the document says of each route, from the `answers.ts` of every subject of the contract.
 *
 * @module
 */

import { ACCESS_DOCS } from "../../src/contract/access/answers.ts";
import { BACKUP_DOCS } from "../../src/contract/backups/answers.ts";
import { CLUSTER_DOCS } from "../../src/contract/cluster/answers.ts";
import { CURATION_DOCS } from "../../src/contract/curation/answers.ts";
import { ARCHIVE_DOCS } from "../../src/contract/archive/answers.ts";
import { FILTER_DOCS } from "../../src/contract/filters/answers.ts";
import { EPISODE_DOCS } from "../../src/contract/episodes/answers.ts";
import { NAMESPACE_DOCS } from "../../src/contract/namespaces/answers.ts";
import { EVENT_DOCS } from "../../src/contract/events/answers.ts";
import { QUALITY_DOCS } from "../../src/contract/quality/answers.ts";
import { KNOWLEDGE_DOCS } from "../../src/contract/knowledge/answers.ts";
import { LESSON_DOCS } from "../../src/contract/lessons/answers.ts";
import { SKILL_DOCS } from "../../src/contract/skills/answers.ts";
import { RECALL_DOCS } from "../../src/contract/recall/answers.ts";
import { REFERENCE_DOCS } from "../../src/contract/reference/answers.ts";
import type { RouteDoc } from "../../src/contract/route.ts";
import { STORAGE_DOCS } from "../../src/contract/storage/answers.ts";
import { TIE_DOCS } from "../../src/contract/ties/answers.ts";
import { SPAN_DOCS } from "../../src/contract/spans/answers.ts";
import { TRANSFER_DOCS } from "../../src/contract/transfer/answers.ts";
import { WATCHING_DOCS } from "../../src/contract/watching/answers.ts";

export const DOCS: Readonly<Record<string, RouteDoc>> = {
  ...EPISODE_DOCS,
  ...ARCHIVE_DOCS,
  ...FILTER_DOCS,
  ...TIE_DOCS,
  ...RECALL_DOCS,
  ...KNOWLEDGE_DOCS,
  ...QUALITY_DOCS,
  ...LESSON_DOCS,
  ...SKILL_DOCS,
  ...EVENT_DOCS,
  ...CURATION_DOCS,
  ...NAMESPACE_DOCS,
  ...TRANSFER_DOCS,
  ...SPAN_DOCS,
  ...ACCESS_DOCS,
  ...CLUSTER_DOCS,
  ...STORAGE_DOCS,
  ...BACKUP_DOCS,
  ...WATCHING_DOCS,
  ...REFERENCE_DOCS,
};

/** @throws Error that says where to write it when there is none */
export function docOf(id: string): RouteDoc {
  const doc = DOCS[id];
  if (doc) return doc;
  throw new Error(
    `The route ${id} is not documented: write its entry, with the schema of its answer and an example, in the answers.ts beside the requests.ts in src/contract that declares it; then run: npm run openapi`,
  );
}
