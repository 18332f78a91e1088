// A venue of its own for each suite: started on a free port, with two funded test keys, and stopped at the end.
"use strict";
const { spawn } = require("node:child_process");
const path = require("node:path");

// Keys of tests, known to everybody. Never send anything of worth to their addresses.
const keys = [
  "0x0101010101010101010101010101010101010101010101010101010101010101",
  "0x0202020202020202020202020202020202020202020202020202020202020202",
];
const addresses = ["0x1a642f0e3c3af545e7acbd38b07251b3990914f1", "0x5050a4f4b3f9338c3472dcc01a87c76a144b3c9c"];
const program = process.env.VRLG ?? path.join(__dirname, "../../artifacts/bin/Cli/release/vrlg");

async function open(...flags) {
  const funds = addresses.flatMap((a) => ["--fund", `${a}=100000`, "--fund-spot", `${a}=USDC:10000`]);
  const port = flags.includes("--port") ? [] : ["--port", "0"];
  const child = spawn(program, ["venue", ...port, "--json", ...funds, ...flags]);
  let text = "";
  child.stderr.on("data", (part) => process.stderr.write(part));
  const at = await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the venue ended with ${code}`)));
    child.stdout.on("data", (part) => {
      text += part;
      if (text.includes("}")) resolve(JSON.parse(text));
    });
  });
  const kill = () => new Promise((done) => (child.once("close", done), child.kill("SIGKILL")));
  return { ...at, kill, close: () => child.kill("SIGTERM") };
}

// The first value that `ask` answers with and `holds` takes. Gives up after two minutes: a machine may be busy.
async function until(ask, holds = Boolean) {
  for (let i = 0; i < 1_200; i++) {
    const value = await ask();
    if (holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("two minutes passed");
}

// ccxt told not to approve a builder, and where the venue is.
const ccxtSettings = (venue) => ({
  walletAddress: addresses[0],
  privateKey: keys[0],
  enableRateLimit: false,
  urls: { api: { public: venue.http, private: venue.http, ws: { public: venue.ws } } },
  options: {
    sandboxMode: true,
    approvedBuilderFee: true,
    builderFee: false,
    refSet: true,
    enableUnifiedMargin: false,
    fetchMarkets: { types: ["swap", "spot"] },
  },
});

module.exports = { open, until, keys, addresses, ccxtSettings };
