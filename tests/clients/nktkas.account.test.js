// @nktkas/hyperliquid, unmodified: what an account does beside single orders, and every stream of an account.
"use strict";
const test = require("node:test");
const assert = require("node:assert");
const { WebSocket } = require("ws");
const { open, until, keys, addresses } = require("./venue.js");

test("@nktkas/hyperliquid, accounts", async (t) => {
  const hl = await import("@nktkas/hyperliquid");
  const { privateKeyToAccount } = await import("viem/accounts");
  // Funding every nine seconds.
  const venue = await open("--speed", "400");
  const user = addresses[0];
  const transport = new hl.HttpTransport({ apiUrl: venue.http, rpcUrl: venue.http, isTestnet: true });
  const info = new hl.InfoClient({ transport });
  const exchange = new hl.ExchangeClient({ transport, wallet: privateKeyToAccount(keys[0]) });
  const other = new hl.ExchangeClient({ transport, wallet: privateKeyToAccount(keys[1]) });
  const ws = new hl.WebSocketTransport({ url: venue.ws, isTestnet: true, reconnect: { WebSocket } });
  const subs = new hl.SubscriptionClient({ transport: ws });
  const far = async (factor) => String(Math.round(Number((await info.allMids()).BTC) * factor));
  const order = async (b, factor, tif, more = {}) => ({
    orders: [{ a: 0, b, p: await far(factor), s: "0.01", r: false, t: { limit: { tif } }, ...more }],
    grouping: "na",
  });

  try {
    await t.test("a batch: each order has its own answer", async () => {
      const [good] = (await order(true, 0.9, "Gtc")).orders;
      const [bad] = (await order(true, 0.9, "Gtc", { s: "0.0001" })).orders;
      const refused = await exchange.order({ orders: [good, bad, good], grouping: "na" }).catch((e) => e);
      assert.match(refused.message, /Order 1: Order must have minimum value of \$10/);
      const left = await info.openOrders({ user });
      assert.equal(left.length, 2);
      await exchange.cancel({ cancels: left.map((o) => ({ a: 0, o: o.oid })) });
      assert.equal((await info.openOrders({ user })).length, 0);
    });

    await t.test("a stop alone: waits, is shown, is cancelled", async () => {
      await exchange.order(await order(true, 1.01, "Ioc"));
      const trigger = { isMarket: true, triggerPx: await far(0.9), tpsl: "sl" };
      const stop = { a: 0, b: false, p: await far(0.85), s: "0.01", r: true, t: { trigger } };
      const placed = await exchange.order({ orders: [stop], grouping: "na" });
      const { oid } = placed.response.data.statuses[0].resting;
      const [shown] = await info.frontendOpenOrders({ user });
      assert.equal(shown.orderType, "Stop Market");
      await exchange.cancel({ cancels: [{ a: 0, o: oid }] });
      await exchange.order(await order(false, 0.99, "Ioc", { r: true }));
      assert.equal((await info.clearinghouseState({ user })).assetPositions.length, 0);
    });

    await t.test("margin of a position's own", async () => {
      await exchange.updateLeverage({ asset: 0, isCross: false, leverage: 10 });
      await exchange.order(await order(true, 1.01, "Ioc"));
      await exchange.updateIsolatedMargin({ asset: 0, isBuy: true, ntli: 20 * 1e6 });
      await exchange.topUpIsolatedOnlyMargin({ asset: 0, leverage: "5" });
      const state = await info.clearinghouseState({ user });
      const { position } = state.assetPositions[0];
      assert.equal(position.leverage.type, "isolated");
      assert.ok(Number(position.leverage.rawUsd) < 0);
      assert.ok(Math.abs(Number(position.positionValue) / Number(position.marginUsed) - 5) < 0.1);
      assert.ok(Number(position.liquidationPx) > 0);
      await assert.rejects(
        exchange.updateLeverage({ asset: 0, isCross: true, leverage: 10 }),
        /Cannot switch leverage type with open position/,
      );
      assert.equal((await info.activeAssetData({ user, coin: "BTC" })).leverage.type, "isolated");
    });

    await t.test("funding: paid, in history, in the streams", async () => {
      const heard = [];
      const events = [];
      await subs.userFundings({ user }, (f) => heard.push(...f.fundings));
      await subs.userEvents({ user }, (e) => events.push(...Object.keys(e)));
      await until(() => heard.length > 0 && events.includes("funding"));
      const rows = await info.userFunding({ user, startTime: 0 });
      assert.equal(rows[0].delta.coin, "BTC");
      assert.ok(Number(rows[0].delta.usdc) !== 0);
      assert.ok((await info.fundingHistory({ coin: "BTC", startTime: Date.now() - 3_600_000 })).length > 0);
    });

    await t.test("an order over time: slices, states, history", async () => {
      const seen = { slices: [], states: [], history: [] };
      await subs.userTwapSliceFills({ user }, (d) => seen.slices.push(...d.twapSliceFills));
      await subs.userTwapHistory({ user }, (d) => seen.history.push(...d.history.map((h) => h.status.status)));
      await subs.twapStates({ user }, (d) => seen.states.push(...d.states));
      const placed = await exchange.twapOrder({ twap: { a: 0, b: true, s: "0.1", r: false, m: 5, t: false } });
      const { twapId } = placed.response.data.status.running;
      await until(() => seen.slices.length > 0 && seen.states.length > 0);
      assert.equal(seen.slices[0].twapId, twapId);
      assert.match(seen.slices[0].fill.hash, /^0x0{64}$/);
      assert.equal(seen.states[0][1].minutes, 5);
      assert.ok((await info.userTwapSliceFills({ user })).length > 0);
      await exchange.twapCancel({ a: 0, t: twapId });
      await until(() => seen.history.includes("terminated"));
      assert.deepEqual(
        (await info.twapHistory({ user })).map((h) => h.status.status),
        ["terminated", "activated"],
      );
      await assert.rejects(
        exchange.twapOrder({ twap: { a: 0, b: true, s: "0.01", r: false, m: 1_000, t: false } }),
        /TWAP order value too small/,
      );
    });

    await t.test("transfers and their rows, as they are told", async () => {
      const kinds = [];
      await subs.userNonFundingLedgerUpdates({ user }, (d) =>
        kinds.push(...d.nonFundingLedgerUpdates.map((r) => r.delta.type)),
      );
      const token = "USDC:0x6d1e7cde53ba9467b783cb7c530ce054";
      await exchange.usdClassTransfer({ amount: "10", toPerp: true });
      await exchange.usdSend({ destination: addresses[1], amount: "1" });
      await exchange.spotSend({ destination: addresses[1], token, amount: "1" });
      await exchange.withdraw3({ destination: user, amount: "5" });
      const send = { destination: addresses[1], sourceDex: "", destinationDex: "spot", token, amount: "1" };
      await exchange.sendAsset({ ...send, fromSubAccount: "" });
      await exchange.vaultTransfer({ vaultAddress: `0x${"0".repeat(38)}a0`, isDeposit: true, usd: 5 * 1e6 });
      assert.equal((await info.userVaultEquities({ user })).length, 1);
      const expected = ["accountClassTransfer", "internalTransfer", "spotTransfer", "withdraw", "send", "vaultDeposit"];
      await until(() => expected.every((k) => kinds.includes(k)));
      const rows = await info.userNonFundingLedgerUpdates({ user, startTime: 0 });
      assert.deepEqual(rows.slice(1).map((r) => r.delta.type), expected);
    });

    await t.test("a sub-account: paid in, traded for, shown", async () => {
      const made = await exchange.createSubAccount({ name: "first" });
      const sub = made.response.data;
      await exchange.subAccountTransfer({ subAccountUser: sub, isDeposit: true, usd: 1_000 * 1e6 });
      const token = "USDC:0x6d1e7cde53ba9467b783cb7c530ce054";
      await exchange.subAccountSpotTransfer({ subAccountUser: sub, isDeposit: true, token, amount: "5" });
      await exchange.subAccountModify({ subAccountUser: sub, name: "second" });
      const placed = await exchange.order(await order(true, 0.9, "Gtc"), { vaultAddress: sub });
      assert.equal((await info.openOrders({ user: sub }))[0].oid, placed.response.data.statuses[0].resting.oid);
      const [row] = await info.subAccounts({ user });
      assert.equal(row.name, "second");
      assert.equal(row.clearinghouseState.marginSummary.accountValue, "1000.0");
      assert.equal((await info.subAccounts2({ user }))[0].dexToClearinghouseState.length, 1);
      assert.equal((await info.userRole({ user: sub })).role, "subAccount");
      await assert.rejects(other.noop({ vaultAddress: sub }), /Vault not registered/);
    });

    await t.test("a builder: approved, charged, paid", async () => {
      const b = addresses[1];
      const built = async () => ({ ...(await order(true, 1.01, "Ioc")), builder: { b, f: 10 } });
      await assert.rejects(exchange.order(await built()), /Builder fee has not been approved/);
      await exchange.approveBuilderFee({ builder: b, maxFeeRate: "0.01%" });
      assert.equal(await info.maxBuilderFee({ user, builder: b }), 10);
      assert.deepEqual(await info.approvedBuilders({ user }), [b]);
      await exchange.order(await built());
      const [fill] = await info.userFills({ user });
      assert.ok(Number(fill.builderFee) > 0);
      assert.ok(Number((await info.referral({ user: b })).unclaimedRewards) > 0);
      await other.claimRewards();
    });

    await t.test("paid requests, referrer, empty schedule", async () => {
      await exchange.reserveRequestWeight({ weight: 1_000 });
      assert.ok((await info.userRateLimit({ user })).nRequestsSurplus > 0);
      await exchange.setReferrer({ code: "CODE" });
      await exchange.scheduleCancel();
    });

    await t.test("the other streams", async () => {
      const seen = {};
      const count = (name) => () => (seen[name] = (seen[name] ?? 0) + 1);
      const names = ["candle", "activeAssetCtx", "activeAssetData", "clearinghouseState", "openOrders", "spotState"];
      await subs.candle({ coin: "BTC", interval: "1m" }, count("candle"));
      await subs.activeAssetCtx({ coin: "BTC" }, count("activeAssetCtx"));
      await subs.activeAssetData({ coin: "BTC", user }, count("activeAssetData"));
      await subs.clearinghouseState({ user }, count("clearinghouseState"));
      await subs.openOrders({ user }, count("openOrders"));
      await subs.spotState({ user }, count("spotState"));
      for (const name of ["webData2", "webData3", "userHistoricalOrders"]) {
        await subs[name]({ user }, count(name));
        names.push(name);
      }
      await subs.assetCtxs(count("assetCtxs"));
      await subs.spotAssetCtxs(count("spotAssetCtxs"));
      await subs.allDexsClearinghouseState({ user }, count("allDexsClearinghouseState"));
      await until(() => [...names, "assetCtxs", "spotAssetCtxs", "allDexsClearinghouseState"].every((n) => seen[n] > 0));
    });
  } finally {
    await ws.close().catch(() => {});
    venue.close();
  }
});
