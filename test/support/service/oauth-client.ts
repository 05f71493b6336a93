/**
 * An OAuth client and the browser of a person, by hand: for what a well-behaved one does not do.
 *
 * @module
 */

import { createHash, randomBytes } from "node:crypto";

export const REDIRECT = "http://127.0.0.1:9/callback";

export interface Said {
  status: number;
  headers: Headers;
  text: string;
  // The answer's JSON; null when it is none.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** A page of consent that was shown: what its form holds, and the cookie that it is bound to. */
export interface Consent {
  handle: string;
  cookie: string;
  text: string;
  headers: Headers;
}

interface Choice {
  key: string;
  namespace?: string;
  scopes?: string[];
  decision?: string;
  /** Of the request. */
  headers?: Record<string, string>;
}

export class OAuthClient {
  readonly url: string;
  id = "";
  /** Where its requests come from, as the platform says: an address of its own. */
  readonly address = `2001:db8:${randomBytes(2).toString("hex")}:${randomBytes(2).toString("hex")}::1`;
  readonly verifier = randomBytes(32).toString("base64url");

  /** @param url of the service */
  constructor(url: string) {
    this.url = url;
  }

  get challenge(): string {
    return createHash("sha256").update(this.verifier).digest("base64url");
  }

  async register(more: Record<string, unknown> = {}): Promise<Said> {
    const said = await this.post(
      "/oauth/register",
      JSON.stringify({
        client_name: "A client of tests",
        redirect_uris: [REDIRECT],
        token_endpoint_auth_method: "none",
        ...more,
      }),
      "application/json",
    );
    if (said.status === 201) this.id = String(said.body.client_id);
    return said;
  }

  /** Asks for the page of consent. @param changes of the parameters; null takes one away */
  async authorize(changes: Record<string, string | null> = {}): Promise<Said> {
    const parameters: Record<string, string | null> = {
      response_type: "code",
      client_id: this.id,
      redirect_uri: REDIRECT,
      state: "a-state",
      code_challenge: this.challenge,
      code_challenge_method: "S256",
      ...changes,
    };
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters))
      if (value !== null) query.set(name, value);
    const headers = { "CF-Connecting-IP": this.address };
    const url = `${this.url}/oauth/authorize?${query.toString()}`;
    return said(await fetch(url, { headers, redirect: "manual" }));
  }

  /** @throws when there is no page */
  async consent(changes: Record<string, string | null> = {}): Promise<Consent> {
    return consentOf(await this.authorize(changes));
  }

  /** Sends the form of a page. */
  decide(consent: Consent, choice: Choice): Promise<Said> {
    const { key, namespace = "", scopes = ["read", "write"], decision = "allow" } = choice;
    const form = new URLSearchParams({ handle: consent.handle, key, namespace, decision });
    for (const scope of scopes) form.append("scope", scope);
    const headers = { Cookie: consent.cookie, Origin: this.url, ...choice.headers };
    return this.post("/oauth/authorize", form.toString(), undefined, headers);
  }

  /** The code that a person's consent is worth. @throws when none was granted */
  async code(choice: Choice): Promise<string> {
    return codeOf(await this.decide(await this.consent(), choice));
  }

  /** Asks for a token. @param changes of the parameters; null takes one away */
  exchange(code: string, changes: Record<string, string | null> = {}): Promise<Said> {
    return this.form("/oauth/token", {
      grant_type: "authorization_code",
      code,
      client_id: this.id,
      redirect_uri: REDIRECT,
      code_verifier: this.verifier,
      ...changes,
    });
  }

  refresh(token: string, changes: Record<string, string | null> = {}): Promise<Said> {
    const grant = { grant_type: "refresh_token", refresh_token: token, client_id: this.id };
    return this.form("/oauth/token", { ...grant, ...changes });
  }

  /** All of it: a client that registers itself, and the tokens that a person grants it. */
  async connect(choice: Choice): Promise<{ access: string; refresh: string; scope: string }> {
    if (this.id === "") await this.register();
    const { status, text, body } = await this.exchange(await this.code(choice));
    if (status !== 200) throw new Error(`no token: ${text}`);
    return { access: body.access_token, refresh: body.refresh_token, scope: body.scope };
  }

  form(path: string, fields: Record<string, string | null>): Promise<Said> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) if (value !== null) form.set(name, value);
    return this.post(path, form.toString());
  }

  async post(
    path: string,
    body: string,
    type = "application/x-www-form-urlencoded",
    headers: Record<string, string> = {},
  ): Promise<Said> {
    const all = { "Content-Type": type, "CF-Connecting-IP": this.address, ...headers };
    return said(
      await fetch(this.url + path, { method: "POST", headers: all, body, redirect: "manual" }),
    );
  }

  /** Calls a tool. */
  async call(
    token: string,
    name: string,
    args: Record<string, unknown>,
    headers: Record<string, string> = {},
  ): Promise<Said> {
    const message = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name, arguments: args },
    };
    const authorization = { Authorization: `Bearer ${token}`, Accept: "application/json" };
    const all = { ...authorization, ...headers };
    return this.post("/mcp", JSON.stringify(message), "application/json", all);
  }
}

/** @throws when an answer is no page of consent */
export function consentOf({ status, text, headers }: Said): Consent {
  const handle = /name="handle" value="([^"]+)"/.exec(text)?.[1];
  if (handle === undefined) throw new Error(`no page of consent: ${status} ${text}`);
  const cookie = headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .filter((pair) => !pair.endsWith("="))
    .join("; ");
  return { handle, cookie, text, headers };
}

/** Where a page leads on to; null: nowhere by itself. */
export function onwardOf({ text }: Said): URL | null {
  const address = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(text)?.[1];
  return address === undefined ? null : new URL(address.replaceAll("&amp;", "&"));
}

/** @throws when a page does not lead on with a code */
export function codeOf(answer: Said): string {
  const code = onwardOf(answer)?.searchParams.get("code") ?? null;
  if (code === null) throw new Error(`no code: ${answer.status} ${answer.text}`);
  return code;
}

async function said(response: Response): Promise<Said> {
  const text = await response.text();
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== "" ? JSON.parse(text) : null,
  };
}
