// A client whose venue goes and comes back on its port: streams go on, and the account is what it was.
"use strict";
const test = require("node:test");
const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { WebSocket } = require("ws");
const { open, until, addresses } = require("./venue.js");

test("reconnect", async () => {
  const hl = await import("@nktkas/hyperliquid");
  const state = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "venue-")), "state.log");
  let venue = await open("--state", state);
  const port = String(venue.port);
  const ws = new hl.WebSocketTransport({ url: venue.ws, isTestnet: true, reconnect: { WebSocket, maxRetries: 30 } });
  const subs = new hl.SubscriptionClient({ transport: ws });
  let frames = 0;

  try {
    await subs.bbo({ coin: "BTC" }, () => frames++);
    await until(() => frames > 3);
    await venue.kill();
    venue = await open("--state", state, "--port", port);
    const before = frames;
    await until(() => frames > before + 3);
    const info = new hl.InfoClient({ transport: new hl.HttpTransport({ apiUrl: venue.http, isTestnet: true }) });
    const worth = (await info.clearinghouseState({ user: addresses[0] })).marginSummary.accountValue;
    assert.equal(worth, "100000.0");
  } finally {
    await ws.close().catch(() => {});
    venue.close();
    fs.rmSync(path.dirname(state), { recursive: true });
  }
});
