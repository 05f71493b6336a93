/**
 * The write lease to the database.
 *
 * @module
 */

import type { Handlers } from "./handler.ts";

export const WRITE_LEASE_COMMANDS: Handlers<"write_lease.acquire" | "write_lease.release"> = {
  "write_lease.acquire": ({ writeLeases }) => writeLeases.acquire(),
  "write_lease.release": ({ writeLeases }, { token }) => {
    writeLeases.release(token);
    return null;
  },
};
