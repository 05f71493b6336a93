/**
 * Every operation of an instance, and every command of an operator, by its name. The API, the
 * gateway, the instances and the Coordinator are typed by these two tables: one without a handler
 * does not compile. Each is declared in the `requests.ts` of its subject.
 *
 * @module
 */

import { ACCESS_COMMANDS, ACCESS_OPERATIONS } from "./access/requests.ts";
import { JOB_COMMANDS } from "./backups/requests.ts";
import { CLUSTER_COMMANDS } from "./cluster/requests.ts";
import { EPISODE_OPERATIONS } from "./episodes/requests.ts";
import { KNOWLEDGE_OPERATIONS } from "./knowledge/requests.ts";
import type { InputOf, OutputOf } from "./operation.ts";
import { RECALL_OPERATIONS } from "./recall/requests.ts";
import { STORAGE_COMMANDS } from "./storage/requests.ts";
import { TIE_OPERATIONS } from "./ties/requests.ts";
import { TRANSFER_OPERATIONS } from "./transfer/requests.ts";

/** What an instance is asked for a client. */
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

/** What the Coordinator is asked for an operator. */
export const OPERATOR_COMMANDS = {
  ...CLUSTER_COMMANDS,
  ...STORAGE_COMMANDS,
  ...ACCESS_COMMANDS,
  ...JOB_COMMANDS,
};

export type OperatorCommandName = keyof typeof OPERATOR_COMMANDS;
export type OperatorInput<N extends OperatorCommandName> = InputOf<(typeof OPERATOR_COMMANDS)[N]>;
export type OperatorOutput<N extends OperatorCommandName> = OutputOf<(typeof OPERATOR_COMMANDS)[N]>;
