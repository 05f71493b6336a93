/**
 * `npm run bench:coding [-- FOLDER] [--write] [--each]`: learns the coding sessions but for a third,
 * and asks at the error of each that was held back. Ends with 0 whatever comes out: it measures.
 *
 * @module
 */

import { interval, mean } from "../bootstrap.ts";
import { Memory } from "../memory.ts";
import { inOrder } from "../order.ts";
import { printTable } from "../report.ts";
import { codingSessions } from "../sets/coding.ts";
import { lineOf } from "../sets/run-set.ts";
import { askErrors, nearestMended, type AskedError } from "./ways-out.ts";

const EACH = process.argv.includes("--each");

const { name, learned, asked } = codingSessions();
const memory = new Memory();
await memory.learn(name, inOrder(learned, ({ task_id }) => task_id).map(lineOf));
const nearest = nearestMended(learned);
const answers = await askErrors(memory, name, asked);

if (EACH)
  for (const { session, kind, part, names, ways, isNamed } of answers) {
    const mark =
      part === "seen" ? (isNamed ? "named" : "NOT NAMED") : ways.length === 0 ? "silent" : "SPOKE";
    console.log(
      `${session} ${part} "${kind}" (${names}): ${mark}\n    ${ways.join("\n    ") || "–"}`,
    );
  }

const row = (
  title: string,
  part: AskedError["part"],
  isRight: (answer: AskedError) => boolean,
  goal: string,
): string[] => {
  const own = answers.filter((answer) => answer.part === part);
  const share = interval(
    own,
    ({ kind }) => kind,
    (drawn) => mean(drawn.map((answer) => Number(isRight(answer)))),
  );
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const right = own.filter(isRight).length;
  const bounds = `${percent(share.low)} – ${percent(share.high)}`;
  return [title, `${right} of ${own.length}`, percent(share.value), bounds, goal];
};
printTable(
  "coding",
  `Coding sessions: ${learned.length} learned, asked at the errors of ${asked.length} others`,
  ["", "", "share", "95 % interval (whole kinds)", "goal"],
  [
    row("the kind was learned: what mended it is named", "seen", (one) => one.isNamed, "80 %"),
    row("the kind was learned: it is named first", "seen", (one) => one.isNamedFirst, ""),
    row("the kind was learned: recall names it", "seen", (one) => one.isRecalled, ""),
    row(
      "the kind was learned: plain FTS5 finds an error that it mended",
      "seen",
      ({ error, names: own }) => nearest(error) === own,
      "",
    ),
    row("the kind is new: silent", "unseen", (one) => one.isSilent, "95 %"),
  ],
);
