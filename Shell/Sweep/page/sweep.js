// Words and tables of the page. Everything comes from the JSON that the page carries.
const data = JSON.parse(document.getElementById("sweep-data").textContent);
const keys = data.grid.map((g) => g.key);
const byId = (id) => document.getElementById(id);
const short = (key) => key.slice(key.indexOf(".") + 1);

function show(value, digits = 3) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

function element(name, text, className) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (className) e.className = className;
  return e;
}

// rows: lists of { text, number }; the first column is the row's head.
function table(head, rows, caption, chosen) {
  const t = element("table");
  if (caption) t.append(element("caption", caption));
  const top = element("tr");
  head.forEach((h, i) => {
    const cell = element("th", h, i > 0 ? "n" : "");
    cell.scope = "col";
    top.append(cell);
  });
  const thead = element("thead");
  thead.append(top);
  const body = element("tbody");
  rows.forEach((row, r) => {
    const line = element("tr", undefined, chosen && chosen(r) ? "chosen" : "");
    row.forEach((text, i) => {
      const cell = element(i === 0 ? "th" : "td", text, i > 0 ? "n" : "");
      if (i === 0) cell.scope = "row";
      line.append(cell);
    });
    body.append(line);
  });
  t.append(thead, body);
  return t;
}

const figures = [
  ["objective", "Objective", 3],
  ["trade_sharpe", "Trade Sharpe", 3],
  ["max_dd_in_edges", "Max DD / daily edge", 3],
  ["mean_abs_delta", "Mean |delta|", 6],
  ["trades", "Trades", 0],
  ["net_usd", "Net, USD", 4],
  ["avg_pnl_bps", "Avg PnL, bps", 3],
  ["hit_rate", "Hit rate", 3],
  ["max_drawdown_usd", "Max drawdown, USD", 4],
];

function tile(name, value) {
  const box = element("div");
  box.append(element("dt", name), element("dd", value));
  byId("tiles").append(box);
}

function tiles() {
  const best = data.best;
  byId("about").textContent =
    `${data.span.from.slice(0, 19)} to ${data.span.to.slice(0, 19)} UTC, data tier ${data.data_tier}, ` +
    `${data.points} sets by ${data.sampler}, seed ${data.seed}. Figures: ${data.fill_tier}.`;
  // Where all sets have the same figures there is no best one.
  const [first] = data.results;
  const alike = data.results.length > 1 && data.results.every((r) => figures.every(([name]) => r[name] === first[name]));
  if (alike) {
    tile("Best set", "none: all are equal");
  } else {
    tile("Best set", `${best.id}`);
    for (const key of keys) tile(short(key), show(best.values[key], 8));
  }
  tile("Objective", show(best.objective));
  tile("Net, USD", show(best.net_usd, 4));
  tile("Trades", show(best.trades, 0));
  tile("Confidence that it is more than luck", show(data.overfitting.deflated_sharpe.confidence));
  byId("objective").textContent = data.objective;
}

function warnings() {
  if (data.warnings.length === 0) return;
  const box = element("section", undefined, "warnings");
  box.append(element("h2", "Warnings"));
  const list = element("ul");
  for (const w of data.warnings) list.append(element("li", w));
  box.append(list);
  byId("warnings").append(box);
}

function bestTable() {
  const rows = data.best.interval.map((j) => [j.tier, ...figures.map(([name, , digits]) => show(j[name], digits))]);
  byId("best").append(table(["Rule", ...figures.map((f) => f[1])], rows));
}

function foldTable() {
  const o = data.overfitting;
  if (o.folds.length === 0) {
    byId("folds").append(element("p", "The data is too short to hold a part of it out.", "empty"));
  } else {
    const time = (w) => `${w.from.slice(11, 19)} to ${w.to.slice(11, 19)}`;
    const rows = o.folds.map((f, i) => [
      `${i + 1}`,
      time(f.train),
      time(f.test),
      `${f.chosen}`,
      show(f.in_sample),
      show(f.out_of_sample),
      show(f.in_sample_net_usd, 4),
      show(f.out_of_sample_net_usd, 4),
      `${f.test_rank} of ${f.test_rank_of}`,
      show(f.rank_correlation, 2),
    ]);
    const head = [
      "Fold",
      "Chosen on",
      "Tried on",
      "Set",
      "Objective in",
      "Objective out",
      "Net in, USD",
      "Net out, USD",
      "Place out",
      "Rank correlation",
    ];
    byId("folds").append(table(head, rows, `${o.method}; ${show(o.purge_s, 0)} s between the windows are purged`));
  }
  const d = o.deflated_sharpe;
  byId("deflated").textContent =
    `Deflated Sharpe ratio: ${show(d.sharpe_per_trade)} a trade; the best of ${d.trials} sets without any skill would be ` +
    `expected to reach ${show(d.expected_of_luck)}. Probability that the true ratio is above that: ${show(d.confidence)}.`;
}

function screeningTable() {
  const s = data.screening;
  if (!s) return;
  byId("screening").hidden = false;
  const words = s.rules.map((r) => `${r.rule} ${show(r.rank_correlation)}`).join(", ");
  byId("screening-words").textContent =
    `Rank correlation with Tier 2 over ${s.compared} sets: ${words}. ` +
    (s.stands
      ? "The screening stands: only what Tier 2 confirmed is ranked below."
      : `Below ${s.least_correlation} the screening counts for nothing: every set was judged in Tier 2.`);
  const [loose, strict] = s.rules;
  const rows = strict.results.slice(0, 200).map((j, i) => [
    `${j.id}`,
    ...keys.map((k) => show(j.values[k], 8)),
    show(loose.results[i].objective),
    show(j.objective),
    show(loose.results[i].net_usd, 4),
    show(j.net_usd, 4),
  ]);
  const head = ["Set", ...keys.map(short)];
  for (const what of ["objective", "net USD"]) for (const r of s.rules) head.push(`${r.rule}: ${what}`);
  byId("screening-table").append(table(head, rows, "For ranking only, never a result"));
}

function resultTable() {
  const shown = data.results.slice(0, 500);
  const head = ["Rank", "Set", ...keys.map(short), ...figures.map((f) => f[1])];
  data.overfitting.folds.forEach((_, i) => head.push(`Out of sample ${i + 1}`));
  const rows = shown.map((j) => [
    `${j.rank}`,
    `${j.id}`,
    ...keys.map((k) => show(j.values[k], 8)),
    ...figures.map(([name, , digits]) => show(j[name], digits)),
    ...j.test.map((v) => show(v)),
  ]);
  const more = data.results.length - shown.length;
  byId("results").append(
    table(head, rows, more > 0 ? `${more} more in results.parquet` : "", (r) => shown[r].rank === 1),
  );
}

tiles();
warnings();
bestTable();
foldTable();
screeningTable();
resultTable();
