/**
 * Says whether an address that somebody else named may be asked (a webhook, the description of an
 * OAuth client): over TLS, without a password, and no address that is not public, however it is
 * written. What a name resolves to is the network's: of names only those are refused that are never
 * public. And whether secrets may be sent to an origin. Pure.
 *
 * @module
 */

/** Characters of an address. */
const URL_MAX = 2_000;

/** Names, and ends of names, that no public host has. */
const OWN_NAMES = ["localhost", "local", "internal", "lan", "home", "arpa", "onion", "test"];
/** Networks that are not public: first address, and how many bits of it count. RFC 6890. */
const NETWORKS_4: readonly (readonly [first: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Why not; null: it may. @param isPrivateAllowed for tests on one's own machine */
export function refusalOf(text: string, isPrivateAllowed: boolean): string | null {
  if (text.length > URL_MAX || !URL.canParse(text)) return "must be an address such as https://…";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "must hold no user and no password";
  if (isPrivateAllowed && url.protocol === "http:") return null;
  if (url.protocol !== "https:") return "must begin with https://";
  if (isPrivateAllowed) return null;
  return isPublic(url.hostname) ? null : "must be a public address";
}

/** @param host as a URL has it: in small letters, numbers of IPv4 in the usual form */
function isPublic(host: string): boolean {
  if (host.startsWith("[")) return isPublic6(host.slice(1, -1));
  const name = host.endsWith(".") ? host.slice(0, -1) : host;
  const labels = name.split(".");
  const last = labels.at(-1) ?? "";
  if (/^\d+$/.test(last)) return labels.length === 4 && isPublic4(bytesOf4(labels));
  return labels.length > 1 && !OWN_NAMES.includes(last);
}

function bytesOf4(labels: readonly string[]): number[] {
  return labels.map(Number);
}

function isPublic4(bytes: readonly number[]): boolean {
  const address = numberOf(bytes);
  return !NETWORKS_4.some(([first, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) === Math.floor(numberOf(bytesOf4(first.split("."))) / size);
  });
}

const numberOf = (bytes: readonly number[]): number =>
  bytes.reduce((sum, byte) => 256 * sum + byte, 0);

/** Only what is given out as public (2000::/3), without what leads elsewhere. */
function isPublic6(text: string): boolean {
  const groups = groupsOf(text);
  const [first = 0, second = 0] = groups;
  // What stands for an address of IPv4: 64:ff9b::/96, and 2002::/16.
  if (first === 0x64 && second === 0xff9b) return isPublic4(bytesIn(groups.slice(6)));
  if (first === 0x2002) return isPublic4(bytesIn(groups.slice(1, 3)));
  const isTeredoOrOwn = first === 0x2001 && (second < 0x200 || second === 0xdb8);
  return first >> 13 === 1 && !isTeredoOrOwn;
}

const bytesIn = (groups: readonly number[]): number[] =>
  groups.flatMap((group) => [group >> 8, group & 255]);

/** The eight groups. @param text as a URL has it: no dots, one `::` at most */
function groupsOf(text: string): number[] {
  const [before = "", after] = text.split("::");
  const read = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number(`0x${group}`));
  const [head, tail] = [read(before), read(after ?? "")];
  const zeros = Math.max(0, 8 - head.length - tail.length);
  return [...head, ...Array<number>(zeros).fill(0), ...tail];
}

/** This machine, as a URL has it: in small letters, numbers of IPv4 in the usual form. */
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** @param url whose host is looked at */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}

/** Whether secrets may be sent there: over TLS, or on this machine. */
export function isSafeOrigin(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}
