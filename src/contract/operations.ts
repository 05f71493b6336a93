/**
 * Every operation of an instance, by its name: what the HTTP API asks, and what it gets. Routing,
 * scopes, types and metrics come from this one table. An operation is declared in the `requests.ts`
 * of its subject.
 *
 * @module
 */

import { ACCESS_OPERATIONS } from "./access/requests.ts";
import { EPISODE_OPERATIONS } from "./episodes/requests.ts";
import { KNOWLEDGE_OPERATIONS } from "./knowledge/requests.ts";
import { RECALL_OPERATIONS } from "./recall/requests.ts";
import { TIE_OPERATIONS } from "./ties/requests.ts";
import { TRANSFER_OPERATIONS } from "./transfer/requests.ts";

export const OPERATIONS = {
  ...EPISODE_OPERATIONS,
  ...TIE_OPERATIONS,
  ...RECALL_OPERATIONS,
  ...KNOWLEDGE_OPERATIONS,
  ...TRANSFER_OPERATIONS,
  ...ACCESS_OPERATIONS,
};

export type OperationName = keyof typeof OPERATIONS;
export type Input<N extends OperationName> = (typeof OPERATIONS)[N]["types"]["input"];
export type Output<N extends OperationName> = (typeof OPERATIONS)[N]["types"]["output"];
