/**
 * What a handler of a command is.
 *
 * @module
 */

import type {
  CommandInput,
  CommandName,
  CommandOutput,
} from "../../shared/coordinator/commands.ts";
import type { CoordinatorParts } from "../parts.ts";

/**
 * Carries a command out with the Coordinator's parts. What it throws as `Refused` or
 * `DatabaseError` is answered as a refusal; anything else is a bug.
 */
export type Handler<N extends CommandName> = (
  parts: CoordinatorParts,
  input: CommandInput<N>,
) => CommandOutput<N> | Promise<CommandOutput<N>>;

export type Handlers<N extends CommandName = CommandName> = { readonly [K in N]: Handler<K> };
