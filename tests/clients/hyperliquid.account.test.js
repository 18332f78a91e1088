// hyperliquid from npm, unmodified: what an account does beside single orders, its streams, and the client's own faults.
"use strict";
const test = require("node:test");
const assert = require("node:assert");
const { Hyperliquid } = require("hyperliquid");
const constants = require("hyperliquid");
const { open, until, keys, addresses } = require("./venue.js");

test("hyperliquid, accounts", async (t) => {
  // Funding every nine seconds.
  const venue = await open("--speed", "400");
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
  const user = addresses[0];
  const { exchange, info, subscriptions } = sdk;
  const coin = "BTC-PERP";
  const mid = async () => Number((await info.getAllMids())[coin]);
  const order = async (factor, tif, more = {}) => ({
    coin,
    is_buy: true,
    sz: "0.01",
    limit_px: String(Math.round((await mid()) * factor)),
    order_type: { limit: { tif } },
    reduce_only: false,
    ...more,
  });
  const status = (answer) => answer.response.data.statuses[0];
  const said = async (promise) => {
    const answer = await promise.catch((e) => e);
    return answer instanceof Error ? answer.message : JSON.stringify(answer.response);
  };

  try {
    await sdk.connect();

    await t.test("markets", async () => {
      const now = Date.now();
      assert.ok((await info.getCandleSnapshot(coin, "1m", now - 3_600_000, now)).length >= 60);
      assert.ok((await info.perpetuals.getFundingHistory(coin, now - 86_400_000)).length >= 23);
      assert.equal((await info.perpetuals.getMetaAndAssetCtxs())[1].length, 3);
      assert.equal((await info.spot.getSpotMetaAndAssetCtxs())[0].tokens.length, 4);
    });

    await t.test("orders: kinds, texts, replacements, batches, refusals", async () => {
      const cloid = "0x000000000000000000000000000000d1";
      assert.ok(status(await exchange.placeOrder(await order(0.9, "Alo", { cloid }))).resting);
      await exchange.cancelOrderByCloid(coin, cloid);
      const { oid } = status(await exchange.placeOrder(await order(0.9, "Gtc"))).resting;
      await exchange.modifyOrder(oid, await order(0.91, "Gtc"));
      const orders = [await order(0.9, "Gtc"), await order(0.9, "Gtc")];
      const both = await exchange.placeOrder({ orders, grouping: "na" });
      assert.equal(both.response.data.statuses.length, 2);
      assert.equal((await info.getUserOpenOrders(user)).length, 3);
      assert.equal((await info.getFrontendOpenOrders(user)).length, 3);
      await sdk.custom.cancelAllOrders();
      assert.equal((await info.getUserOpenOrders(user)).length, 0);
      assert.match(await said(exchange.placeOrder(await order(0.9, "Gtc", { sz: "0.0001" }))), /minimum value of \$10/);
      assert.match(await said(exchange.placeOrder(await order(1.01, "Alo"))), /Post only order/);
      assert.match(await said(exchange.placeOrder(await order(0.9, "Ioc"))), /could not immediately match/);
      assert.match(await said(exchange.placeOrder(await order(0.9, "Gtc", { reduce_only: true }))), /Reduce only/);
    });

    await t.test("leverage, a position, a stop, reduce-only", async () => {
      await exchange.updateLeverage(coin, "cross", 5);
      assert.equal(status(await exchange.placeOrder(await order(1.01, "Ioc"))).filled.totalSz, "0.01");
      const triggerPx = String(Math.round((await mid()) * 0.9));
      const stop = await order(0.85, "Gtc", { is_buy: false, reduce_only: true });
      stop.order_type = { trigger: { isMarket: true, triggerPx, tpsl: "sl" } };
      const { oid } = status(await exchange.placeOrder(stop)).resting;
      await exchange.cancelOrder({ coin, o: oid });
      const state = await info.perpetuals.getClearinghouseState(user);
      assert.equal(state.assetPositions[0].position.leverage.value, 5);
    });

    await t.test("a parent with take-profit and stop, over REST; an order over the socket", async () => {
      const child = async (factor, tpsl) => {
        const triggerPx = String(Math.round((await mid()) * factor));
        const order_type = { trigger: { isMarket: true, triggerPx, tpsl } };
        return { ...(await order(factor, "Gtc", { is_buy: false, reduce_only: true })), order_type };
      };
      const orders = [await order(1.01, "Ioc"), await child(1.1, "tp"), await child(0.9, "sl")];
      const placed = await exchange.placeOrder({ orders, grouping: "normalTpsl" });
      assert.deepEqual(placed.response.data.statuses.slice(1), ["waitingForTrigger", "waitingForTrigger"]);
      await sdk.custom.cancelAllOrders();
      const answer = await sdk.wsPayloads.placeOrder(await order(0.9, "Gtc"));
      assert.match(JSON.stringify(answer), /resting/);
      await sdk.custom.cancelAllOrders();
    });

    await t.test("funding payments", async () => {
      const rows = await until(() => info.perpetuals.getUserFunding(user, 0), (r) => r.length > 0);
      assert.equal(rows[0].delta.coin, "BTC-PERP");
      await exchange.placeOrder(await order(0.99, "Ioc", { is_buy: false, reduce_only: true, sz: "0.02" }));
      assert.equal((await info.perpetuals.getClearinghouseState(user)).assetPositions.length, 0);
      assert.ok((await info.getUserFillsByTime(user, 0, Date.now())).length >= 2);
    });

    await t.test("spot, transfers, ledger", async () => {
      const price = Number((await info.getAllMids())["HYPE-SPOT"] ?? 38.5);
      const spot = await order(1, "Ioc", { coin: "HYPE-SPOT", sz: "2", limit_px: (price * 1.02).toFixed(2) });
      assert.equal(status(await exchange.placeOrder(spot)).filled.totalSz, "2.0");
      await exchange.transferBetweenSpotAndPerp(10, true);
      await exchange.usdTransfer(addresses[1], 1);
      await exchange.spotTransfer(addresses[1], "USDC:0x6d1e7cde53ba9467b783cb7c530ce054", "1");
      await exchange.initiateWithdrawal(user, 5);
      const rows = await info.perpetuals.getUserNonFundingLedgerUpdates(user, 0);
      const kinds = rows.slice(1).map((r) => r.delta.type);
      assert.deepEqual(kinds, ["accountClassTransfer", "internalTransfer", "spotTransfer", "withdraw"]);
    });

    await t.test("schedule, orders over time, agents, builders", async () => {
      await exchange.scheduleCancel(Date.now() + 60_000);
      const placed = await exchange.placeTwapOrder({
        coin,
        is_buy: true,
        sz: 0.1,
        reduce_only: false,
        minutes: 5,
        randomize: false,
      });
      const id = placed.response.data.status.running.twapId;
      await exchange.cancelTwapOrder({ coin, twap_id: id });
      assert.equal((await info.twapHistory(user)).length, 2);
      await exchange.approveAgent({ agentAddress: "0x00000000000000000000000000000000000000b1", agentName: "bot" });
      assert.equal((await info.extraAgents(user))[0].name, "bot");
      await exchange.approveBuilderFee({ builder: addresses[1], maxFeeRate: "0.01%" });
      assert.equal(await info.getMaxBuilderFee(user, addresses[1]), 10);
      await exchange.reserveRequestWeight(100);
      await exchange.vaultTransfer(`0x${"0".repeat(38)}a0`, true, 5 * 1e6);
      assert.equal((await info.getUserVaultEquities(user)).length, 1);
    });

    await t.test("a sub-account", async () => {
      const made = await exchange.createSubAccount("first");
      const sub = made.response.data;
      assert.equal((await info.getSubAccounts(user))[0].name, "first");
      await exchange.subAccountTransfer(sub, true, 100 * 1e6);
      assert.equal((await info.perpetuals.getClearinghouseState(sub)).marginSummary.accountValue, 100);
    });

    await t.test("known: what this client does wrong is wrong at the real venue too", async () => {
      // It signs `time: null` where the member must be absent: another hash, so another signer.
      assert.match(await said(exchange.scheduleCancel(null)), /User or API Wallet 0x[0-9a-f]{40} does not exist/);
      // It sends dollars where millionths are meant.
      await exchange.updateLeverage("ETH-PERP", "isolated", 10);
      const price = Math.round(Number((await info.getAllMids())["ETH-PERP"]) * 1.01);
      await exchange.placeOrder(await order(1, "Ioc", { coin: "ETH-PERP", sz: "0.1", limit_px: String(price) }));
      const own = async () => {
        const { assetPositions } = await info.perpetuals.getClearinghouseState(user);
        return assetPositions.find((p) => p.position.coin === "ETH-PERP").position;
      };
      // Funding may come between, so it is tried until it does not.
      const added = async () => {
        const before = (await own()).leverage.rawUsd;
        await exchange.updateIsolatedMargin("ETH-PERP", true, 7);
        return (await own()).leverage.rawUsd - before;
      };
      await until(added, (usd) => usd > 0.000006 && usd < 0.000008);
      // An account without sub-accounts is answered with null, which it takes for an error.
      await assert.rejects(info.getSubAccounts(addresses[1]), /null or undefined/);
      // Its user events never come: it waits on a channel `userEvents`, the venue's is `user`.
      let events = 0;
      await subscriptions.subscribeToUserEvents(user, () => events++);
      const channels = new Set();
      sdk.ws.on("message", (m) => channels.add(m.channel));
      await exchange.placeOrder(await order(1.01, "Ioc"));
      await until(() => channels.has("user"));
      assert.equal(events, 0);
    });

    await t.test("streams of an account", async () => {
      const seen = {};
      const count = (name) => () => (seen[name] = (seen[name] ?? 0) + 1);
      await subscriptions.subscribeToOrderUpdates(user, count("orders"));
      await subscriptions.subscribeToUserFills(user, count("fills"));
      await subscriptions.subscribeToUserFundings(user, count("fundings"));
      await subscriptions.subscribeToUserNonFundingLedgerUpdates(user, count("ledger"));
      await subscriptions.subscribeToCandle(coin, "1m", count("candle"));
      await subscriptions.subscribeToAllMids(count("mids"));
      await subscriptions.subscribeToBbo(coin, count("bbo"));
      await exchange.placeOrder(await order(1.01, "Ioc"));
      const names = ["orders", "fills", "fundings", "ledger", "candle", "mids", "bbo"];
      await until(() => names.every((n) => seen[n] > 0));
    });
  } finally {
    sdk.disconnect();
    venue.close();
  }
});
