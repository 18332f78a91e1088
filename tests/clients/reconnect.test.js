// Clients whose venue goes and comes back on its port: streams go on, and the account is what it was.
"use strict";
const test = require("node:test");
const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { WebSocket } = require("ws");
const ccxt = require("ccxt");
const { Hyperliquid } = require("hyperliquid");
const constants = require("hyperliquid");
const { open, until, ccxtSettings, keys, addresses } = require("./venue.js");

test("reconnect", async (t) => {
  const hl = await import("@nktkas/hyperliquid");
  const state = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "venue-")), "state.log");
  let venue = await open("--state", state);
  const port = String(venue.port);
  const restart = async () => {
    await venue.kill();
    venue = await open("--state", state, "--port", port);
  };

  try {
    await t.test("@nktkas/hyperliquid", async () => {
      const reconnect = { WebSocket, maxRetries: 30 };
      const ws = new hl.WebSocketTransport({ url: venue.ws, isTestnet: true, reconnect });
      const subs = new hl.SubscriptionClient({ transport: ws });
      let frames = 0;
      await subs.bbo({ coin: "BTC" }, () => frames++);
      await until(() => frames > 3);
      await restart();
      const before = frames;
      await until(() => frames > before + 3);
      const info = new hl.InfoClient({ transport: new hl.HttpTransport({ apiUrl: venue.http, isTestnet: true }) });
      const worth = (await info.clearinghouseState({ user: addresses[0] })).marginSummary.accountValue;
      assert.equal(worth, "100000.0");
      await ws.close().catch(() => {});
    });

    await t.test("ccxt", async () => {
      const pro = new ccxt.pro.hyperliquid(ccxtSettings(venue));
      await pro.loadHttpProxyAgent();
      const placed = await pro.createOrder("BTC/USDC:USDC", "limit", "buy", 0.01, 80_000);
      assert.ok((await pro.watchTrades("BTC/USDC:USDC")).length > 0);
      const lost = (async () => {
        for (;;) await pro.watchTrades("BTC/USDC:USDC");
      })().catch((e) => e);
      await restart();
      assert.ok((await lost) instanceof ccxt.NetworkError);
      // It says that the connection is gone, and opens another when it is asked again.
      const again = await until(() => pro.watchTrades("BTC/USDC:USDC").catch(() => null));
      assert.ok(again.length > 0);
      assert.equal((await pro.fetchOpenOrders("BTC/USDC:USDC"))[0].id, placed.id);
      await pro.close();
    });

    await t.test("hyperliquid", async () => {
      constants.BASE_URLS.TESTNET = venue.http;
      constants.WSS_URLS.TESTNET = venue.ws;
      const sdk = new Hyperliquid({ enableWs: true, privateKey: keys[0], testnet: true, disableAssetMapRefresh: true });
      await sdk.connect();
      let frames = 0;
      await sdk.subscriptions.subscribeToTrades("BTC-PERP", () => frames++);
      await until(() => frames > 0);
      await restart();
      const before = frames;
      await until(() => frames > before);
      sdk.disconnect();
    });
  } finally {
    venue.close();
    fs.rmSync(path.dirname(state), { recursive: true });
  }
});
