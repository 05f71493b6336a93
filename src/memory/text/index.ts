/**
 * The front door of `memory/text/`: terms of texts.
 *
 * @module
 */

export { queryTokens, tokenize, type Token } from "./tokens.ts";
