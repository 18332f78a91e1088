// Opens a report in headless Chromium and prints what was seen as one JSON object:
//   node tests/EndToEnd/browser/open-report.mjs REPORT.html [light|dark] [WIDTH] [PICTURE.png]
// { ready, console: [text], requests: [address], charts: [{ name, drawn, empty, canvas }], overflow, picture }
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, scheme = "light", width = "1280", picture = ""] = process.argv.slice(2);
if (!file || !existsSync(file)) {
  console.error(`There is no file ${file}. Name a report.html.`);
  process.exit(2);
}

const address = pathToFileURL(resolve(file)).href;
const browser = await chromium.launch({
  executablePath: process.env.VRLG_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width: Number(width), height: 900 } });
  const said = [];
  const requests = [];
  page.on("console", (m) => {
    if (m.type() === "error" || m.type() === "warning") said.push(`${m.type()}: ${m.text()}`);
  });
  page.on("pageerror", (e) => said.push(`uncaught: ${e.message}`));
  // The page itself and what it carries inside (data:, blob:) are no requests that leave it.
  page.on("request", (r) => {
    if (r.url() !== address && !/^(data|blob):/.test(r.url())) requests.push(r.url());
  });
  await page.goto(address, { waitUntil: "load" });
  const ready = await page
    .waitForSelector("body[data-ready=true]", { timeout: 20_000 })
    .then(() => true)
    .catch((e) => {
      said.push(`not ready: ${e.message.split("\n")[0]}`);
      return false;
    });
  const seen = await page.evaluate(() => ({
    charts: [...document.querySelectorAll("[data-chart]")].map((box) => ({
      name: box.dataset.chart,
      drawn: box.dataset.drawn === "true",
      empty: box.dataset.empty === "true",
      canvas: box.querySelector("canvas") !== null,
    })),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  }));
  if (picture) await page.screenshot({ path: picture, fullPage: true });
  console.log(JSON.stringify({ ready, console: said, requests, ...seen, picture }));
} finally {
  await browser.close();
}
