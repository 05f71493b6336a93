/**
 * Forgeries of a bucket whose backups are not authenticated, every sum computed anew: the shape must
 * hold.
 *
 * @module
 */

import { LIMITS } from "../../../src/contract/limits.ts";
import { prefixOf } from "../../../src/backup/format/manifest.ts";
import { CHUNK_STORED_MAX, CHUNK_TEXT_MAX } from "../../../src/backup/format/shape.ts";
import { bytesOf, sumOf } from "./forger.ts";
import { FULL, ONE, SECOND, TIP, TWO, change, refused, type Forgery } from "./forgery.ts";
import {
  row,
  withChunk,
  withEntry,
  withTables,
  inSnapshot,
  bomb,
  CHUNK,
  SNAP,
  BODY,
  columns,
} from "./changes.ts";

export const WITHOUT_KEY: Readonly<Record<string, Forgery>> = {
  "a foreign table": refused(
    TIP,
    /holds the table sqlite_master/,
    withTables({ sqlite_master: { columns: ["name"], key: 1, rows: null } }),
  ),
  "a table of the service's own": refused(
    TIP,
    /holds the table _writers/,
    withTables({ _writers: { columns: ["writer", "seq"], key: 1, rows: null } }),
  ),
  "a table that every object has": refused(
    TIP,
    /holds the table constructor/,
    withTables({ constructor: { columns: [], key: 0, rows: null } }),
  ),
  "SQL for a table's name": refused(
    TIP,
    /holds the table episodes; DROP/,
    withTables({ "episodes; DROP TABLE steps": { columns: ["a"], key: 1, rows: null } }),
  ),
  "a foreign column": refused(
    TIP,
    /holds episodes.rowid/,
    withTables({ episodes: { columns: [...columns, "rowid"], key: 2, rows: null } }),
  ),
  "SQL for a column's name": refused(
    TIP,
    /holds episodes.body\) SELECT/,
    withTables({ episodes: { columns: [...columns.slice(0, -1), BODY], key: 2, rows: null } }),
  ),
  "a column that comes twice": refused(
    TIP,
    /names a column of episodes twice/,
    withTables({ episodes: { columns: [...columns, "body"], key: 2, rows: null } }),
  ),
  "a key that is too narrow": refused(
    TIP,
    /the key of episodes is not/,
    withTables({ episodes: { columns, key: 1, rows: null } }),
  ),
  "a key that is too wide": refused(
    TIP,
    /the key of episodes is not/,
    withTables({ episodes: { columns, key: 3, rows: null } }),
  ),
  "a key column that is missing": refused(
    TIP,
    /the key of episodes is not/,
    withTables({ episodes: { columns: columns.slice(1), key: 2, rows: null } }),
  ),
  "key columns in another order": refused(
    TIP,
    /the key of steps is not/,
    withTables({
      steps: { columns: ["episode_id", "namespace", "number", "body"], key: 3, rows: null },
    }),
  ),
  "columns that are none": refused(
    TIP,
    /does not describe the table/,
    withTables({ episodes: { columns: "body", key: 2, rows: null } }),
  ),
  "a chunk of a table that is not described": refused(
    TIP,
    /is of a table that is not described/,
    withEntry({ table: "_feed" }),
  ),
  "a chunk of a property that every object has": refused(
    TIP,
    /is of a table that is not described/,
    withEntry({ table: "toString" }),
  ),
  "an op that is not known": refused(TIP, /says an op/, withEntry({ op: "truncate" })),
  "an instance's op in an export": refused(
    TIP,
    /says an op/,
    withEntry({ op: "local", state: "local", layer: 0, instance: 0 }),
  ),
  "a layer below all": refused(TIP, /says no layer/, withEntry({ layer: -1 })),
  "a layer above all": refused(TIP, /says no layer/, withEntry({ layer: 1_000_000 })),
  "half a layer": refused(TIP, /says no layer/, withEntry({ layer: 1.5 })),
  "a scan in an incremental": refused(
    TIP,
    /is of a scan that such a backup does not have/,
    withEntry({ layer: 0, last: '["a","b"]' }),
  ),
  "an instance in an export": refused(TIP, /is of an instance/, withEntry({ instance: 1 })),
  "a state in an export": refused(TIP, /is of an instance/, withEntry({ state: "unsent" })),
  "an object elsewhere in the bucket": refused(
    TIP,
    /has no name of a chunk/,
    withEntry({ object: `../${FULL}/manifest.json` }),
  ),
  "an object that is no text": refused(TIP, /has no name of a chunk/, withEntry({ object: 7 })),
  "no rows": refused(TIP, /counts no rows/, withEntry({ rows: 0 })),
  "rows that are no number": refused(TIP, /counts no rows/, withEntry({ rows: "1" })),
  "more text than is ever read": refused(
    TIP,
    /unpacks to more than/,
    withEntry({ bytes: CHUNK_TEXT_MAX + 1 }),
  ),
  "a larger object than is ever read": refused(
    TIP,
    /has more than \d+ bytes/,
    withEntry({ stored: CHUNK_STORED_MAX + 1 }),
  ),
  "a bomb that says it is small": refused(CHUNK, /unpacks to more than 100 bytes/, bomb(100)),
  "a bomb that says what it is": refused(TIP, /unpacks to more than \d+ bytes/, bomb(64 << 20)),
  "text that is shorter than it says": refused(
    CHUNK,
    /unpacks to \d+ bytes, not/,
    withEntry({ bytes: 100_000 }),
  ),
  "what cannot be unpacked": refused(CHUNK, /cannot be unpacked/, (forger) => {
    const bytes = bytesOf("this is no gzip");
    const sha256 = sumOf(bytes);
    const entry = {
      ...forger.chunk({ id: TWO, kind: "full" }, ["1"]),
      sha256,
      stored: bytes.length,
      object: `x-${sha256.slice(0, 16)}.ndjson.gz`,
    };
    forger.store.objects.set(prefixOf(TWO, "full") + entry.object, bytes);
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, entry] }));
  }),
  "text that is no UTF-8": refused(CHUNK, /is not UTF-8/, (forger) => {
    const added = forger.packed({ id: TWO, kind: "full" }, new Uint8Array([0xff, 0xfe, 0x0a]), {
      layer: 999,
    });
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, added] }));
  }),
  "fewer rows than it says": refused(
    CHUNK,
    /has 1 rows, the manifest says 2/,
    withEntry({ rows: 2 }),
  ),
  "a row that is no JSON": refused(
    CHUNK,
    /line 1 is no row of episodes/,
    withChunk(["]; DROP TABLE episodes"]),
  ),
  "two rows in a line": refused(
    CHUNK,
    /line 1 is no row of episodes/,
    withChunk([`${row(1)},${row(2)}`]),
  ),
  "a row that is too short": refused(
    CHUNK,
    /line 2 is no row of episodes/,
    withChunk([row(1), '["ns","x"]']),
  ),
  "a row whose key is missing": refused(
    CHUNK,
    /line 1 is no row of episodes/,
    withChunk([row(1).replace('"ns"', "null")]),
  ),
  "a row that holds an object": refused(
    CHUNK,
    /line 1 is no row of episodes/,
    withChunk([row(1).replace('"ns"', '{"a":1}')]),
  ),
  "a scan whose last key is not its last": refused(CHUNK, /its last key is not/, (forger) => {
    const added = forger.chunk({ id: SECOND, kind: "full" }, [row(1)], {
      layer: 0,
      last: '["zz","zz"]',
    });
    forger.change(SECOND, "full", (m) => ({ chunks: [...m.chunks, added] }));
    return { id: SECOND };
  }),
  "a scan whose last key is none": refused(
    new RegExp(SECOND),
    /does not say its last key/,
    (forger) => {
      const added = forger.chunk({ id: SECOND, kind: "full" }, [row(1)], {
        layer: 0,
        last: '["zz"]',
      });
      forger.change(SECOND, "full", (m) => ({ chunks: [...m.chunks, added] }));
      return { id: SECOND };
    },
  ),
  "its own parent": refused(
    TIP,
    /is its own parent/,
    change(() => ({ parent: { id: TWO, sha256: sumOf("x") } })),
  ),
  "parents in a loop": refused(
    new RegExp(`${FULL}|${ONE}`),
    /is not what .* continues|is its own parent/,
    (forger) => {
      forger.change(FULL, "full", (m) => ({
        kind: "incremental",
        parent: { id: ONE, sha256: sumOf("x") },
        chunks: m.chunks.filter(({ layer }) => layer > 0),
      }));
    },
  ),
  "a parent with another sum": refused(
    new RegExp(ONE),
    new RegExp(`is not what ${TWO} continues`),
    change(() => ({ parent: { id: ONE, sha256: sumOf("x") } })),
  ),
  "an incremental without a parent": refused(
    TIP,
    /an incremental, and no other, has a parent/,
    change(() => ({ parent: null })),
  ),
  "a parent elsewhere in the bucket": refused(
    TIP,
    /its parent is not named/,
    change(() => ({ parent: { id: "../snapshots/x", sha256: sumOf("x") } })),
  ),
  "an export without a watermark": refused(
    TIP,
    /a snapshot, and no other/,
    change(() => ({ watermark: null })),
  ),
  "a chain that never ends": refused(
    /exports\/long-/,
    /is one of a chain of more than 400/,
    (forger) => {
      let { sha256, manifest } = forger.sealed(FULL, "full");
      for (let n = 0; n < 401; n++) {
        const parent = { id: manifest.id, sha256 };
        forger.write({ ...forger.manifest(ONE), id: `long-${n}`, parent, chunks: [] });
        ({ sha256, manifest } = forger.sealed(`long-${n}`, "full"));
      }
      return { id: "long-400" };
    },
  ),
  "a snapshot of an instance that cannot be": refused(
    SNAP,
    /says no instance/,
    inSnapshot(["{}"], { instance: LIMITS.instances_max }),
  ),
  "a snapshot of an instance below all": refused(
    SNAP,
    /says no instance/,
    inSnapshot(["{}"], { instance: -2 }),
  ),
  "an instance's row of a table that it must not have": refused(
    SNAP,
    /is of the table api_keys/,
    inSnapshot(["{}"], { table: "api_keys" }),
  ),
  "an instance's row of a foreign table": refused(
    SNAP,
    /is of the table sqlite_schema/,
    inSnapshot(["{}"], { table: "sqlite_schema" }),
  ),
  "an instance's row with SQL for a column": refused(
    CHUNK,
    /line 1 is no row of pending_tasks/,
    inSnapshot(['{"kind) VALUES (1); DROP TABLE episodes; --":"x"}'], {}),
  ),
  "an instance's row with a foreign column": refused(
    CHUNK,
    /line 1 is no row of pending_tasks/,
    inSnapshot(['{"kind":"learn","namespace":"n","id":"i","rowid":1}'], {}),
  ),
  "an instance's row that holds an object": refused(
    CHUNK,
    /line 1 is no row of pending_tasks/,
    inSnapshot(['{"kind":{"a":1}}'], {}),
  ),
  "an instance's row that is an array": refused(
    CHUNK,
    /line 1 is no row of pending_tasks/,
    inSnapshot(["[1]"], {}),
  ),
  "a control document with SQL for a column": refused(
    CHUNK,
    /line 1 is no row of control/,
    inSnapshot(['{"body; --":"x"}'], { table: "control", instance: -1 }),
  ),
  "unsent rows in the layer of cached ones": refused(
    SNAP,
    /a state that its layer is not of/,
    inSnapshot([row(1)], { op: "put", state: "unsent", table: "episodes", layer: 1 }),
  ),
};
