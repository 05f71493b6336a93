/**
 * The types of handlers: one for each operation of clients, one for each internal operation.
 * Handlers stand in lists with what they call (`<room>/operations.ts`); where the lists are put
 * together (`parts.ts`), one that is missing does not compile.
 *
 * @module
 */

import type { Input, OperationName, Output } from "../../contract/operations.ts";
import type {
  InternalInput,
  InternalOperationName,
  InternalOutput,
} from "../shared/instance/protocol.ts";

/** What a handler of a client's operation works with; it cannot choose a namespace. */
export interface OperationScope {
  namespace: string;
  /** The id of the API key that calls; "operator" for ADMIN_TOKEN. */
  by: string;
  /** It showed the ADMIN_TOKEN. Absent: it did not. */
  isOperator?: boolean;
  /** The namespaces that the caller may see, of which `namespace` is one; null: all. */
  visible: readonly string[] | null;
  /** How many of the calls that this one counts as may be carried out: the first items of a batch. */
  calls: number;
  /**
   * Runs the write in a transaction and, in the same, keeps what it returns as the answer for a
   * repetition of the request. An operation that writes answers with what it returned.
   */
  commit: <T>(work: () => T) => T;
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
