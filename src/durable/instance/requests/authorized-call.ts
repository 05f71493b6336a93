/**
 * A call on its way through the request pipeline.
 *
 * @module
 */

import type { Input, OperationName } from "../../../contract/operations.ts";
import type { Call } from "../../../contract/call.ts";

export interface AuthorizedCall<N extends OperationName> {
  name: N;
  input: Input<N>;
  call: Call;
  /** That the caller may work in. */
  namespace: string;
}
