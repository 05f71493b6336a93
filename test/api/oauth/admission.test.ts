import { expect, it } from "vitest";
import { OAuthAdmission } from "../../../src/api/oauth/admission.ts";

const from = (address: string): Request =>
  new Request("https://memory.test/oauth/token", { headers: { "CF-Connecting-IP": address } });

/** How many of so many requests are let in. */
function admitted(admission: OAuthAdmission, address: string, tries: number): number {
  let count = 0;
  for (let i = 0; i < tries; i++)
    if (admission.refusalOf("token", from(address)) === null) count += 1;
  return count;
}

it("each caller has its own share of each step, which comes back", () => {
  let now = 0;
  const admission = new OAuthAdmission(() => now);
  expect(admitted(admission, "192.0.2.1", 100)).toBe(60);
  expect(admission.refusalOf("token", from("192.0.2.1"))).toBe(1);
  expect(admission.refusalOf("authorize", from("192.0.2.1"))).toBeNull();
  expect(admitted(admission, "192.0.2.2", 5)).toBe(5);
  now = 10_000;
  expect(admitted(admission, "192.0.2.1", 100)).toBe(10);
});

it("a network of IPv6 is one caller", () => {
  const admission = new OAuthAdmission(() => 0);
  expect(admitted(admission, "2001:db8:1:2::1", 60)).toBe(60);
  expect(admitted(admission, "2001:db8:1:2:ffff::9", 5)).toBe(0);
  expect(admitted(admission, "2001:db8:1:3::1", 5)).toBe(5);
});

it("all callers together have a bound, however many they are", () => {
  let now = 0;
  const admission = new OAuthAdmission(() => now);
  let count = 0;
  for (let i = 0; i < 1_000; i++)
    if (admission.refusalOf("token", from(`192.0.${i >> 8}.${i & 255}`)) === null) count += 1;
  expect(count).toBe(200);
  now = 1_000;
  expect(admitted(admission, "198.51.100.1", 100)).toBe(50);
});
