/**
 * Finds what a person asked of Claude Code, without what the program puts in their mouth. Pure.
 *
 * @module
 */

import { objects, textOf } from "../../../client/calls/values.ts";
import { inTag, withoutTags } from "../reading/tags.ts";

/** Beginnings of texts that the program writes. */
const WRITTEN = [
  "Caveat: The messages below",
  "This session is being continued from a previous conversation",
  "[Request interrupted by user",
  "[SYSTEM NOTIFICATION",
];
/** Tags of the program that may stand anywhere in a text. */
const TAGS = [
  "system-reminder",
  "ide_opened_file",
  "ide_selection",
  "ide_diagnostics",
  "local-command-caveat",
  "local-command-stdout",
  "local-command-stderr",
  "command-message",
  "command-name",
  "command-args",
  "bash-input",
  "bash-stdout",
  "bash-stderr",
  "task-notification",
  "user-prompt-submit-hook",
];
/** `Stop hook feedback:`, `PreToolUse:Bash hook error: …` */
const HOOK =
  /^[A-Za-z]{1,40}(?::[\w*|-]{1,80})? (?:hook|operation) (?:feedback|error|blocking error|stopped|blocked)/;

/** A person's words; empty: they said nothing. */
export function promptOf(content: unknown): string {
  return textsOf(content)
    .map((text) => withoutTags(text, TAGS))
    .filter((text) => text !== "" && !isWritten(text))
    .join("\n");
}

const isWritten = (text: string): boolean =>
  WRITTEN.some((beginning) => text.startsWith(beginning)) || HOOK.test(text);

/** A slash command with its arguments; null: it is none. */
export function isCommandOf(content: unknown): string | null {
  const text = textsOf(content).join("\n");
  const name = inTag(text, "command-name")?.trim();
  if (name === undefined || name === "") return null;
  const given = inTag(text, "command-args")?.trim() ?? "";
  const command = name.startsWith("/") ? name : `/${name}`;
  return given === "" ? command : `${command} ${given}`;
}

function textsOf(content: unknown): string[] {
  if (typeof content === "string") return [content];
  return objects(content)
    .filter(({ type }) => type === "text")
    .map((block) => textOf(block["text"]));
}
