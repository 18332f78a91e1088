// The markout curve: one place a horizon, evenly spaced, for the horizons run from 0 ms to 30 s.
function after(ms) {
  return ms < 1000 ? ms + " ms" : ms / 1000 + " s";
}

// Steady names and lines, so that colour alone does not carry them.
function markoutSeries(label, colour, dash) {
  const value = (u, v) => (v == null ? "\u2013" : loose(v, 4) + " bps");
  return { label, stroke: ink(colour), width: 2, dash, value, points: { show: true, size: 7, fill: ink(colour) } };
}

function drawMarkout(box) {
  const rows = data.markout;
  if (!rows.some((r) => r[1] != null)) return say(box, "No fill whose later mid is known.");
  const places = rows.map((r, i) => i);
  const column = (i) => rows.map((r) => r[i]);
  const known = rows.flatMap((r) => r.slice(1)).filter((v) => v != null);
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  const room = (high - low) * 0.08 || 0.01;
  const numbers = (u, splits) => splits.map((v) => (v == null ? "" : loose(v, 4)));
  const zero = (u) => {
    const y = u.valToPos(0, "y", true);
    u.ctx.save();
    u.ctx.strokeStyle = ink("soft");
    u.ctx.lineWidth = devicePixelRatio;
    u.ctx.beginPath();
    u.ctx.moveTo(u.bbox.left, y);
    u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
    u.ctx.stroke();
    u.ctx.restore();
  };
  const bounded = rows.some((r) => r[4] != null);
  const edge = (label) => ({ label, stroke: ink("soft"), width: 1, dash: [2, 4], points: { show: false },
    value: (u, v) => (v == null ? "\u2013" : loose(v, 4) + " bps") });
  const options = {
    width: box.clientWidth,
    height: 260,
    padding: [10, 24, 0, 0],
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.25, rows.length - 0.75] }, y: { range: [low - room, high + room] } },
    axes: [
      { ...axisStyle(), splits: () => places, values: () => rows.map((r) => after(r[0])), space: 30 },
      { ...axisStyle(), values: numbers, size: widest, label: "bps", labelSize: 18, labelFont: font() },
    ],
    series: [
      { label: "After", value: (u, v) => (v == null ? "\u2013" : after(rows[Math.round(v)][0])) },
      markoutSeries("Markout", "main"),
      markoutSeries("Half-spread", "gain", [8, 4]),
      markoutSeries("Move of the mid", "sell", [3, 3]),
      ...(bounded ? [edge("90 % from"), edge("90 % to")] : []),
    ],
    hooks: { drawClear: [zero], draw: [() => drawn(box)] },
  };
  const columns = [places, column(1), column(2), column(3), ...(bounded ? [column(4), column(5)] : [])];
  const words = rows.map((r) => `${after(r[0])}: ${r[1] == null ? "not defined" : loose(r[1], 4) + " bps"}`);
  describe(box, `Markout ${words.join("; ")}.`, bounded ? "The thin lines are the ends of the 90 % interval." : "");
  plots.set("markout", new uPlot(options, columns, box));
}
