// @nktkas/hyperliquid, unmodified.
"use strict";
const test = require("node:test");
const assert = require("node:assert");
const { WebSocket } = require("ws");
const { open, until, keys, addresses } = require("./venue.js");

test("@nktkas/hyperliquid", async (t) => {
  const hl = await import("@nktkas/hyperliquid");
  const { privateKeyToAccount } = await import("viem/accounts");
  const venue = await open();
  const user = addresses[0];
  const transport = new hl.HttpTransport({ apiUrl: venue.http, rpcUrl: venue.http, isTestnet: true });
  const info = new hl.InfoClient({ transport });
  const wallet = privateKeyToAccount(keys[0]);
  const exchange = new hl.ExchangeClient({ transport, wallet });
  const socket = () =>
    new hl.WebSocketTransport({ url: venue.ws, isTestnet: true, reconnect: { WebSocket } });
  const limit = (p, tif, more = {}) => ({
    orders: [{ a: 0, b: true, p, s: "0.01", r: false, t: { limit: { tif } }, ...more }],
    grouping: "na",
  });

  try {
    await t.test("metadata and markets", async () => {
      assert.equal((await info.meta()).universe[0].name, "BTC");
      assert.equal((await info.metaAndAssetCtxs())[1].length, 3);
      assert.equal((await info.spotMetaAndAssetCtxs())[0].tokens[2].name, "HYPE");
      assert.ok(Number((await info.allMids()).BTC) > 0);
      const book = await info.l2Book({ coin: "BTC" });
      assert.equal(book.levels[0].length, 20);
      assert.ok(Number(book.levels[0][0].px) < Number(book.levels[1][0].px));
      const bars = await info.candleSnapshot({ coin: "BTC", interval: "1m", startTime: Date.now() - 3_600_000 });
      assert.ok(bars.length >= 60);
      assert.ok((await info.fundingHistory({ coin: "BTC", startTime: Date.now() - 86_400_000 })).length >= 23);
      assert.ok((await info.predictedFundings()).length === 3);
    });

    await t.test("the account", async () => {
      assert.equal((await info.clearinghouseState({ user })).marginSummary.accountValue, "100000.0");
      assert.equal((await info.spotClearinghouseState({ user })).balances[0].total, "10000.0");
      assert.equal((await info.userRole({ user })).role, "user");
      await info.userFees({ user });
      await info.userRateLimit({ user });
      await info.portfolio({ user });
      await info.extraAgents({ user });
      assert.equal((await info.userNonFundingLedgerUpdates({ user, startTime: 0 })).length, 1);
    });

    await t.test("place, look, cancel by number and by text", async () => {
      const placed = await exchange.order(limit("80000", "Gtc"));
      const { oid } = placed.response.data.statuses[0].resting;
      assert.equal((await info.openOrders({ user }))[0].oid, oid);
      assert.equal((await info.orderStatus({ user, oid })).order.status, "open");
      await exchange.cancel({ cancels: [{ a: 0, o: oid }] });
      assert.equal((await info.orderStatus({ user, oid })).order.status, "canceled");
      const c = "0x000000000000000000000000000000c1";
      await exchange.order(limit("80001", "Alo", { c }));
      await exchange.cancelByCloid({ cancels: [{ asset: 0, cloid: c }] });
      assert.equal((await info.openOrders({ user })).length, 0);
    });

    await t.test("modify and batchModify", async () => {
      const placed = await exchange.order(limit("80000", "Gtc"));
      const { oid } = placed.response.data.statuses[0].resting;
      const order = limit("80010", "Gtc").orders[0];
      const done = await exchange.batchModify({ modifies: [{ oid, order }] });
      const next = done.response.data.statuses[0].resting.oid;
      assert.notEqual(next, oid);
      await exchange.modify({ oid: next, order: { ...order, p: "80020" } });
      const open = await info.openOrders({ user });
      assert.equal(open[0].limitPx, "80020.0");
      await exchange.cancel({ cancels: [{ a: 0, o: open[0].oid }] });
    });

    await t.test("refusals", async () => {
      await assert.rejects(exchange.order(limit("80000.5", "Gtc")), /Price must be divisible by tick size/);
      await assert.rejects(exchange.order(limit("80000", "Gtc", { s: "0.0001" })), /minimum value of \$10/);
      await assert.rejects(exchange.order(limit("84900", "Alo")), /Post only order would have immediately matched/);
      await assert.rejects(exchange.order(limit("80000", "Ioc")), /could not immediately match/);
      await assert.rejects(exchange.order(limit("80000", "Gtc", { r: true })), /Reduce only order would increase/);
    });

    await t.test("take, fills, reduce, leverage", async () => {
      await exchange.updateLeverage({ asset: 0, isCross: true, leverage: 5 });
      const bought = await exchange.order(limit("84900", "Ioc"));
      assert.equal(bought.response.data.statuses[0].filled.totalSz, "0.01");
      const state = await info.clearinghouseState({ user });
      assert.equal(state.assetPositions[0].position.szi, "0.01");
      assert.equal(state.assetPositions[0].position.leverage.value, 5);
      await exchange.order(limit("82000", "Ioc", { b: false, r: true }));
      assert.equal((await info.clearinghouseState({ user })).assetPositions.length, 0);
      const fills = await info.userFills({ user });
      assert.ok(fills.length >= 2);
      assert.equal(fills[0].dir, "Close Long");
    });

    await t.test("spot, transfers, schedule", async () => {
      const mid = Number((await info.allMids())["@1"]);
      const p = (mid * 1.01).toFixed(2);
      const bought = await exchange.order(limit(p, "Ioc", { a: 10001, s: "2" }));
      assert.equal(bought.response.data.statuses[0].filled.totalSz, "2.0");
      const hype = (await info.spotClearinghouseState({ user })).balances.find((b) => b.coin === "HYPE");
      assert.ok(Number(hype.total) > 1.99 && Number(hype.total) < 2);
      await exchange.usdClassTransfer({ amount: "100", toPerp: true });
      await exchange.usdSend({ destination: addresses[1], amount: "10" });
      assert.ok((await info.userNonFundingLedgerUpdates({ user, startTime: 0 })).length >= 3);
      await exchange.scheduleCancel({ time: Date.now() + 10_000 });
      await exchange.scheduleCancel();
      await exchange.noop();
    });

    await t.test("triggers wait, are shown, go with their parent's position", async () => {
      const stop = (triggerPx, tpsl) => ({
        a: 0,
        b: false,
        p: "70000",
        s: "0.01",
        r: true,
        t: { trigger: { isMarket: true, triggerPx, tpsl } },
      });
      const [parent] = limit("84900", "Ioc").orders;
      const orders = [parent, stop("80000", "sl"), stop("90000", "tp")];
      const placed = await exchange.order({ orders, grouping: "normalTpsl" });
      assert.deepEqual(placed.response.data.statuses.slice(1), ["waitingForTrigger", "waitingForTrigger"]);
      const shown = await info.frontendOpenOrders({ user });
      assert.deepEqual(shown.map((o) => o.triggerCondition).sort(), ["Price above 90000", "Price below 80000"]);
      assert.ok(shown.every((o) => o.isTrigger && o.reduceOnly && o.tif === null));
      await exchange.order(limit("82000", "Ioc", { b: false, r: true }));
      assert.equal((await info.frontendOpenOrders({ user })).length, 0);
      const [last] = await info.historicalOrders({ user });
      assert.equal(last.status, "filled");
      await assert.rejects(exchange.order({ orders: [stop("90000", "sl")], grouping: "na" }), /Invalid TP\/SL price/);
    });

    await t.test("an agent trades for its master", async () => {
      const agent = privateKeyToAccount("0x0303030303030303030303030303030303030303030303030303030303030303");
      await exchange.approveAgent({ agentAddress: agent.address, agentName: null });
      const by = new hl.ExchangeClient({ transport, wallet: agent });
      const placed = await by.order(limit("80000", "Gtc"));
      const { oid } = placed.response.data.statuses[0].resting;
      assert.equal((await info.openOrders({ user }))[0].oid, oid);
      await by.cancel({ cancels: [{ a: 0, o: oid }] });
    });

    await t.test("streams, and orders over the socket", async () => {
      const ws = socket();
      const subs = new hl.SubscriptionClient({ transport: ws });
      const seen = { book: 0, bbo: 0, trades: 0, mids: 0, updates: [], fills: 0, blocks: 0 };
      await subs.l2Book({ coin: "BTC" }, () => seen.book++);
      await subs.bbo({ coin: "BTC" }, () => seen.bbo++);
      await subs.trades({ coin: "BTC" }, () => seen.trades++);
      await subs.allMids(() => seen.mids++);
      await subs.orderUpdates({ user }, (u) => seen.updates.push(...u.map((x) => x.status)));
      await subs.userFills({ user }, (f) => (seen.fills += f.fills.length));
      await subs.explorerBlock(() => seen.blocks++);
      const over = new hl.ExchangeClient({ transport: ws, wallet });
      const placed = await over.order(limit("80000", "Gtc"));
      await over.cancel({ cancels: [{ a: 0, o: placed.response.data.statuses[0].resting.oid }] });
      await until(() => Object.values(seen).every((v) => (Array.isArray(v) ? v.length >= 2 : v > 0)));
      assert.deepEqual(seen.updates, ["open", "canceled"]);
      await ws.close();
    });
  } finally {
    venue.close();
  }
});
