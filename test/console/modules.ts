/**
 * Modules of the console that need no page, with the types that tests use: the console is plain
 * JavaScript, which `tsc -p console` checks.
 *
 * @module
 */

import { join } from "node:path";

const CONSOLE = join(import.meta.dirname, "../../console/public/console");

interface Place {
  view: string;
  id: string;
  query: URLSearchParams;
}

interface Parameter {
  name: string;
  value: string;
  source: { step: number; path: string } | null;
}

export interface Modules {
  "core/api.js": { session: { namespace: string } };
  "core/live.js": {
    Live: new (work: () => Promise<boolean>, everyMs: number) => { stop: () => void };
  };
  "core/place.js": {
    placeOf: (hash: string) => Place;
    namespaceOf: (place: Place) => string | null;
    hrefOf: (view: string, options?: object) => string;
    changed: (place: Place, changes: Record<string, string | null>) => string;
  };
  "core/format.js": {
    shareOf: (
      successes: number,
      trials: number,
    ) => { rate: number; low: number; high: number } | null;
    bytes: (n: number | null) => string;
    percent: (share: number | null, digits?: number) => string;
    duration: (ms: number | null) => string;
  };
  "parts/flow.js": { flowOf: (task: string, steps: readonly object[]) => Parameter[][] };
  "parts/graph.js": {
    sourcesOf: (steps: readonly object[], i: number) => { index: number; name: string }[];
  };
  "parts/lines.js": {
    batchesOf: (file: File) => AsyncIterable<{ lines: string[]; numbers: number[]; read: number }>;
  };
}

/** @param name of the module, from the console's folder */
export async function moduleOf<N extends keyof Modules>(name: N): Promise<Modules[N]> {
  return (await import(join(CONSOLE, name))) as Modules[N];
}
