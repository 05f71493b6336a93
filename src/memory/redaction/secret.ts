/**
 * A secret that was found in a text.
 *
 * @module
 */

import type { RedactionKind } from "../../contract/redaction.ts";

export interface Secret {
  from: number;
  to: number;
  kind: RedactionKind;
}
