/**
 * OAuth for the Model Context Protocol: whether it is on, who calls with a token, and what a client
 * without one gets. One object for an isolate. The library, and what uses it, is loaded with the
 * first request that needs it.
 *
 * @module
 */

import type { Caller } from "../caller.ts";
import { OAuthAdmission } from "./admission.ts";
import { RESOURCE_METADATA_PATH } from "./paths.ts";
import type { OAuthOptions, OAuthPorts } from "./ports.ts";
import type { AuthorizationServer } from "./provider.ts";
import type { OAuthNote } from "../../contract/access/grants.ts";
import { BoundedMap } from "../../util/bounded-map.ts";
import { isSafeOrigin } from "../../util/public-address.ts";

/** Origins whose servers are remembered; most services have one. */
const ORIGINS = 8;
/** As the library makes tokens: the id of a key, the id of a grant, a secret. */
const TOKEN = /^[0-9a-f]{12}:[\w-]{1,64}:[\w-]{1,128}$/;
/** Characters of a client's id in the audit. */
const CLIENT_MAX = 200;

export class OAuth {
  readonly admission: OAuthAdmission;
  readonly ports: OAuthPorts;
  readonly #servers = new BoundedMap<string, Promise<AuthorizationServer>>(ORIGINS);

  constructor(options: OAuthOptions) {
    this.ports = { ...options, note: (note) => this.#note(note) };
    this.admission = new OAuthAdmission(options.now);
  }

  /** Whether it is on where this was asked: tokens are not sent in the clear. */
  isOn(url: URL): boolean {
    return this.ports.origin !== null || isSafeOrigin(url);
  }

  /** The origin by which clients know what was asked. */
  originOf(url: URL): string {
    return this.ports.origin ?? url.origin;
  }

  server(url: URL): Promise<AuthorizationServer> {
    const origin = this.originOf(url);
    const known = this.#servers.get(origin);
    if (known) return known;
    const made = import("./provider.ts").then((it) => it.authorizationServer(origin, this.ports));
    this.#servers.set(origin, made);
    return made;
  }

  /** `WWW-Authenticate` for whoever was not let in. */
  challenge(url: URL, { headers }: Request): string {
    const metadata = `resource_metadata="${this.originOf(url)}${RESOURCE_METADATA_PATH}"`;
    return headers.has("Authorization")
      ? `Bearer error="invalid_token", ${metadata}`
      : `Bearer ${metadata}`;
  }

  /** Whose token this is; null: it is none, or none that holds. */
  async callerOf(token: string, url: URL): Promise<Caller | null> {
    if (!TOKEN.test(token)) return null;
    const server = await this.server(url);
    const found = await server.validate(token);
    if (!found) {
      this.ports.counted("token_refused");
      return null;
    }
    const { key_hash, namespace } = found.props;
    return { key_hash, root: false, admin: null, grant: { namespace, scopes: found.scopes } };
  }

  async #note({ by, from, to }: OAuthNote): Promise<void> {
    const bounded = <T extends OAuthNote["to"]>(grant: T): T => ({
      ...grant,
      client: grant.client.slice(0, CLIENT_MAX),
    });
    try {
      await this.ports.backend.oauth.note({ by, from: from && bounded(from), to: bounded(to) });
    } catch (error) {
      this.ports.log({ event: "oauth_note_failed", reason: String(error) });
    }
  }
}
