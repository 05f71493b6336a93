/**
 * What a command is: from a list of these the commands, their help, the completion and the tests
 * are made.
 *
 * @module
 */

import type { Option } from "commander";
import type { App } from "./app.ts";
import type { Shown } from "./terminal/output.ts";

/** Values of options by their camelCase name; what an option is, its description says. */
export type Values = { [name: string]: unknown };

export interface OptionSpec {
  /** "--task <text>" */
  flags: string;
  description: string;
  default?: unknown;
  choices?: readonly string[];
  parse?: (value: string, previous: unknown) => unknown;
  required?: true;
  conflicts?: string;
  env?: Option["envVar"];
}

export interface CommandSpec {
  /** "episode log-step" */
  name: string;
  summary: string;
  /** Arguments as commander reads them: "<id>", "[file]". */
  args?: readonly (readonly [usage: string, description: string])[];
  options?: readonly OptionSpec[];
  examples: readonly string[];
  /** What it says beyond its options. */
  notes?: string;
  run(app: App, args: readonly string[], values: Values): Promise<Shown | number>;
}

export const option = (
  flags: string,
  description: string,
  more: Omit<OptionSpec, "flags" | "description"> = {},
): OptionSpec => ({
  flags,
  description,
  ...more,
});
