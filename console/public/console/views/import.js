/** The view "Import": past runs from files that are dropped, and what of them was refused. */

import { Refused, sendLines, session } from "../core/api.js";
import { fill, h, heading, table } from "../core/dom.js";
import { count, counted, cut, percent } from "../core/format.js";
import { hrefOf } from "../core/place.js";
import { batchesOf } from "../parts/lines.js";

/** Refusals that are shown, of all files of a drop. */
const REFUSALS_SHOWN = 200;
const REASON_MAX = 300;
/** How often a batch is sent again that the service has no time for, and the wait before. */
const ATTEMPTS = 6;
const WAIT_MS = 1_000;

/** @typedef {{created: number, updated: number, duplicate: number, error: number}} Counts */
/** @typedef {{file: string, line: number, reason: string}} Refusal */
/**
 * @typedef {{counts: Counts, refusals: Refusal[], say: (share: number, text: string) => void}} Report
 */

/** @type {import("../console.js").View} */
export const importing = {
  title: "Import",
  async show({ signal }) {
    const report = h("div", { "aria-live": "polite" });
    const update = h("input", { type: "checkbox", name: "update" });
    const input = h("input", {
      type: "file",
      multiple: true,
      class: "hidden",
      id: "files",
      accept: ".jsonl,.ndjson,.json,.gz",
    });
    const begin = (/** @type {FileList | null | undefined} */ files) => {
      const { checked } = /** @type {HTMLInputElement} */ (update);
      if (files && files.length > 0) void run([...files], { report, update: checked, signal });
    };
    input.addEventListener("change", () => begin(/** @type {HTMLInputElement} */ (input).files));
    return [
      heading(
        "Import",
        `Into the namespace "${session.namespace}". Importing twice changes nothing.`,
      ),
      dropZone(input, begin),
      h("label", { class: "check" }, update, "An episode that is there already follows the file"),
      report,
      help(),
    ];
  },
};

/** @param {HTMLElement} input @param {(files: FileList | undefined) => void} begin */
function dropZone(input, begin) {
  const zone = h(
    "label",
    { class: "drop", for: "files" },
    h("b", {}, "Drop files here, or choose them"),
    h("span", { class: "muted" }, "A JSON text on each line, or a JSON array; packed by gzip too."),
    input,
  );
  const over = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    zone.classList.toggle("over", event.type === "dragover");
  };
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", over);
  zone.addEventListener("drop", (event) => {
    over(event);
    begin(event.dataTransfer?.files);
  });
  return zone;
}

/**
 * @param {File[]} files
 * @param {{report: Element, update: boolean, signal: AbortSignal}} options
 */
async function run(files, { report, update, signal }) {
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const bar = h("progress", { max: "1", value: "0", "aria-label": "Progress of the import" });
  const text = h("p", {});
  const button = h("button", { type: "button", onclick: () => stop.abort() }, "Stop");
  const box = h("div", {});
  fill(report, h("section", { class: "card progress" }, text, bar, button, box));
  /** @type {Report} */
  const told = {
    counts: { created: 0, updated: 0, duplicate: 0, error: 0 },
    refusals: [],
    say: (share, words) => {
      bar.setAttribute("value", String(share));
      bar.textContent = percent(share, 0);
      text.textContent = words;
    },
  };
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  try {
    for (const file of files) {
      await runFile(file, {
        told,
        update,
        until,
        shareOf: (n) => (before + n) / Math.max(1, total),
      });
      before += file.size;
    }
    told.say(1, `Done: ${summary(told.counts)}.`);
  } catch (error) {
    const reason = until.aborted
      ? "You stopped it."
      : error instanceof Error
        ? error.message
        : String(error);
    text.textContent = `Not all of it: ${summary(told.counts)}.`;
    box.before(
      h(
        "p",
        { class: "error", role: "alert" },
        `${reason} What was sent is kept; the same files can be dropped again.`,
      ),
    );
  }
  button.remove();
  fill(
    box,
    refusalsOf(told),
    h("a", { class: "button", href: hrefOf("episodes") }, "Show the episodes"),
  );
}

/**
 * @param {File} file
 * @param {{told: Report, update: boolean, until: AbortSignal,
 *   shareOf: (read: number) => number}} options
 */
async function runFile(file, { told, update, until, shareOf }) {
  for await (const { lines, numbers, read } of batchesOf(file)) {
    until.throwIfAborted();
    const answers = await sendPatiently(lines.join("\n"), { update, signal: until });
    for (const { line, status, error } of answers) {
      const { counts, refusals } = told;
      if (Object.hasOwn(counts, status)) counts[/** @type {keyof Counts} */ (status)] += 1;
      if (status !== "error" || refusals.length >= REFUSALS_SHOWN) continue;
      const reason = error?.detail ?? error?.message ?? error?.code ?? "refused";
      refusals.push({
        file: file.name,
        line: numbers[line - 1] ?? line,
        reason: cut(String(reason), REASON_MAX),
      });
    }
    told.say(shareOf(read), `${file.name}: ${summary(told.counts)}`);
  }
}

/** @param {string} lines @param {{update: boolean, signal: AbortSignal}} options */
async function sendPatiently(lines, options) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendLines(lines, options);
    } catch (error) {
      const isBusy = error instanceof Refused && [429, 503].includes(error.status);
      if (!isBusy || attempt >= ATTEMPTS || options.signal.aborted) throw error;
      const ms = Math.max(error.waitMs, WAIT_MS * attempt);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}

/** @param {Counts} counts */
function summary({ created, updated, duplicate, error }) {
  return [
    `${count(created)} new`,
    updated > 0 && `${count(updated)} updated`,
    duplicate > 0 && `${count(duplicate)} there already`,
    error > 0 ? `${count(error)} refused` : "none refused",
  ]
    .filter(Boolean)
    .join(", ");
}

/** @param {Report} told */
function refusalsOf({ counts, refusals }) {
  if (counts.error === 0) return null;
  const rows = refusals.map(({ file, line, reason }) => [file, count(line), reason]);
  return [
    h("h2", {}, "What was refused"),
    table(["file", "line", "why"], rows, { caption: "Refused lines", numbers: [1] }),
    counts.error > refusals.length &&
      h("p", { class: "muted" }, `and ${counted(counts.error - refusals.length, "other line")}`),
  ];
}

function help() {
  const example = {
    type: "episode",
    task: "Cancel reservation 8JX2WO",
    context: { domain: "airline" },
    steps: [{ tool: "cancel_reservation", result: { type: "success", output: "cancelled" } }],
    outcome: { type: "success", verdict: "cancelled" },
  };
  return h(
    "section",
    {},
    h("h2", {}, "What a line says"),
    h(
      "p",
      {},
      "An episode, a chat with tool calls (type transcript, with messages as OpenAI or Anthropic has them), a lesson, or what an export wrote.",
    ),
    h("pre", { tabindex: "0" }, JSON.stringify(example)),
    h(
      "p",
      {},
      "Sessions of Claude Code, Codex, Cursor, LangSmith, OpenTelemetry and others are read by ",
      h("code", {}, "memory-cli import --from FORMAT PATH"),
      ".",
    ),
  );
}
