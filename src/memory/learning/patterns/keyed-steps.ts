/**
 * How much of a run is mined by what its tools did, beside which tools they were.
 *
 * @module
 */

/** Steps, the first ones: each may show a pattern that no other run has, and each takes a row. */
export const KEYED_STEPS_MAX = 30;
