/**
 * Every parser of what somebody else wrote.
 *
 * @module
 */

import type { Target } from "../target.ts";
import { backups, protobuf } from "./binary.ts";
import { hooks, importers } from "./files.ts";
import { curated, imports, messages, routes, traces } from "./requests.ts";
import {
  actions,
  cursors,
  patterns,
  queries,
  redaction,
  settings,
  transcripts,
  variables,
} from "./texts.ts";

export const TARGETS = [
  importers,
  hooks,
  routes,
  curated,
  imports,
  messages,
  traces,
  protobuf,
  backups,
  queries,
  redaction,
  patterns,
  cursors,
  settings,
  variables,
  actions,
  transcripts,
] as unknown as readonly Target[];
