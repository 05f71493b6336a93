/**
 * A ZIP archive of a few files, the same bytes for the same files. Pure. Files of 4 GB and archives
 * of 65,535 files are not for it.
 *
 * @module
 */

import { crc32, deflateRawSync } from "node:zlib";

export interface Packed {
  /** Within the archive, with slashes. */
  name: string;
  bytes: Buffer;
}

/** 1980-01-01, the first day that the format knows: an archive tells of no clock. */
const DATE = 0x0021;
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const DEFLATED = 8;

/** The fields that an entry has at both of its places. */
function fieldsOf({ name, bytes }: Packed, packed: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(UTF8_NAMES, 2);
  fields.writeUInt16LE(DEFLATED, 4);
  fields.writeUInt16LE(DATE, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(Buffer.byteLength(name), 22);
  return fields;
}

export function zip(files: readonly Packed[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const packed = deflateRawSync(file.bytes, { level: 9 });
    const fields = fieldsOf(file, packed);
    const name = Buffer.from(file.name);
    const body = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, name, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([VERSION, 0]);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), madeBy, fields, place, name]));
    bodies.push(body);
    offset += body.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, entries, Buffer.from("PK\u0005\u0006"), end]);
}
