"use strict";
// Evidence, period, autocorrelation and folded profile of one run of a rotation detector.
const data = JSON.parse(document.getElementById("rotation-data").textContent);
const boxes = [...document.querySelectorAll("[data-chart]")];
const plots = new Map();
const dark = matchMedia("(prefers-color-scheme: dark)");
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const loose = (v, digits) => v.toLocaleString("en-US", { maximumFractionDigits: digits });
const isDocument = data.mode === "document";
const isBlock = data.mode === "block-clock";
const held = data.active.reduce((sum, [a, b]) => sum + b - a, 0);
document.getElementById("about").textContent =
  `${loose(data.span / 60, 1)} min; ` +
  (held > 0
    ? `ACTIVE for ${loose(held, 1)} s in ${data.active.length} interval${data.active.length === 1 ? "" : "s"}` +
      (data.median == null ? "." : `, median period ${loose(data.median, 4)} ${isBlock ? "slots" : "s"}.`)
    : "never ACTIVE.");

const axis = (more) => ({
  stroke: ink("soft"),
  grid: { stroke: ink("grid"), width: 1 },
  ticks: { stroke: ink("grid"), width: 1, size: 6 },
  ...more,
});

// One label per split: the clock, with seconds where it needs them, and below it the day where it changes.
function clock(u, splits) {
  let day = "";
  const end = splits.length > 1 && splits[1] - splits[0] < 60 ? 19 : 16;
  return splits.map((s) => {
    const text = new Date(s * 1000).toISOString();
    const isNew = text.slice(0, 10) !== day;
    day = text.slice(0, 10);
    return text.slice(11, end) + (isNew ? "\n" + day : "");
  });
}

// At most five lines, each a decade: all of their parts would be a grey wall.
function decades(u, axisIndex, least, most) {
  const [a, b] = [Math.ceil(Math.log10(least) - 1e-9), Math.floor(Math.log10(most) + 1e-9)];
  const step = Math.max(1, Math.ceil((b - a) / 4));
  const found = [];
  for (let k = a; k <= b; k += step) found.push(Number(`1e${k}`));
  return found;
}

const short = (u, splits) => splits.map((v) => (v == null ? "" : String(Number(v.toPrecision(2)))));

// ACTIVE is shaded, with a bar on top, so that colour alone does not carry it.
function shade(u) {
  const { ctx, bbox } = u;
  ctx.save();
  for (const [from, to] of data.active) {
    if (to < u.scales.x.min || from > u.scales.x.max) continue;
    const a = Math.max(bbox.left, u.valToPos(from, "x", true));
    const b = Math.min(bbox.left + bbox.width, u.valToPos(to, "x", true));
    ctx.fillStyle = ink("active");
    ctx.fillRect(a, bbox.top, Math.max(1, b - a), bbox.height);
    ctx.fillStyle = ink("active-edge");
    ctx.fillRect(a, bbox.top, Math.max(1, b - a), 4 * devicePixelRatio);
  }
  ctx.restore();
}

const level = (value, colour) => (u) => {
  const { ctx, bbox } = u;
  const y = u.valToPos(value, "y", true);
  if (!(y >= bbox.top && y <= bbox.top + bbox.height)) return;
  ctx.save();
  ctx.strokeStyle = ink(colour);
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
};

const line = (label, colour, more) => ({ label, stroke: ink(colour), width: 1.5, points: { show: false }, ...more });

const charts = {
  evidence() {
    const values = (isDocument ? data.p : data.e).map((v) => (v == null ? null : Math.max(v, 1e-6)));
    const known = values.filter((v) => v != null);
    const most = known.reduce((a, b) => Math.max(a, b), data.most ?? 0);
    const least = 10 ** Math.floor(Math.log10(known.reduce((a, b) => Math.min(a, b), 0.1)));
    return {
      empty: known.length < 2 && "The stream is too short: there is a read every ten seconds.",
      words: isDocument
        ? "p of the document's test, a logarithmic scale. Dashed: 0.01. Looked at repeatedly, it is no p-value."
        : `E on a logarithmic scale, largest ${loose(data.most ?? 0, 4)}; p = 1/E. Dashed: 300, where it turns ACTIVE, and 100 (p = 0.01), below which it stops. ` +
          `E never passes ${loose(data.cap, 4)} (e^3 / 0.01), so that it falls soon once the effect ends.`,
      rows: [data.time, values],
      series: [line(isDocument ? "p" : "E", "main")],
      scales: { x: { time: true }, y: { distr: 3, range: isDocument ? [least, 1.2] : [least, Math.max(1e3, 4 * most)] } },
      draw: isDocument ? [level(0.01, "sell")] : [level(100, "sell"), level(300, "gain")],
      axes: [axis({ values: clock, size: 44 }), axis({ splits: decades, filter: (u, s) => s, values: short, size: 72 })],
      shaded: true,
    };
  },
  period() {
    const values = isBlock ? data.slots : data.period;
    const known = values.filter((v) => v != null);
    const last = data.last == null ? "no hypothesis at the end" : `${loose(data.last, 4)} s at the end`;
    return {
      empty: known.length < 2 && "No period was found, or the stream is too short.",
      words: isBlock
        ? `Slots of one rotation, counted from the proposers: ${data.slotsLast || "none"}; ${last}.`
        : `R* in seconds: ${last}. Trust it where the state is ACTIVE.`,
      rows: [data.time, values],
      series: [line(isBlock ? "slots" : "R* (s)", "main")],
      scales: { x: { time: true }, y: { range: (u, a, b) => [Math.max(0, a - 0.1 * (b - a || a)), b + 0.1 * (b - a || b)] } },
      axes: [axis({ values: clock, size: 44 }), axis({ size: 72 })],
      shaded: true,
    };
  },
  acf() {
    return {
      empty:
        data.acf.length === 0 &&
        (isBlock
          ? "The period is counted in slots, not found in an autocorrelation of seconds."
          : "No autocorrelation: nothing moved, or the stream is shorter than 35 s."),
      words: `By lag in seconds${isDocument ? " (depth)" : ", averaged over three minutes"}. Dashed: 95 % of white noise.`,
      rows: [data.acf.map((_, h) => h / 10), data.acf],
      series: [line("r", "main")],
      scales: { x: { time: false }, y: { range: [-0.5, 1] } },
      draw: [level(data.band, "soft"), level(-data.band, "soft")],
    };
  },
  profile() {
    return {
      empty: data.phase.length === 0 && "Nothing to fold: there was no hypothesis.",
      words: "Mean depth and spread by phase, the boundary at 0 and 1: the last five minutes ACTIVE, or the end.",
      rows: [data.phase, data.dob, data.spread],
      series: [line("depth", "main"), line("spread (ticks)", "sell", { scale: "spread", dash: [6, 3] })],
      scales: { x: { time: false, range: [0, 1] }, y: {}, spread: {} },
      axes: [axis({}), axis({ size: 64 }), axis({ side: 1, scale: "spread", grid: { show: false }, size: 56 })],
    };
  },
};

function draw(box) {
  const name = box.dataset.chart;
  plots.get(name)?.destroy();
  plots.delete(name);
  const c = charts[name]();
  box.dataset.drawn = "true";
  box.dataset.empty = String(Boolean(c.empty));
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", c.empty || c.words);
  box.closest("figure").querySelector("figcaption").textContent = c.empty ? "" : c.words;
  if (c.empty) {
    const p = document.createElement("p");
    p.className = "empty";
    p.textContent = c.empty;
    box.replaceChildren(p);
    return;
  }
  const options = {
    width: box.clientWidth,
    height: 240,
    padding: [10, 28, 0, 0],
    scales: c.scales,
    tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "Etc/UTC"),
    axes: c.axes ?? [axis({}), axis({ size: 72 })],
    series: [{ label: c.shaded ? "Time" : name === "acf" ? "Lag (s)" : "Phase" }, ...c.series],
    hooks: { drawClear: c.shaded ? [shade] : [], draw: c.draw ?? [] },
  };
  plots.set(name, new uPlot(options, c.rows, box));
}

function drawAll() {
  boxes.forEach(draw);
  document.body.dataset.ready = "true";
}

addEventListener("resize", drawAll);
dark.addEventListener("change", drawAll);
drawAll();
