/**
 * Every route, by its id: what the router, the validation, the OpenAPI document and the client's
 * types are made of. A route is declared in the `requests.ts` of its subject.
 *
 * @module
 */

import { ACCESS_ROUTES } from "./access/requests.ts";
import { BACKUP_ROUTES } from "./backups/requests.ts";
import { CLUSTER_ROUTES } from "./cluster/requests.ts";
import { EPISODE_ROUTES } from "./episodes/requests.ts";
import { KNOWLEDGE_ROUTES } from "./knowledge/requests.ts";
import { RECALL_ROUTES } from "./recall/requests.ts";
import { REFERENCE_ROUTES } from "./reference/requests.ts";
import { STORAGE_ROUTES } from "./storage/requests.ts";
import { TIE_ROUTES } from "./ties/requests.ts";
import { TRANSFER_ROUTES } from "./transfer/requests.ts";
import { WATCHING_ROUTES } from "./watching/requests.ts";

export const ROUTES = {
  ...EPISODE_ROUTES,
  ...TIE_ROUTES,
  ...RECALL_ROUTES,
  ...KNOWLEDGE_ROUTES,
  ...TRANSFER_ROUTES,
  ...ACCESS_ROUTES,
  ...CLUSTER_ROUTES,
  ...STORAGE_ROUTES,
  ...BACKUP_ROUTES,
  ...WATCHING_ROUTES,
  ...REFERENCE_ROUTES,
};

export type RouteId = keyof typeof ROUTES;
export const ROUTE_IDS = Object.keys(ROUTES) as RouteId[];
