/**
 * Forms of keys and tokens that vendors give out, each known by what it begins with. Where a vendor
 * documents a form, it is that; the lengths are lower bounds, so that a new release of a vendor is
 * taken too.
 *
 * @module
 */

import { ALNUM, BASE64, DASH, DOT, runEnd, URL_SAFE } from "./characters.ts";
import { isRandom, isVaried } from "./randomness.ts";
import type { Secret } from "./secret.ts";

interface Vendor {
  prefix: string;
  /** Classes of the characters behind the prefix, and how many there are at least. */
  body: number;
  min: number;
  /** The prefix alone is no proof: the rest must look drawn by lot. */
  isCommon: boolean;
}

/** Characters of a token that are read; longer ones are parts of something else. */
const BODY_MAX = 4_000;
/** Characters of a token by which it is judged. */
const JUDGED_MAX = 200;
/** Parts of a token that are told apart. */
const PARTS_MAX = 8;

const vendors = (body: number, min: number, prefixes: string, isCommon = false): Vendor[] =>
  prefixes.split(" ").map((prefix) => ({ prefix, body, min, isCommon }));

const VENDORS: readonly Vendor[] = [
  // Amazon, Google, GitHub, GitLab, Slack.
  ...vendors(ALNUM, 16, "AKIA ASIA ABIA ACCA"),
  ...vendors(URL_SAFE, 30, "AIza"),
  ...vendors(URL_SAFE | DOT, 20, "ya29. GOCSPX- hvs. hvb. hvr."),
  ...vendors(ALNUM, 30, "ghp_ gho_ ghu_ ghs_ ghr_"),
  ...vendors(URL_SAFE, 20, "github_pat_ glpat- glrt- gldt- glptt- glsoat- gloas- glcbt-"),
  ...vendors(URL_SAFE, 20, "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xoxo- xapp-"),
  ...vendors(ALNUM | BASE64, 20, "hooks.slack.com/services/"),
  ...vendors(URL_SAFE | BASE64, 40, "discord.com/api/webhooks/ discordapp.com/api/webhooks/"),
  // Models.
  ...vendors(URL_SAFE, 20, "sk-", true),
  ...vendors(URL_SAFE, 20, "sk-ant- sk-proj- sk-svcacct- sk-or-v1- sk-admin-"),
  ...vendors(ALNUM, 30, "hf_ gsk_ xai- r8_ pplx- tgp_v1_ nvapi- csk-", true),
  ...vendors(URL_SAFE, 20, "tvly- lsv2_pt_ lsv2_sk_ pcsk_ jina_"),
  // Payments, shops, mail, messages.
  ...vendors(ALNUM, 16, "sk_live_ sk_test_ rk_live_ rk_test_ whsec_"),
  ...vendors(ALNUM, 32, "shpat_ shpss_ shpca_ shppa_"),
  ...vendors(URL_SAFE, 22, "sq0atp- sq0csp- sq0idp-"),
  ...vendors(URL_SAFE | DOT, 50, "SG."),
  ...vendors(ALNUM, 32, "key- SK", true),
  ...vendors(URL_SAFE, 60, "xkeysib- xsmtpsib-"),
  ...vendors(ALNUM, 60, "EAACEdEose0cBA EAAG"),
  // Packages, clouds, tools.
  ...vendors(ALNUM, 30, "npm_ rubygems_"),
  ...vendors(URL_SAFE, 50, "pypi-AgE"),
  ...vendors(URL_SAFE, 20, "dckr_pat_ dckr_oat_ lin_api_ lin_oauth_ figd_ ntn_ PMAK- pul- cio_"),
  ...vendors(ALNUM, 30, "dop_v1_ doo_v1_ dor_v1_ sbp_ glsa_ glc_ shippo_live_ phx_ dapi", true),
  ...vendors(
    URL_SAFE | DOT | BASE64,
    20,
    "ATATT3x ATCTT3x ATBB sntrys_ sntryu_ dp.pt. dp.st. fm2_",
  ),
  ...vendors(
    URL_SAFE,
    30,
    "CFPAT- cfut_ rdme_ sl. AGE-SECRET-KEY-1 tskey-auth- tskey-api- secret_",
    true,
  ),
  // This service's own.
  ...vendors(ALNUM | DASH, 20, "mk_", true),
];

const BY_START = Map.groupBy(VENDORS, ({ prefix }) => prefix.charCodeAt(0));
const TOKEN_START = "eyJ";
const ASCII = 128;

/** For two characters, whether a form begins with them. */
const PAIRS = new Uint8Array(ASCII * ASCII);
for (const prefix of [...VENDORS.map((vendor) => vendor.prefix), TOKEN_START])
  PAIRS[prefix.charCodeAt(0) * ASCII + prefix.charCodeAt(1)] = 1;

/** Whether a form may begin here. */
export function mayBeginForm(text: string, at: number): boolean {
  const [first, second] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  return first < ASCII && second < ASCII && PAIRS[first * ASCII + second] === 1;
}

/**
 * Finds the forms in a text, from the left to the right. A run that was read for nothing is not read
 * again, so that the work is linear in the text.
 */
export class Vendors {
  readonly #text: string;
  /** Where the run of each class ends that was read last. */
  #runs: Map<number, number> | null = null;
  /** Up to where what stands there was judged, and was no key. */
  #judged: Map<number, number> | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /** A key that begins here. */
  at(from: number): Secret | null {
    for (const vendor of BY_START.get(this.#text.charCodeAt(from)) ?? []) {
      if (!this.#text.startsWith(vendor.prefix, from)) continue;
      const start = from + vendor.prefix.length;
      const to = this.#runEnd(start, vendor.body);
      if (to - start >= vendor.min && this.#isKey(start, to, vendor)) {
        return { from, to, kind: "api_key" };
      }
    }
    return this.#text.startsWith(TOKEN_START, from) ? this.#jwtAt(from) : null;
  }

  #isKey(start: number, to: number, { body, isCommon }: Vendor): boolean {
    const judgement = isCommon ? -body : body;
    if (start < (this.#judged?.get(judgement) ?? 0)) return false;
    const is = (isCommon ? isRandom : isVaried)(this.#text.slice(start, to));
    if (!is) (this.#judged ??= new Map()).set(judgement, Math.min(to, start + JUDGED_MAX));
    return is;
  }

  /** Three parts or five, the first of which is an object of JSON. */
  #jwtAt(from: number): Secret | null {
    if (from < (this.#judged?.get(0) ?? 0)) return null;
    const to = this.#runEnd(from, URL_SAFE | DOT);
    const [header = "", payload = "", ...more] = this.#text.slice(from, to).split(".", PARTS_MAX);
    const is =
      header.length >= 10 && more.length > 0 && payload.length + more.join("").length >= 20;
    if (!is) (this.#judged ??= new Map()).set(0, to);
    return is ? { from, to, kind: "jwt" } : null;
  }

  #runEnd(start: number, classes: number): number {
    const known = this.#runs?.get(classes) ?? 0;
    if (start < known) return known;
    const end = runEnd(this.#text, start, classes, BODY_MAX);
    (this.#runs ??= new Map()).set(classes, end);
    return end;
  }
}
