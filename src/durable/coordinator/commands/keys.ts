/**
 * Commands about API keys.
 *
 * @module
 */

import type { Handlers } from "./handler.ts";

type Names = "keys.create" | "keys.list" | "keys.revoke" | "keys.records";

export const KEY_COMMANDS: Handlers<Names> = {
  "keys.create": ({ keys }, { key, by }) => keys.create(key, by),
  "keys.list": ({ keys }) => keys.list(),
  "keys.revoke": ({ keys }, { id, by }) => keys.revoke(id, by),
  "keys.records": ({ keys }) => keys.all(),
};
