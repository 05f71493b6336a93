/**
 * What happens in a chat, in the words that all formats share.
 *
 * @module
 */

import type { Verdict } from "./results.ts";

export type ChatEvent =
  | { type: "prompt"; text: string }
  | {
      type: "call";
      /** null: the format has none, and the result names the tool. */
      id: string | null;
      tool: string;
      parameters: unknown;
      /** What was said beside the call. */
      action: string;
    }
  | { type: "result"; id: string | null; tool: string; content: unknown; verdict: Verdict };
