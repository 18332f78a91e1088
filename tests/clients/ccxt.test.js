// ccxt, unmodified: REST and pro.
"use strict";
const test = require("node:test");
const assert = require("node:assert");
const ccxt = require("ccxt");
const { open, until, ccxtSettings } = require("./venue.js");

test("ccxt", async (t) => {
  const venue = await open();
  const x = new ccxt.hyperliquid(ccxtSettings(venue));
  const pro = new ccxt.pro.hyperliquid(ccxtSettings(venue));
  const perp = "BTC/USDC:USDC";

  try {
    await t.test("markets, books, bars", async () => {
      await x.loadMarkets();
      assert.ok(x.markets[perp] && x.markets["HYPE/USDC"]);
      const book = await x.fetchOrderBook(perp);
      assert.ok(book.bids.length === 20 && book.bids[0][0] < book.asks[0][0]);
      assert.ok((await x.fetchOHLCV(perp, "1m", undefined, 50)).length >= 50);
      assert.ok((await x.fetchTickers([perp]))[perp].last > 0 || (await x.fetchTickers([perp]))[perp].bid !== 0);
      assert.ok((await x.fetchFundingRateHistory(perp, Date.now() - 86_400_000)).length > 20);
    });

    await t.test("place, edit, cancel", async () => {
      const placed = await x.createOrder(perp, "limit", "buy", 0.01, 80_000);
      assert.equal((await x.fetchOrder(placed.id, perp)).status, "open");
      const edited = await x.editOrder(placed.id, perp, "limit", "buy", 0.01, 80_100);
      const [only] = await x.fetchOpenOrders(perp);
      assert.equal(only.id, edited.id);
      await x.cancelOrder(only.id, perp);
      assert.equal((await x.fetchOpenOrders(perp)).length, 0);
      await assert.rejects(x.fetchOrder("1", perp), ccxt.OrderNotFound);
    });

    await t.test("refusals", async () => {
      await assert.rejects(x.createOrder(perp, "limit", "buy", 0.0001, 80_000), /minimum value/);
      await assert.rejects(x.createOrder(perp, "limit", "buy", 0.01, 84_900, { postOnly: true }), /Post only/);
      await assert.rejects(x.createOrder(perp, "limit", "buy", 100, 80_000), ccxt.InsufficientFunds);
    });

    await t.test("take, fills, position, balance", async () => {
      await x.createOrder(perp, "market", "buy", 0.01, 84_000);
      const [position] = await x.fetchPositions([perp]);
      assert.equal(position.contracts, 0.01);
      const mine = await x.fetchMyTrades(perp);
      assert.equal(mine[0].side, "buy");
      assert.ok((await x.fetchBalance()).USDC.total > 99_000);
      await x.createOrder(perp, "market", "sell", 0.01, 83_000, { reduceOnly: true });
      assert.equal((await x.fetchPositions([perp])).length, 0);
      await x.setLeverage(5, perp);
      assert.ok((await x.fetchLedger("USDC")).length >= 1);
    });

    await t.test("streams", async () => {
      await pro.loadHttpProxyAgent();
      const book = await pro.watchOrderBook(perp);
      assert.ok(book.bids.length > 0);
      assert.ok((await pro.watchTrades(perp)).length > 0);
      const orders = pro.watchOrders(perp);
      await until(async () => {
        const placed = await x.createOrder(perp, "limit", "buy", 0.01, 80_000);
        await x.cancelOrder(placed.id, perp);
        return Promise.race([orders, new Promise((r) => setTimeout(r, 500, null))]);
      });
      const placed = await pro.createOrderWs(perp, "limit", "buy", 0.01, 80_000);
      assert.ok(placed.id);
      await pro.cancelOrderWs(placed.id, perp);
    });
  } finally {
    await pro.close();
    await x.close();
    venue.close();
  }
});
