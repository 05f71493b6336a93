/**
 * The way to the Coordinator's commands, for those that take a refusal as a failure.
 *
 * @module
 */

import type { CommandInput, CommandName, CommandOutput, CoordinatorRpc } from "./commands.ts";
import { Refused } from "../refusals.ts";

/**
 * Gives the Coordinator a command.
 *
 * @param stub a new one: one that threw must not be used again
 * @throws Refused when it refuses; what the connection throws when it is out of reach
 */
export async function askCoordinator<N extends CommandName>(
  stub: CoordinatorRpc,
  name: N,
  input: CommandInput<N>,
): Promise<CommandOutput<N>> {
  const result = await stub.command(name, input);
  if (result.ok) return result.value;
  const { code, detail, ...more } = result.error;
  throw new Refused(code, detail, more);
}
