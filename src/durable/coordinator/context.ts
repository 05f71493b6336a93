/**
 * The context that the parts of the Coordinator are given, beside the other parts that they use.
 *
 * @module
 */

import type { Counting } from "../../observability/index.ts";
import type { PartContext } from "../shared/context.ts";

export interface CoordinatorContext extends PartContext {
  /** 0 to 1, for jitter. */
  random: () => number;
  uuid: () => string;
  wait: (ms: number) => Promise<unknown>;
  /** Called when a part's `nextAt` may be sooner than it was. */
  wake: () => void;
  meter: Counting;
}
