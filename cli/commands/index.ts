/**
 * Every command, in the order of the help.
 *
 * @module
 */

import type { CommandSpec } from "../spec.ts";
import { DOCTOR } from "./checks/doctor.ts";
import { HEALTH } from "./checks/health.ts";
import { SMOKE } from "./checks/smoke.ts";
import { UPGRADE } from "./checks/upgrade.ts";
import { DIAGNOSE } from "./diagnose/diagnose.ts";
import { HOOKS } from "./hooks/hooks.ts";
import { WATCH } from "./hooks/watch.ts";
import { EPISODES } from "./memory/episodes.ts";
import { FILTERS } from "./memory/lists/filters.ts";
import { TAGS } from "./memory/lists/tags.ts";
import { IMPORTS } from "./memory/imports.ts";
import { KNOWLEDGE } from "./memory/knowledge.ts";
import { LESSONS } from "./memory/lessons.ts";
import { MCP } from "./memory/mcp.ts";
import { NAMESPACES } from "./memory/namespaces.ts";
import { TIES } from "./memory/ties.ts";
import { BACKUPS } from "./operations/backups.ts";
import { CONTROL } from "./operations/control.ts";
import { DEPLOYMENT } from "./operations/deployment.ts";
import { CAPACITY, INCIDENTS } from "./operations/incidents.ts";
import { JOBS } from "./operations/jobs.ts";
import { KEYS } from "./operations/keys.ts";
import { MIGRATIONS } from "./operations/migrations.ts";
import { OAUTH } from "./operations/oauth.ts";
import { PROFILES } from "./operations/profiles.ts";
import { STORAGE } from "./operations/storage.ts";
import { USAGE } from "./operations/usage.ts";
import { WEBHOOKS } from "./operations/webhooks.ts";
import { PROTECT } from "./setup/protect.ts";
import { SETUP } from "./setup/setup.ts";
import { SKILLS } from "./skills/skills.ts";

export const COMMANDS: readonly CommandSpec[] = [
  ...EPISODES,
  ...TAGS,
  ...FILTERS,
  ...TIES,
  ...NAMESPACES,
  ...KNOWLEDGE,
  ...LESSONS,
  ...SKILLS,
  ...IMPORTS,
  ...HOOKS,
  ...WATCH,
  ...SETUP,
  ...HEALTH,
  ...SMOKE,
  ...UPGRADE,
  ...DOCTOR,
  ...DIAGNOSE,
  ...STORAGE,
  ...CONTROL,
  ...DEPLOYMENT,
  ...BACKUPS,
  ...PROTECT,
  ...JOBS,
  ...MIGRATIONS,
  ...CAPACITY,
  ...USAGE,
  ...INCIDENTS,
  ...KEYS,
  ...OAUTH,
  ...WEBHOOKS,
  ...PROFILES,
  ...MCP,
];

/** Words that hold further commands. */
export const GROUPS: readonly (readonly [name: string, summary: string])[] = [
  ["episode", "record, read and close episodes"],
  ["tag", "tags of an episode, and of all"],
  ["filter", "filters of lists, kept under a name"],
  ["relationship", "what ties episodes together"],
  ["pattern", "patterns that were learned"],
  ["heuristic", "rules that were learned"],
  ["lesson", "what agents and people say for the next run"],
  ["curation", "what people decide about what was learned and said"],
  ["skills", "what was learned, as files that agents read"],
  ["namespace", "whole namespaces"],
  ["hooks", "sessions of agents, recorded by themselves"],
  ["health", "whether the service is well"],
  ["upgrade", "before and after a deployment"],
  ["storage", "the instances, their outboxes and the database"],
  ["outbox", "rows that the database never took"],
  ["config", "settings at run time"],
  ["maintenance", "maintenance mode: nothing new begins"],
  ["degraded", "degraded mode: the database is spared"],
  ["breaker", "the circuit breaker before the database"],
  ["instance", "the pool of instances"],
  ["deployment", "whose the database and the bucket are"],
  ["backup", "backups, their proof and their return"],
  ["job", "long work"],
  ["incident", "what happened, for a post-mortem"],
  ["key", "keys of agents"],
  ["oauth", "what people granted to apps"],
  ["webhook", "where what happens is sent"],
  ["profile", "where services are and which keys they take"],
];
