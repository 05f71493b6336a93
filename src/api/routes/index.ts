/**
 * Every route of the service with its handler. A route of the contract without a handler does not
 * compile.
 *
 * @module
 */

import type { RouteContract } from "../../contract/route.ts";
import { ROUTES as CONTRACTS, ROUTE_IDS } from "../../contract/operations.ts";
import type { SPAN_ROUTES } from "../../contract/spans/requests.ts";
import type { TRANSFER_ROUTES } from "../../contract/transfer/requests.ts";
import type { RequestContext } from "../request-context.ts";
import { recordSpans } from "../spans/traces.ts";
import { exportNamespace } from "../transfer/export.ts";
import { importLines } from "../transfer/import.ts";
import { BACKUP_HANDLERS } from "./backups.ts";
import { ARCHIVE_HANDLERS, EPISODE_HANDLERS, FILTER_HANDLERS, TIE_HANDLERS } from "./episodes.ts";
import { EVENT_HANDLERS } from "./events.ts";
import { WATCHING_HANDLERS } from "./observability.ts";
import { CURATION_HANDLERS, LESSON_HANDLERS, SKILL_HANDLERS } from "./lessons.ts";
import { ACCESS_HANDLERS, CLUSTER_HANDLERS, STORAGE_HANDLERS } from "./operations.ts";
import {
  KNOWLEDGE_HANDLERS,
  NAMESPACE_HANDLERS,
  QUALITY_HANDLERS,
  RECALL_HANDLERS,
} from "./recall.ts";
import { REFERENCE_HANDLERS } from "./files.ts";
import { type Asked, type Handlers, type Route, routeOf } from "./route.ts";

const TRANSFER_HANDLERS: Handlers<typeof TRANSFER_ROUTES> = {
  importEpisodes: importLines,
  exportEpisodes: exportNamespace,
};

const SPAN_HANDLERS: Handlers<typeof SPAN_ROUTES> = { recordSpans };

const HANDLERS: Handlers<typeof CONTRACTS> = {
  ...EPISODE_HANDLERS,
  ...ARCHIVE_HANDLERS,
  ...FILTER_HANDLERS,
  ...TIE_HANDLERS,
  ...RECALL_HANDLERS,
  ...KNOWLEDGE_HANDLERS,
  ...QUALITY_HANDLERS,
  ...LESSON_HANDLERS,
  ...SKILL_HANDLERS,
  ...EVENT_HANDLERS,
  ...CURATION_HANDLERS,
  ...NAMESPACE_HANDLERS,
  ...TRANSFER_HANDLERS,
  ...SPAN_HANDLERS,
  ...ACCESS_HANDLERS,
  ...CLUSTER_HANDLERS,
  ...STORAGE_HANDLERS,
  ...BACKUP_HANDLERS,
  ...WATCHING_HANDLERS,
  ...REFERENCE_HANDLERS,
};

/** Of a table by id, each handler fits its own contract; that is what the cast leaves out. */
type AnyHandler = (context: RequestContext, asked: Asked<RouteContract>) => Promise<Response>;

export const ROUTES: readonly Route[] = ROUTE_IDS.map((id) =>
  routeOf(CONTRACTS[id], HANDLERS[id] as AnyHandler),
);
