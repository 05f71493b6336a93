import { afterEach, describe, expect, it, vi } from "vitest";
import {
  ClientDocumentError,
  ClientDocuments,
  isDocumentAddress,
} from "../../../src/api/oauth/client-documents.ts";
import { storageOf } from "../../../src/api/oauth/storage.ts";
import { LIMITS } from "../../../src/contract/limits.ts";

const ADDRESS = "https://app.example/client.json";
const DOCUMENT = {
  client_id: ADDRESS,
  client_name: "An app",
  redirect_uris: ["https://app.example/callback"],
};

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What is answered at every address, and what was asked. */
function answering(answer: () => Response): { url: string; options: RequestInit }[] {
  const asked: { url: string; options: RequestInit }[] = [];
  vi.stubGlobal("fetch", async (url: string, options: RequestInit) => {
    asked.push({ url, options });
    return answer();
  });
  return asked;
}

const saying = (document: unknown) => () => Response.json(document);

async function refusalOf(id: string, answer: () => Response = saying(DOCUMENT)): Promise<string> {
  answering(answer);
  try {
    await new ClientDocuments(() => 0).get(id);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(ClientDocumentError);
    return (error as Error).message;
  }
}

describe("a client's description", () => {
  it("is fetched once for five minutes, without following a redirect", async () => {
    const asked = answering(saying(DOCUMENT));
    let now = 0;
    const documents = new ClientDocuments(() => now);
    expect(await documents.get(ADDRESS)).toEqual({
      clientId: ADDRESS,
      clientName: "An app",
      redirectUris: ["https://app.example/callback"],
      grantTypes: ["authorization_code", "refresh_token"],
      responseTypes: ["code"],
      tokenEndpointAuthMethod: "none",
    });
    now = 299_999;
    await documents.get(ADDRESS);
    expect(asked).toMatchObject([{ url: ADDRESS, options: { redirect: "manual" } }]);
    now = 300_001;
    await documents.get(ADDRESS);
    expect(asked).toHaveLength(2);
  });

  it.each([
    "https://10.0.0.1/client",
    "https://localhost/client",
    "https://intranet/client",
    "https://user@app.example/client",
    "http://app.example/client",
    `${ADDRESS}#part`,
  ])("is not asked for at %s", async (address) => {
    const asked = answering(saying({ ...DOCUMENT, client_id: address }));
    await expect(new ClientDocuments(() => 0).get(address)).rejects.toThrow(ClientDocumentError);
    expect(asked).toEqual([]);
  });

  it.each([
    ["that is a redirect", () => Response.redirect("https://10.0.0.1/", 302), "status 200"],
    ["that is not there", () => new Response("", { status: 404 }), "status 200"],
    ["that is no JSON", () => new Response("<html>"), "no JSON"],
    ["that is not UTF-8", () => new Response(new Uint8Array([0xff])), "could not be read"],
    ["of another client", saying({ ...DOCUMENT, client_id: "https://b.example/c" }), "another"],
    ["without a name", saying({ ...DOCUMENT, client_name: undefined }), "client_name"],
    ["without an address", saying({ ...DOCUMENT, redirect_uris: [] }), "redirect_uris"],
    ["with many addresses", saying({ ...DOCUMENT, redirect_uris: Array(21).fill("a") }), "uris"],
    [
      "with a secret method alone",
      saying({ ...DOCUMENT, token_endpoint_auth_method: "private_key_jwt" }),
      "method none",
    ],
    [
      "that is too large",
      saying({ ...DOCUMENT, more: "x".repeat(LIMITS.oauth_document_max_bytes) }),
      `more than ${LIMITS.oauth_document_max_bytes} bytes`,
    ],
    [
      "that cannot be had",
      () => {
        throw new TypeError("no route");
      },
      "could not be fetched",
    ],
  ])("%s is refused", async (_what, answer, reason) => {
    expect(await refusalOf(ADDRESS, answer)).toContain(reason);
  });

  it("may offer a signed method beside none", async () => {
    const methods = ["private_key_jwt", "none"];
    const document = { ...DOCUMENT, token_endpoint_auth_methods_supported: methods };
    expect(await refusalOf(ADDRESS, saying(document))).toBe("");
  });

  it("is what an address over TLS with a path names, and nothing else", () => {
    expect(isDocumentAddress(ADDRESS)).toBe(true);
    for (const id of ["", "a-client", "https://app.example/", "http://app.example/c", "https://"])
      expect(isDocumentAddress(id)).toBe(false);
  });
});

describe("what the library is given as its storage", () => {
  it("has clients of addresses from there, others from KV, and no name that KV refuses", async () => {
    answering(saying(DOCUMENT));
    const asked: string[] = [];
    const kv = {
      get: async (key: string) => {
        asked.push(key);
        return "stored";
      },
      list: async ({ prefix }: { prefix: string }) => {
        asked.push(prefix);
        return { keys: [], list_complete: true };
      },
    } as unknown as KVNamespace;
    const storage = storageOf(kv, new ClientDocuments(() => 0));
    expect(await storage.get(`client:${ADDRESS}`)).toMatchObject({ clientName: "An app" });
    expect(await storage.get("client:registered")).toBe("stored");
    expect(await storage.get(`token:${"é".repeat(300)}`)).toBeNull();
    await storage.list({ prefix: "grant:a" });
    expect(await storage.list({ prefix: "x".repeat(600) })).toMatchObject({ keys: [] });
    expect(asked).toEqual(["client:registered", "grant:a"]);
  });
});
