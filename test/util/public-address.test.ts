import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../../src/util/public-address.ts";

const PUBLIC = [
  "https://hooks.example.com/memory?x=1",
  "https://8.8.8.8/",
  "https://1.1.1.1:8443/x",
  "https://[2606:4700:4700::1111]/",
  "https://[2002:808:808::1]/",
  "https://example.com./",
];

const REFUSED = [
  "",
  "no address",
  "http://hooks.example.com/",
  "ftp://example.com/",
  "file:///etc/passwd",
  "https://user:password@example.com/",
  "https://user@example.com/",
  "https://localhost/",
  "https://LOCALHOST./",
  "https://a.localhost/",
  "https://intranet/",
  "https://printer.local/",
  "https://metadata.google.internal/",
  "https://router.home.arpa/",
  "https://0.0.0.0/",
  "https://10.1.2.3/",
  "https://100.64.0.1/",
  "https://127.0.0.1/",
  "https://127.1/",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0177.0.0.1/",
  "https://%31%32%37.0.0.1/",
  "https://１２７.0.0.1/",
  "https://127.0.0.1./",
  "https://169.254.169.254/latest/meta-data",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.168.1.1/",
  "https://198.18.0.1/",
  "https://224.0.0.1/",
  "https://255.255.255.255/",
  "https://[::]/",
  "https://[::1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:a9fe:a9fe]/",
  "https://[::127.0.0.1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[2002:7f00:1::]/",
  "https://[2001:db8::1]/",
  "https://[2001::1]/",
  "https://[fc00::1]/",
  "https://[fd00:ec2::254]/",
  "https://[fe80::1]/",
  "https://[ff02::1]/",
  `https://example.com/${"x".repeat(2_000)}`,
];

describe("the address of a webhook", () => {
  it.each(PUBLIC)("%s is public", (url) => {
    expect(refusalOf(url, false)).toBeNull();
  });

  it.each(REFUSED)("%s is refused", (url) => {
    expect(refusalOf(url, false)).toEqual(expect.any(String));
  });

  it("is refused in each way of writing an address of one's own machine", () => {
    const byte = fc.nat(255);
    fc.assert(
      fc.property(byte, byte, byte, fc.constantFrom(10, 8, 16), (a, b, c, radix) => {
        const prefix = { 8: "0", 10: "", 16: "0x" }[radix];
        const number = 127 * 2 ** 24 + a * 65_536 + b * 256 + c;
        const host = `${prefix}${number.toString(radix)}`;
        expect(refusalOf(`https://${host}/`, false)).toEqual(expect.any(String));
      }),
    );
  });

  it("may be one's own for tests, and hold no password even then", () => {
    expect(refusalOf("http://127.0.0.1:9999/x", true)).toBeNull();
    expect(refusalOf("https://localhost/x", true)).toBeNull();
    expect(refusalOf("http://user:password@127.0.0.1/", true)).toEqual(expect.any(String));
    expect(refusalOf("file:///etc/passwd", true)).toEqual(expect.any(String));
  });
});
