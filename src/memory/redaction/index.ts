/**
 * The front door of `memory/redaction/`: secrets that are taken out of what is stored.
 *
 * @module
 */

export {
  redactBlocks,
  redactText,
  redactValue,
  type Found,
  type RedactionRules,
} from "./redact.ts";
