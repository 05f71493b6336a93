/**
 * What the probe takes from the service's bundle.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";

export class MemoryInstance extends DurableObject {}
export class Coordinator extends DurableObject {}
declare const service: {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Promise<Response>;
};
export default service;
