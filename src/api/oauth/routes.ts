/**
 * The routes of OAuth, which are there where it is on. They are no operations of the service's own
 * document: what they take and answer is said by the standards, and clients find them by the
 * metadata. None needs a key: what each lets in, it judges itself.
 *
 * @module
 */

import type { Route } from "../routes/route.ts";
import {
  AUTHORIZE_PATH,
  ORIGIN_METADATA_PATH,
  REGISTER_PATH,
  RESOURCE_METADATA_PATH,
  SERVER_METADATA_PATH,
  TOKEN_PATH,
} from "./paths.ts";

const open = (method: "GET" | "POST", path: string, handle: Route["handle"]): Route => ({
  method,
  path,
  scope: null,
  handle,
});

const endpoints = () => import("./endpoints.ts");
const authorize = () => import("./consent/authorize.ts");

export const OAUTH_ROUTES: readonly Route[] = [
  open("GET", SERVER_METADATA_PATH, async (context) => (await endpoints()).serverMetadata(context)),
  ...[RESOURCE_METADATA_PATH, ORIGIN_METADATA_PATH].map((path) =>
    open("GET", path, async (context) => (await endpoints()).resourceMetadata(context)),
  ),
  open("GET", AUTHORIZE_PATH, async (context) => (await authorize()).showConsent(context)),
  open("POST", AUTHORIZE_PATH, async (context) => (await authorize()).decideConsent(context)),
  open("POST", TOKEN_PATH, async (context) => (await endpoints()).token(context)),
  open("POST", REGISTER_PATH, async (context) => (await endpoints()).register(context)),
];
