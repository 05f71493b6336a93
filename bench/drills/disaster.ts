/**
 * `npm run drill:disaster [-- EPISODES]`: everything is lost but R2, with so many episodes (10,000 by
 * default), and restored. Ends with 1 when a target is missed, or when anything is missing that was
 * acknowledged before the newest snapshot began.
 *
 * @module
 */

import { disasterDrill, DRILL_EPISODES } from "./disaster/drill.ts";

if (!(await disasterDrill(Number(process.argv[2] ?? DRILL_EPISODES)))) process.exit(1);
