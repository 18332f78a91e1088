// Bars lie on their side, so that long names stay readable on a narrow screen; the table below holds them whole.
const bars = {
  exit: { unit: "USD", digits: 4, none: "No closed trade, so there is nothing to split by reason." },
  side: { unit: "USD", digits: 4, none: "No closed trade, so there is nothing to split by side." },
  skips: { unit: "decisions", digits: 0, none: "No decision was left out." },
};

function shorten(ctx, text, room) {
  if (ctx.measureText(text).width <= room) return text;
  let kept = text;
  while (kept.length > 1 && ctx.measureText(kept + "\u2026").width > room) kept = kept.slice(0, -1);
  return kept + "\u2026";
}

// A name in one line or two: the second one takes what is left, and is cut where it must be.
function twoLines(ctx, text, room) {
  if (ctx.measureText(text).width <= room) return text;
  const words = text.split(" ");
  let first = words.shift();
  while (words.length > 0 && ctx.measureText(`${first} ${words[0]}`).width <= room) first += ` ${words.shift()}`;
  const second = words.join(" ");
  return shorten(ctx, first, room) + (second ? `\n${shorten(ctx, second, room)}` : "");
}

// How much room the names take on the left, and the written figures beside the bars.
function barRoom(box, names, values, written) {
  const measure = document.createElement("canvas").getContext("2d");
  measure.font = font();
  const wide = (texts) => Math.max(...texts.map((t) => measure.measureText(t).width));
  const room = Math.min(box.clientWidth * 0.42, 16 + wide(names));
  const labels = names.map((n) => twoLines(measure, n, room - 14));
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const text = wide(written) + 12;
  const plot = Math.max(60, box.clientWidth - room - 32) - text * (low < 0 && high > 0 ? 2 : 1);
  const extra = ((high - low || 1) * text) / Math.max(40, plot);
  return { room, labels, range: [low < 0 ? low - extra : 0, high > 0 || low === 0 ? high + extra : 0] };
}

function writeFigures(values, written) {
  return (u) => {
    const { ctx } = u;
    ctx.save();
    ctx.font = u.axes[0].font[0];
    ctx.fillStyle = ink("ink");
    ctx.textBaseline = "middle";
    values.forEach((v, i) => {
      ctx.textAlign = v < 0 ? "right" : "left";
      const away = (v < 0 ? -5 : 5) * devicePixelRatio;
      ctx.fillText(written[i], u.valToPos(v, "y", true) + away, u.valToPos(i, "x", true));
    });
    ctx.restore();
  };
}

function barSeries(colour) {
  const paths = uPlot.paths.bars({ size: [0.62, 26] });
  return { label: colour, fill: ink(colour), stroke: ink(colour), width: 0, points: { show: false }, paths };
}

function drawBars(box, name) {
  const kind = bars[name];
  const rows = data.bars[name].slice(0, 20);
  if (rows.length === 0) return say(box, kind.none);
  const places = rows.map((r, i) => i);
  const values = rows.map((r) => r[1]);
  const written = values.map((v) => loose(v, kind.digits));
  const { room, labels, range } = barRoom(box, rows.map((r) => r[0]), values, written);
  const off = { show: false, size: 0 };
  const names = { splits: () => places, values: () => labels, grid: off, ticks: off };
  const title = { label: kind.unit, labelSize: 20, labelFont: font() };
  const numbers = (u, splits) => splits.map((v) => (v == null ? "" : loose(v, 6)));
  const options = {
    width: box.clientWidth,
    height: 34 * rows.length + 60,
    padding: [6, 24, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, ori: 1, dir: -1, range: [-0.5, rows.length - 0.5] },
      y: { ori: 0, dir: 1, range },
    },
    axes: [
      { ...axisStyle(), ...names, scale: "x", side: 3, size: room, gap: 6 },
      { ...axisStyle(), ...title, scale: "y", side: 2, size: 34, space: 80, values: numbers },
    ],
    series: [{ label: "name" }, barSeries(name === "skips" ? "main" : "gain"), barSeries("loss")],
    hooks: { draw: [() => drawn(box), writeFigures(values, written)] },
  };
  const hidden = data.bars[name].length - rows.length;
  const words = rows.map((r, i) => `${r[0]} ${written[i]} ${kind.unit}`).join("; ");
  describe(box, words, hidden > 0 ? `The ${rows.length} largest; ${hidden} more stand in the table.` : "");
  const gains = values.map((v) => (v >= 0 ? v : null));
  const losses = values.map((v) => (v < 0 ? v : null));
  plots.set(name, new uPlot(options, [places, gains, losses], box));
}
