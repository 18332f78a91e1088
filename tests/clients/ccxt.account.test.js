// ccxt, unmodified: batches, triggers, schedule, spot, transfers, histories, streams of an account, and coming back.
"use strict";
const test = require("node:test");
const assert = require("node:assert");
const ccxt = require("ccxt");
const { open, until, addresses, ccxtSettings } = require("./venue.js");

test("ccxt, accounts", async (t) => {
  // Funding every nine seconds.
  let venue = await open("--speed", "400");
  const x = new ccxt.hyperliquid(ccxtSettings(venue));
  const pro = new ccxt.pro.hyperliquid(ccxtSettings(venue));
  const perp = "BTC/USDC:USDC";
  const mid = async (symbol) => {
    const book = await x.fetchOrderBook(symbol);
    return (book.bids[0][0] + book.asks[0][0]) / 2;
  };
  const far = async (factor) => Math.round((await mid(perp)) * factor);

  try {
    await x.loadMarkets();

    await t.test("a batch, cancelled by number and by text", async () => {
      const cloid = (n) => `0x${String(n).padStart(32, "0")}`;
      const price = await far(0.9);
      const placed = await x.createOrders([
        { symbol: perp, type: "limit", side: "buy", amount: 0.01, price, params: { clientOrderId: cloid(1) } },
        { symbol: perp, type: "limit", side: "buy", amount: 0.01, price, params: { clientOrderId: cloid(2), postOnly: true } },
        { symbol: perp, type: "limit", side: "buy", amount: 0.01, price, params: { clientOrderId: cloid(3) } },
      ]);
      assert.equal(placed.length, 3);
      assert.equal((await x.fetchOpenOrders(perp)).length, 3);
      await x.cancelOrders([placed[0].id, placed[1].id], perp);
      await x.cancelOrder(undefined, perp, { clientOrderId: cloid(3) });
      assert.equal((await x.fetchOpenOrders(perp)).length, 0);
    });

    await t.test("a price off the grid is refused", async () => {
      const asset = { a: 0, b: true, p: "80000.5", s: "0.01", r: false, t: { limit: { tif: "Gtc" } } };
      const action = { type: "order", orders: [asset], grouping: "na" };
      const nonce = Date.now();
      const signature = x.signL1Action(action, nonce);
      await assert.rejects(x.privatePostExchange({ action, nonce, signature }), /divisible by tick size/);
    });

    await t.test("take, reduce, a stop, immediate orders that meet nobody", async () => {
      await x.createOrder(perp, "market", "buy", 0.02, await far(1));
      const params = { reduceOnly: true, stopLossPrice: await far(0.9) };
      const stop = await x.createOrder(perp, "market", "sell", 0.02, await far(0.85), params);
      const [shown] = await x.fetchOpenOrders(perp);
      assert.equal(shown.id, stop.id);
      assert.ok(shown.triggerPrice > 0);
      await x.cancelOrder(stop.id, perp);
      await assert.rejects(
        x.createOrder(perp, "limit", "buy", 0.01, await far(0.9), { timeInForce: "IOC" }),
        /could not immediately match/,
      );
    });

    await t.test("a parent with take-profit and stop", async () => {
      const takeProfit = { triggerPrice: await far(1.1) };
      const stopLoss = { triggerPrice: await far(0.85) };
      await x.createOrder(perp, "limit", "buy", 0.01, await far(0.9), { takeProfit, stopLoss });
      const open = await x.fetchOpenOrders(perp);
      assert.equal(open.length, 3);
      await x.cancelOrder(open.find((o) => !o.triggerPrice).id, perp);
      await until(async () => (await x.fetchOpenOrders(perp)).length === 0);
    });

    await t.test("funding payments and rates", async () => {
      await until(async () => (await x.fetchFundingHistory(perp)).length > 0);
      assert.ok((await x.fetchFundingRates([perp]))[perp].fundingRate !== undefined);
      await x.createOrder(perp, "market", "sell", 0.02, await far(1), { reduceOnly: true });
      assert.equal((await x.fetchMyTrades(perp)).at(-1).side, "sell");
    });

    await t.test("leverage of both kinds", async () => {
      await x.setMarginMode("isolated", perp, { leverage: 10 });
      await x.createOrder(perp, "market", "buy", 0.01, await far(1));
      await x.addMargin(perp, 20);
      await x.reduceMargin(perp, 5);
      const [position] = await x.fetchPositions([perp]);
      assert.equal(position.marginMode, "isolated");
      assert.equal(position.leverage, 10);
      await assert.rejects(x.setMarginMode("cross", perp, { leverage: 10 }), /Cannot switch leverage type/);
      await x.createOrder(perp, "market", "sell", 0.01, await far(1), { reduceOnly: true });
      await x.setMarginMode("cross", perp, { leverage: 20 });
    });

    await t.test("a schedule; known: this client cannot take one back", async () => {
      await x.cancelAllOrdersAfter(60_000);
      // Nothing asked for is sent as now, where the venue wants five seconds or no time at all.
      await assert.rejects(x.cancelAllOrdersAfter(0), /Invalid scheduled cancel time/);
    });

    await t.test("spot, and between the sides", async () => {
      const bought = await x.createOrder("HYPE/USDC", "market", "buy", 2, await mid("HYPE/USDC"));
      assert.ok(bought.id);
      const spot = await x.fetchBalance({ type: "spot" });
      assert.ok(spot.HYPE.total > 1.9);
      await x.transfer("USDC", 10, "spot", "swap");
      await x.transfer("USDC", 5, "swap", "spot");
      const rows = await x.fetchLedger("USDC");
      assert.ok(rows.length >= 3);
      assert.equal((await x.fetchDeposits()).length, 1);
      await x.withdraw("USDC", 5, addresses[0]);
      assert.equal((await x.fetchWithdrawals()).length, 1);
      assert.equal((await x.fetchTradingFee(perp)).taker, 0.00045);
    });

    await t.test("orders that are over", async () => {
      const closed = await x.fetchClosedOrders(perp);
      const cancelled = await x.fetchCanceledOrders(perp);
      assert.ok(closed.length > 0 && cancelled.length > 0);
      assert.ok((await x.fetchOrders(perp)).length >= closed.length);
    });

    await t.test("streams of markets and of an account", async () => {
      await pro.loadHttpProxyAgent();
      assert.ok((await pro.watchOHLCV(perp, "1m")).length > 0);
      assert.ok((await pro.watchTicker(perp)).last > 0);
      const mine = pro.watchMyTrades(perp);
      await x.createOrder(perp, "market", "buy", 0.01, await far(1));
      assert.ok((await mine).length > 0);
      assert.ok((await pro.watchPositions([perp])).length > 0);
      const [one, two] = await pro.createOrdersWs([
        { symbol: perp, type: "limit", side: "buy", amount: 0.01, price: await far(0.9) },
        { symbol: perp, type: "limit", side: "buy", amount: 0.01, price: await far(0.9) },
      ]);
      await pro.cancelOrdersWs([one.id, two.id], perp);
    });
  } finally {
    await pro.close();
    await x.close();
    venue.close();
  }
});
