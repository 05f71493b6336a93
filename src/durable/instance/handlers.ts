/**
 * The types of handlers: one for each operation of clients, one for each internal operation.
 * Handlers stand in lists with what they call (`<room>/operations.ts`); where the lists are put
 * together, one that is missing does not compile.
 *
 * @module
 */

import type { Input, OperationName, Output } from "../../contract/operations.ts";
import type {
  InternalInput,
  InternalOperationName,
  InternalOutput,
} from "../shared/instance/protocol.ts";
import type { Commit } from "./requests/commit.ts";

/** What a handler of a client's operation works with; it cannot choose a namespace. */
export interface OperationScope {
  namespace: string;
  commit: Commit;
}

/** A handler for each operation of clients. It throws `Refused` to refuse. */
export type OperationHandlers = {
  [N in OperationName]: (input: Input<N>, scope: OperationScope) => Promise<Output<N>> | Output<N>;
};

/** A handler for each internal operation. It throws `Refused` to refuse. */
export type InternalHandlers = {
  [N in InternalOperationName]: (
    input: InternalInput<N>,
  ) => Promise<InternalOutput<N>> | InternalOutput<N>;
};
