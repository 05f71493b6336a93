/**
 * The front door of `memory/text/`: terms of texts.
 *
 * @module
 */

export { documentTokens, queryTokens, TERMS_VERSION, tokenize, type Token } from "./tokens.ts";
