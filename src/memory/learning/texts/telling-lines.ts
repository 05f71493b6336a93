/**
 * Picks the lines of a long message that say what went wrong: a command that failed writes much
 * that it would have written anyway. Pure; linear in what it reads.
 *
 * @module
 */

/** Characters of the beginning and of the end of a message that are read, and of one line. */
const BEGIN_MAX = 12_000;
const END_MAX = 8_000;
const LINE_MAX = 400;
/** Lines that are picked. */
const LINES_MAX = 2;

/** What a line says of an error, and how much it is worth. */
const SIGNS: readonly (readonly [RegExp, number])[] = [
  [/\bE[A-Z]{4,}\b|\b[A-Z]\w*(?:Error|Exception)\b|\berror[ :[]\s?\[?[A-Z]{1,4}\d{2,5}\b/, 3],
  [
    /\b(?:error|fatal|panic|denied|refused|not found|cannot|can't|could not|unable|no such|missing|undefined|unexpected|invalid|conflict|unsupported|already|timed? ?out|failed to|not installed|required|must|unknown|expected)\b/i,
    2,
  ],
  [/\b(?:fail(?:ed|ure|s)?|warn(?:ing)?|wrong|rejected|aborted|killed|issues?|errors)\b/i, 1],
];
/** Frames of a stack, and what a program prints before it begins. */
const NOISE = /^(?:at\s|File "|\.{3}|[>$%#]\s|Exit code \d+$|Traceback |\^+$|[-=~_*]+$)/;

/**
 * The most telling lines in their order, one blank apart; the message as it is where it has one
 * line, or none that tells.
 */
export function tellingLines(message: string): string {
  if (!/\n/.test(message.trim())) return message;
  const read =
    message.length <= BEGIN_MAX + END_MAX
      ? message
      : `${message.slice(0, BEGIN_MAX)}\n${message.slice(-END_MAX)}`;
  const lines = read.split("\n").map((line) => line.trim().slice(0, LINE_MAX));
  const worths = lines.map(worthOf);
  const best = worths
    .map((worth, at) => ({ worth, at }))
    .filter(({ worth }) => worth > 1)
    .sort((a, b) => b.worth - a.worth || a.at - b.at)
    .filter(({ at }, i, sorted) => i === 0 || lines[at] !== lines[sorted[i - 1]?.at ?? 0])
    .slice(0, LINES_MAX);
  if (best.length === 0) return message;
  // A second line is worth its room only where it says as much.
  const first = best[0]?.worth ?? 0;
  return best
    .filter(({ worth }) => worth >= first - 1)
    .sort((a, b) => a.at - b.at)
    .map(({ at }) => lines[at])
    .join(" ");
}

function worthOf(line: string): number {
  if (NOISE.test(line)) return 0;
  return SIGNS.reduce((sum, [sign, worth]) => (sign.test(line) ? sum + worth : sum), 0);
}
