/**
 * What the probe takes from the service's bundle.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";

export class MemoryInstance extends DurableObject {
  alarm(): Promise<void>;
}
export class Coordinator extends DurableObject {
  alarm(): Promise<void>;
}
declare const service: {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Promise<Response>;
};
export default service;
