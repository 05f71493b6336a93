/**
 * Pictures of the console for people to look at, kept in docs/screenshots where
 * `UPDATE_SCREENSHOTS=1` asks for them: of one page, and sheets of many.
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";

const SCREENSHOTS = join(import.meta.dirname, "../../../docs/screenshots");
const KEEP = process.env["UPDATE_SCREENSHOTS"] === "1";
const QUALITY = 55;
/** How wide a sheet is, px. */
const SHEET_WIDTH = 2_000;

export async function keep(page: Page, name: string, fullPage = true): Promise<void> {
  if (!KEEP) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  const path = join(SCREENSHOTS, `${name}.jpg`);
  await page.screenshot({ path, type: "jpeg", quality: QUALITY, fullPage });
}

/** What several views look like at their top, side by side. */
export class ContactSheet {
  readonly #columns: number;
  readonly #pictures: { title: string; data: string }[] = [];

  /** @param columns how many stand side by side */
  constructor(columns: number) {
    this.#columns = columns;
  }

  async add(page: Page, title: string): Promise<void> {
    if (!KEEP) return;
    const picture = await page.screenshot({ type: "jpeg", quality: 90 });
    this.#pictures.push({ title, data: picture.toString("base64") });
  }

  /** @param page whose browser draws it, on a page of its own */
  async keep(page: Page, name: string): Promise<void> {
    const browser = page.context().browser();
    if (!KEEP || browser === null) return;
    const viewport = { width: SHEET_WIDTH, height: 100 };
    const context = await browser.newContext({ viewport });
    const sheet = await context.newPage();
    const figures = this.#pictures.map(
      ({ title, data }) =>
        `<figure><figcaption>${title}</figcaption><img src="data:image/jpeg;base64,${data}"></figure>`,
    );
    await sheet.setContent(`<style>
      body { display: grid; grid-template-columns: repeat(${this.#columns}, 1fr); gap: 16px; font: 16px sans-serif }
      figure { margin: 0 } img { width: 100%; border: 1px solid #888 }
    </style>${figures.join("")}`);
    await keep(sheet, name);
    await context.close();
  }
}
