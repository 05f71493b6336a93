/**
 * A call on its way through the request pipeline.
 *
 * @module
 */

import type { Call } from "../../../contract/call.ts";
import type { Input, OperationName } from "../../../contract/operations.ts";

export interface AuthorizedCall<N extends OperationName> {
  name: N;
  input: Input<N>;
  call: Call;
  /** That the caller may work in. */
  namespace: string;
}
