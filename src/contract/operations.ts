/**
 * Every route by its id, every operation of an instance and every command of an operator by its
 * name. The router, the validation, the OpenAPI document and the client's types are made of the
 * routes; the API, the gateway, the instances and the Coordinator are typed by the other two
 * tables: one without a handler does not compile. Each is declared in the `requests.ts` of its
 * subject.
 *
 * @module
 */

import { ACCESS_COMMANDS, ACCESS_OPERATIONS, ACCESS_ROUTES } from "./access/requests.ts";
import { BACKUP_ROUTES, JOB_COMMANDS } from "./backups/requests.ts";
import { CLUSTER_COMMANDS, CLUSTER_ROUTES } from "./cluster/requests.ts";
import { CURATION_OPERATIONS, CURATION_ROUTES } from "./curation/requests.ts";
import { ARCHIVE_OPERATIONS, ARCHIVE_ROUTES } from "./archive/requests.ts";
import { FILTER_OPERATIONS, FILTER_ROUTES } from "./filters/requests.ts";
import { EPISODE_OPERATIONS, EPISODE_ROUTES } from "./episodes/requests.ts";
import { KNOWLEDGE_OPERATIONS, KNOWLEDGE_ROUTES } from "./knowledge/requests.ts";
import { LESSON_OPERATIONS, LESSON_ROUTES } from "./lessons/requests.ts";
import { EVENT_COMMANDS, EVENT_OPERATIONS, EVENT_ROUTES } from "./events/requests.ts";
import type { InputOf, OutputOf } from "./operation.ts";
import { NAMESPACE_OPERATIONS, NAMESPACE_ROUTES } from "./namespaces/requests.ts";
import { QUALITY_OPERATIONS, QUALITY_ROUTES } from "./quality/requests.ts";
import { RECALL_OPERATIONS, RECALL_ROUTES } from "./recall/requests.ts";
import { REFERENCE_ROUTES } from "./reference/requests.ts";
import { SKILL_OPERATIONS, SKILL_ROUTES } from "./skills/requests.ts";
import { SPAN_OPERATIONS, SPAN_ROUTES } from "./spans/requests.ts";
import { STORAGE_COMMANDS, STORAGE_ROUTES } from "./storage/requests.ts";
import { TIE_OPERATIONS, TIE_ROUTES } from "./ties/requests.ts";
import { TRANSFER_OPERATIONS, TRANSFER_ROUTES } from "./transfer/requests.ts";
import { WATCHING_COMMANDS, WATCHING_ROUTES } from "./watching/requests.ts";

/** What an instance is asked for a client. */
export const OPERATIONS = {
  ...EPISODE_OPERATIONS,
  ...ARCHIVE_OPERATIONS,
  ...FILTER_OPERATIONS,
  ...TIE_OPERATIONS,
  ...RECALL_OPERATIONS,
  ...KNOWLEDGE_OPERATIONS,
  ...QUALITY_OPERATIONS,
  ...LESSON_OPERATIONS,
  ...SKILL_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...CURATION_OPERATIONS,
  ...NAMESPACE_OPERATIONS,
  ...TRANSFER_OPERATIONS,
  ...SPAN_OPERATIONS,
  ...ACCESS_OPERATIONS,
};

export type OperationName = keyof typeof OPERATIONS;
export type Input<N extends OperationName> = (typeof OPERATIONS)[N]["types"]["input"];
export type Output<N extends OperationName> = (typeof OPERATIONS)[N]["types"]["output"];

/** What the Coordinator is asked for an operator. */
export const OPERATOR_COMMANDS = {
  ...CLUSTER_COMMANDS,
  ...STORAGE_COMMANDS,
  ...ACCESS_COMMANDS,
  ...JOB_COMMANDS,
  ...WATCHING_COMMANDS,
  ...EVENT_COMMANDS,
};

export type OperatorCommandName = keyof typeof OPERATOR_COMMANDS;
export type OperatorInput<N extends OperatorCommandName> = InputOf<(typeof OPERATOR_COMMANDS)[N]>;
export type OperatorOutput<N extends OperatorCommandName> = OutputOf<(typeof OPERATOR_COMMANDS)[N]>;

export const ROUTES = {
  ...EPISODE_ROUTES,
  ...ARCHIVE_ROUTES,
  ...FILTER_ROUTES,
  ...TIE_ROUTES,
  ...RECALL_ROUTES,
  ...KNOWLEDGE_ROUTES,
  ...QUALITY_ROUTES,
  ...LESSON_ROUTES,
  ...SKILL_ROUTES,
  ...EVENT_ROUTES,
  ...CURATION_ROUTES,
  ...NAMESPACE_ROUTES,
  ...TRANSFER_ROUTES,
  ...SPAN_ROUTES,
  ...ACCESS_ROUTES,
  ...CLUSTER_ROUTES,
  ...STORAGE_ROUTES,
  ...BACKUP_ROUTES,
  ...WATCHING_ROUTES,
  ...REFERENCE_ROUTES,
};

export type RouteId = keyof typeof ROUTES;
export const ROUTE_IDS = Object.keys(ROUTES) as RouteId[];
