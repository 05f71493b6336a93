/**
 * `npm run bench:full -- [--episodes 20000] [--labelled DIRECTORY]…`: all that `npm run bench`
 * shows, and what depends on the size of the store, the number of instances and what else there is.
 * Ends with 1 when a target is missed.
 *
 * A directory of labelled questions has `corpus.jsonl` (or .gz), `queries.jsonl` and `qrels.tsv`,
 * as BEIR has them.
 *
 * @module
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { instances } from "./parts/instances.ts";
import { all } from "./parts/quick.ts";
import { peers } from "./parts/peers.ts";
import { scale } from "./parts/scale.ts";
import { ROOT } from "./support/bundle.ts";
import { Report } from "./support/report.ts";

/** Episodes of the largest store, unless another number is asked for. */
const EPISODES = "20000";

const { values } = parseArgs({
  options: {
    episodes: { type: "string", default: EPISODES },
    labelled: { type: "string", multiple: true, default: [] },
  },
});
const report = new Report("npm run bench:full");
await all(report);
await instances(report);
await peers(report);
await scale(report, Number(values.episodes), values.labelled);
report.write(join(ROOT, "bench/results/full.json"));
