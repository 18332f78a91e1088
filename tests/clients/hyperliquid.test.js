// hyperliquid from npm, unmodified.
"use strict";
const test = require("node:test");
const assert = require("node:assert");
const { Hyperliquid } = require("hyperliquid");
const constants = require("hyperliquid");
const { open, keys, addresses } = require("./venue.js");

test("hyperliquid", async (t) => {
  const venue = await open();
  constants.BASE_URLS.TESTNET = venue.http;
  constants.BASE_URLS.PRODUCTION = venue.http;
  constants.WSS_URLS.TESTNET = venue.ws;
  constants.WSS_URLS.PRODUCTION = venue.ws;
  const sdk = new Hyperliquid({
    enableWs: true,
    privateKey: keys[0],
    testnet: true,
    walletAddress: addresses[0],
    disableAssetMapRefresh: true,
  });
  const order = (limit_px, tif) => ({
    coin: "BTC-PERP",
    is_buy: true,
    sz: "0.01",
    limit_px,
    order_type: { limit: { tif } },
    reduce_only: false,
  });

  try {
    await sdk.connect();

    await t.test("books and the account", async () => {
      const book = await sdk.info.getL2Book("BTC-PERP");
      assert.ok(book.levels[0].length > 0);
      assert.ok((await sdk.info.perpetuals.getMeta()).universe.length === 3);
      const state = await sdk.info.perpetuals.getClearinghouseState(addresses[0]);
      assert.ok(Number(state.marginSummary.accountValue) === 100_000);
    });

    await t.test("place and cancel, refusals", async () => {
      const placed = await sdk.exchange.placeOrder(order("80000", "Gtc"));
      const { oid } = placed.response.data.statuses[0].resting;
      const done = await sdk.exchange.cancelOrder({ coin: "BTC-PERP", o: oid });
      assert.equal(done.response.data.statuses[0], "success");
      const refused = await sdk.exchange.placeOrder(order("80000.5", "Gtc")).catch((e) => e);
      assert.match(JSON.stringify(refused?.response ?? refused.message), /divisible by tick size/);
    });

    await t.test("take, fills", async () => {
      const bought = await sdk.exchange.placeOrder(order("84900", "Ioc"));
      assert.equal(bought.response.data.statuses[0].filled.totalSz, "0.01");
      assert.ok((await sdk.info.getUserFills(addresses[0])).length >= 1);
    });

    await t.test("streams", async () => {
      const heard = new Promise((resolve) => sdk.subscriptions.subscribeToTrades("BTC-PERP", resolve));
      assert.ok((await heard).length > 0);
      const book = new Promise((resolve) => sdk.subscriptions.subscribeToL2Book("BTC-PERP", resolve));
      assert.ok((await book).levels[0].length > 0);
    });
  } finally {
    sdk.disconnect();
    venue.close();
  }
});
