/**
 * A step of `setup`: what it may run, as a dry run prints it, and what it does. Each looks at what is
 * there and does what is missing, so that a run that was broken off goes on with the next one.
 *
 * @module
 */

import type { App } from "../app.ts";
import type { Finding } from "../commands/checks/checklist.ts";
import type { Notes } from "./notes.ts";
import { typed, type CommandLine, type Programs } from "./programs.ts";
import type { Wanted } from "./wanted.ts";

/** A command, or a request, that a step may make. */
export interface Action {
  /** As a person would type it, or what is asked of the service. */
  does: string;
  /** Without it: always. */
  when?: string;
  /** Names of what goes in by standard input. */
  stdin?: readonly string[];
}

export interface Step {
  name: string;
  actions: readonly Action[];
  /** Throws when it failed. */
  run(): Promise<Finding>;
}

/** What all steps work with, and what they found out for those that follow. */
export interface SetupContext {
  app: App;
  wanted: Wanted;
  programs: Programs;
  notes: Notes;
  found: {
    /** Names of the secrets that the Worker has. */
    secrets: ReadonlySet<string>;
    /** What it is given now: by name. */
    database: Record<string, string>;
    /** Where it was deployed to; null: not yet. */
    url: string | null;
  };
}

/** An action that runs a command. */
export function runs(line: CommandLine, more: Omit<Action, "does"> = {}): Action {
  return { does: typed(line), ...more };
}
