/**
 * The front door of `memory/redaction/`: secrets that are taken out of what is stored.
 *
 * @module
 */

export { redactText, redactValue, type Found, type RedactionRules } from "./redact.ts";
