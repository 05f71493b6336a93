/**
 * Starts the libSQL server that the tests in the runtime write to.
 *
 * @module
 */

import { Sqld } from "../support/processes/sqld.ts";

export default async function setup(): Promise<() => Promise<void>> {
  const server = await Sqld.start(Number(process.env["MEMORY_TEST_DB_PORT"]));
  return () => server.remove();
}
