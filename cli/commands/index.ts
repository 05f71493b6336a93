/**
 * Every command, in the order of the help.
 *
 * @module
 */

import type { CommandSpec } from "../spec.ts";
import { ACCESS } from "./operations/access.ts";
import { BACKUPS } from "./operations/backups.ts";
import { CHECKS } from "./operations/checks.ts";
import { CONTROL } from "./operations/control.ts";
import { DIAGNOSE } from "./operations/diagnose.ts";
import { DOCTOR } from "./operations/doctor.ts";
import { EPISODES } from "./memory/episodes.ts";
import { IMPORTS } from "./memory/imports.ts";
import { KNOWLEDGE } from "./memory/knowledge.ts";
import { MCP } from "./memory/mcp.ts";
import { STORAGE } from "./operations/storage.ts";
import { TIES } from "./memory/ties.ts";

export const COMMANDS: readonly CommandSpec[] = [
  ...EPISODES,
  ...TIES,
  ...KNOWLEDGE,
  ...IMPORTS,
  ...CHECKS,
  ...DOCTOR,
  ...DIAGNOSE,
  ...STORAGE,
  ...CONTROL,
  ...BACKUPS,
  ...ACCESS,
  ...MCP,
];

/** Words that hold further commands. */
export const GROUPS: readonly (readonly [name: string, summary: string])[] = [
  ["episode", "record, read and close episodes"],
  ["tag", "an episode's tags"],
  ["relationship", "what ties episodes together"],
  ["pattern", "patterns that were learned"],
  ["heuristic", "rules that were learned"],
  ["namespace", "whole namespaces"],
  ["health", "whether the service is well"],
  ["upgrade", "before and after a deployment"],
  ["storage", "the instances, their outboxes and the database"],
  ["outbox", "rows that the database never took"],
  ["config", "settings at run time"],
  ["maintenance", "maintenance mode: nothing new begins"],
  ["degraded", "degraded mode: the database is spared"],
  ["breaker", "the circuit breaker before the database"],
  ["instance", "the pool of instances"],
  ["backup", "backups, their proof and their return"],
  ["job", "long work"],
  ["incident", "what happened, for a post-mortem"],
  ["key", "keys of agents"],
  ["profile", "where services are and which keys they take"],
];
