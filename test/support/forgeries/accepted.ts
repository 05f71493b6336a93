/**
 * What an operator does not accept by accepting a backup that is not authenticated.
 *
 * @module
 */

import { prefixOf } from "../../../src/backup/format/manifest.ts";
import { verdictKey } from "../../../src/backup/store/verdicts.ts";
import {
  FOREIGN,
  HIS_KEY,
  LEGACY,
  SECOND,
  TIP,
  TWO,
  WRONG_MAC,
  downgraded,
  refused,
  type Forgery,
} from "./forgery.ts";

const accepted = (id: string): { id: string; accept: true } => ({ id, accept: true });
export const ACCEPTED: Readonly<Record<string, Forgery>> = {
  "a MAC that is wrong": refused(TIP, WRONG_MAC, (forger) => {
    forger.change(TWO, "full", () => ({ schema_version: 1 }));
    return accepted(TWO);
  }),
  "a MAC that was taken away": refused(TIP, /has no MAC although it is encrypted/, (forger) => {
    forger.write(forger.manifest(TWO));
    return accepted(TWO);
  }),
  "another BACKUP_KEY": refused(new RegExp(FOREIGN), /is of the key/, () => accepted(FOREIGN)),
  "one that stands in the place of an authentic one": refused(
    TIP,
    /is in the place of another/,
    (forger) => {
      forger.write(downgraded(forger.manifest(TWO)));
      return accepted(TWO);
    },
  ),
  "an authentic one downgraded to format 1, its verdict deleted": refused(
    /\.aes$/,
    /cannot be decrypted/,
    (forger) => {
      forger.write(downgraded(forger.manifest(SECOND)));
      forger.store.objects.delete(verdictKey(SECOND));
      return accepted(SECOND);
    },
  ),
  "format 1 with a chunk in another place": refused(/\.aes$/, /cannot be decrypted/, (forger) => {
    const { chunks, ...rest } = forger.manifest(LEGACY);
    const [a, b] = chunks;
    if (!a || !b) throw new Error("no chunks");
    const bytes = forger.store.objects.get(prefixOf(LEGACY, "full") + b.object);
    const object = a.object.replace(/-[0-9a-f]{16}\./, `-${b.sha256.slice(0, 16)}.`);
    if (bytes) forger.store.objects.set(prefixOf(LEGACY, "full") + object, bytes);
    forger.write({
      ...rest,
      chunks: [
        { ...a, object, sha256: b.sha256, stored: b.stored, bytes: b.bytes, rows: b.rows },
        ...chunks.slice(1),
      ],
    });
    return accepted(LEGACY);
  }),
  "format 1 with a plain chunk": refused(
    new RegExp(LEGACY),
    /is not encrypted as the backup says/,
    (forger) => {
      const added = forger.chunk({ id: LEGACY, kind: "full" }, [HIS_KEY], { table: "api_keys" });
      forger.change(LEGACY, "full", (m) => ({ chunks: [...m.chunks, added] }), "none");
      return accepted(LEGACY);
    },
  ),
};
