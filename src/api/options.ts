/**
 * What the API is given by whoever starts it, beside the memory itself: its clock, its secrets, and
 * where it reports to.
 *
 * @module
 */

import type { Reporter } from "../observability/index.ts";
import type { KeyHashes } from "./caller.ts";

/** A request that was answered, for the counters. */
export interface AnsweredRequest {
  method: string;
  /** The route's pattern; "none" when no route was found. */
  route: string;
  status: number;
  seconds: number;
  /** How long the instance took to recall; null: it was no recall. */
  recallSeconds: number | null;
}

export interface ApiOptions {
  /** The root's secret; null: there is no root, and no key can be made. */
  adminToken: string | null;
  /** Kept as long as the process: hashing a key is waited for. */
  keyHashes: KeyHashes;
  version: {
    name: string;
    version: string;
    commit: string | null;
    id: string | null;
    deployed_at: string | null;
  };
  /** The metrics need no key. */
  metricsOpen: boolean;
  reporter: Reporter;
  /** Called once for every request, when it is answered. */
  answered(request: AnsweredRequest): void;
  /** A deployed static file, by its path below the assets' directory; null: there is none. */
  asset(path: string): Promise<Response | null>;
  /** ms since the epoch. */
  now(): number;
  wait(ms: number): Promise<void>;
  randomUUID(): string;
  log(event: Record<string, unknown>): void;
}
