/**
 * Whether the ports of `npm start` are free, and one line about those that are not.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

/** A port, what listens on it, and the variable that names another. */
export interface WantedPort {
  port: number;
  what: string;
  variable: string;
}

/** Those of this machine that somebody listens on already. */
export async function takenPorts(wanted: readonly WantedPort[]): Promise<WantedPort[]> {
  const isTaken = await Promise.all(wanted.map(({ port }) => answersOn(port)));
  return wanted.filter((_port, i) => isTaken[i]);
}

function answersOn(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.once("connect", () => {
    socket.destroy();
    resolve(true);
  });
  socket.once("error", () => resolve(false));
  return promise;
}

/**
 * What to do about ports that are taken; null: none is.
 *
 * @param own the process that runs this folder's service at these ports; null: nobody's known
 */
export function takenWords(taken: readonly WantedPort[], own: number | null): string | null {
  if (taken.length === 0) return null;
  const ports = taken.map(({ port, what }) => `${port} (${what})`).join(" and ");
  const one = taken.length === 1;
  const said = one ? `Port ${ports} is in use` : `Ports ${ports} are in use`;
  if (own !== null)
    return `${said} by this folder's own service, which runs already: process ${own}.`;
  const others = taken.map(({ variable }) => `${variable}=PORT`).join(" ");
  return `${said}. Stop what uses ${one ? "it" : "them"}, or choose ${one ? "another" : "others"}: ${others} npm start`;
}

/**
 * The process of the service that was started with this data and is at this address; null: none
 * runs. A number that another process has got since counts only while the address is the same.
 */
export function ownProcess(data: string, url: string): number | null {
  const noted = (name: string): string => {
    const file = join(data, name);
    return existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  };
  const pid = Number(noted("start.pid"));
  if (noted("url") !== url || !Number.isInteger(pid) || pid <= 0) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}
