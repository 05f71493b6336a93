/** The views, by their names in the address. */

import { AccessView } from "../operating/access.js";
import { ServiceView } from "../operating/service.js";
import { usage } from "../operating/usage.js";
import { curation } from "./curation.js";
import { episode } from "./episode.js";
import { episodes } from "./episodes.js";
import { heuristics } from "./heuristics.js";
import { importing } from "./import.js";
import { lessons } from "./lessons.js";
import { pattern, patterns } from "./patterns.js";
import { playbooks } from "./playbooks.js";
import { proof } from "./proof.js";
import { recall } from "./recall.js";
import { search } from "./search.js";
import { start } from "./start.js";

/** @returns {Map<string, import("../console.js").View>} */
export const VIEWS = () =>
  new Map(
    Object.entries({
      start,
      episodes,
      episode,
      patterns,
      pattern,
      heuristics,
      playbooks,
      lessons,
      recall,
      search,
      proof,
      curation,
      import: importing,
      now: new ServiceView(),
      usage,
      access: new AccessView(),
    }),
  );
