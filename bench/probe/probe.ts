/**
 * The service's bundle with a window into its objects: what of them is billed, counted for all
 * objects of the isolate, the Coordinator included. Everything else is passed on as it is.
 *
 * @module
 */

// The bundle lies beside this module when it runs.
import service, { Coordinator as Control, MemoryInstance as Instance } from "./worker.js";

interface ProbeEnv {
  MEMORY_INSTANCE: DurableObjectNamespace<MemoryInstance>;
}

/** What the objects of this isolate used since it was asked first. */
export interface ObjectUse {
  rowsRead: number;
  rowsWritten: number;
  /** Each is billed as a row that is written. */
  alarmsSet: number;
  /** Each is billed as a request. */
  alarmsFired: number;
  /** How long they worked in their alarms, ms. */
  alarmMs: number;
}

const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
const alarms = { set: 0, fired: 0, ms: 0 };
let isCounting = false;

/** Counts, from the first call on, in every object of this isolate. */
function startCounting(storage: DurableObjectStorage): void {
  if (isCounting) return;
  isCounting = true;
  countRows(storage.sql);
  countAlarms(storage);
}

/**
 * Keeps the cursor of every statement: it knows what was read and written, when it is at its end.
 */
function countRows(sql: SqlStorage): void {
  const prototype = Object.getPrototypeOf(sql) as SqlStorage;
  // The method is called with its object below.
  // oxlint-disable-next-line typescript/unbound-method
  const { exec } = prototype;
  prototype.exec = function counted(this: SqlStorage, ...args: Parameters<SqlStorage["exec"]>) {
    const cursor = exec.apply(this, args);
    cursors.push(cursor);
    return cursor;
  } as SqlStorage["exec"];
}

function countAlarms(storage: DurableObjectStorage): void {
  const prototype = Object.getPrototypeOf(storage) as DurableObjectStorage;
  // As above.
  // oxlint-disable-next-line typescript/unbound-method
  const { setAlarm } = prototype;
  prototype.setAlarm = function counted(
    this: DurableObjectStorage,
    ...args: Parameters<DurableObjectStorage["setAlarm"]>
  ) {
    alarms.set += 1;
    return setAlarm.apply(this, args);
  };
}

/** @param work what the object does in its alarm */
async function timedAlarm(work: () => Promise<void>): Promise<void> {
  const begun = Date.now();
  try {
    await work();
  } finally {
    alarms.fired += 1;
    alarms.ms += Date.now() - begun;
  }
}

export class MemoryInstance extends Instance {
  override alarm(): Promise<void> {
    return timedAlarm(() => super.alarm());
  }

  benchUse(): ObjectUse {
    startCounting(this.ctx.storage);
    const sum = (of: "rowsRead" | "rowsWritten"): number =>
      cursors.reduce((total, cursor) => total + cursor[of], 0);
    return {
      rowsRead: sum("rowsRead"),
      rowsWritten: sum("rowsWritten"),
      alarmsSet: alarms.set,
      alarmsFired: alarms.fired,
      alarmMs: alarms.ms,
    };
  }
}

export class Coordinator extends Control {
  override alarm(): Promise<void> {
    return timedAlarm(() => super.alarm());
  }
}

export default {
  ...service,
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/bench/use") return service.fetch(request, env, ctx);
    const instance = env.MEMORY_INSTANCE.getByName("instance-0");
    return Response.json(await instance.benchUse());
  },
} satisfies ExportedHandler<ProbeEnv>;
