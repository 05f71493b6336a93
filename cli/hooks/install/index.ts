/**
 * How hooks get into each agent.
 *
 * @module
 */

import type { Agent } from "../event.ts";
import { claudeCode } from "./claude-code.ts";
import { codex } from "./codex.ts";
import { cursor } from "./cursor.ts";
import type { Installer } from "./installer.ts";
import { opencode } from "./opencode.ts";

export const INSTALLERS: Readonly<Record<Agent, Installer>> = {
  "claude-code": claudeCode,
  codex,
  cursor,
  opencode,
};
