/**
 * What the API needs of the memory, and of the one who starts it.
 *
 * @module
 */

import type { Input, Call, KeyView, OperationName, Output, Readiness, Result, Scope } from "../memory/operations.ts";

export interface Backend {
  /** Runs an operation at the instance with this index. */
  execute<N extends OperationName>(instance: number, name: N, input: Input<N>, call: Call): Promise<Result<Output<N>>>;
  instanceCount: number;
  readiness(): Promise<Readiness>;
  keys: {
    create(input: NewKeyInput): Promise<Result<KeyView & { key: string }>>;
    list(): Promise<Result<KeyView[]>>;
    revoke(id: string): Promise<Result<KeyView>>;
  };
}

export interface NewKeyInput {
  name: string;
  scopes: Scope[];
  namespaces: string[];
  default_namespace: string;
  expires_at: string | null;
}

export interface ApiOptions {
  /** The root's secret; null: there is no root, and no key can be made. */
  adminToken: string | null;
  version: { name: string; version: string; commit: string | null; id: string | null };
  now(): number;
  randomUUID(): string;
  log(event: Record<string, unknown>): void;
}
