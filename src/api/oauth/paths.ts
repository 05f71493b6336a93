/**
 * The addresses of OAuth. Clients find them by the metadata; only those of the metadata are known
 * before (RFC 8414, RFC 9728).
 *
 * @module
 */

export const MCP_PATH = "/mcp";
export const AUTHORIZE_PATH = "/oauth/authorize";
export const TOKEN_PATH = "/oauth/token";
export const REGISTER_PATH = "/oauth/register";
export const SERVER_METADATA_PATH = "/.well-known/oauth-authorization-server";
/** Of any resource of the origin, and of the one that there is. */
export const ORIGIN_METADATA_PATH = "/.well-known/oauth-protected-resource";
export const RESOURCE_METADATA_PATH = `${ORIGIN_METADATA_PATH}${MCP_PATH}`;
