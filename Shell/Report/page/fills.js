// Fills on the mid. A buy points up, a sell points down; a maker is filled, a taker is hollow.
function mark(ctx, x, y, side, role, size) {
  const up = side === "buy";
  const colour = ink(up ? "buy" : "sell");
  const tip = up ? -size : size;
  ctx.beginPath();
  ctx.moveTo(x, y + tip);
  ctx.lineTo(x - size, y - tip * 0.7);
  ctx.lineTo(x + size, y - tip * 0.7);
  ctx.closePath();
  ctx.lineWidth = Math.max(1.5, size / 3.5);
  ctx.strokeStyle = colour;
  ctx.fillStyle = role === "maker" ? colour : ink("card");
  ctx.fill();
  ctx.stroke();
}

function fillKey() {
  const key = document.getElementById("fill-key");
  key.replaceChildren();
  const kinds = [["buy", "maker"], ["buy", "taker"], ["sell", "maker"], ["sell", "taker"]];
  for (const [side, role] of kinds) {
    const count = data.fills.rows.filter((f) => f[2] === side && f[3] === role).length;
    const item = document.createElement("span");
    item.className = "key";
    const picture = document.createElement("canvas");
    picture.width = picture.height = 28;
    mark(picture.getContext("2d"), 14, 14, side, role, 9);
    item.append(picture, `${side}, ${role}: ${count}`);
    key.append(item);
  }
}

function nearest(u, fills) {
  const { left, top } = u.cursor;
  const box = document.getElementById("fill-near");
  box.textContent = "";
  if (left == null || left < 0) return;
  let best = null;
  let close = 14 * 14;
  for (const f of fills) {
    const dx = u.valToPos(f.at, "x") - left;
    const dy = u.valToPos(f.px, "y") - top;
    const far = dx * dx + dy * dy;
    if (far < close) [close, best] = [far, f];
  }
  if (!best) return;
  const why = best.reason || "no reason given";
  box.textContent = `${stamp(best.at)}: ${best.side} ${best.sz} at ${best.px} as ${best.role}, ${why}`;
}

function drawFills(box) {
  const line = data.lines.mid;
  const named = ([t, px, side, role, sz, reason]) => ({ at: seconds(t), px, side, role, sz, reason });
  const fills = data.fills.rows.map(named);
  const none = data.fills.total === 0;
  document.getElementById("fill-key").hidden = none;
  const blind = none ? "No mid was seen and no fill happened." : "Fills happened, but no mid was seen.";
  if (!line.known) return say(box, blind);
  if (!none) fillKey();
  const range = (u, low, high) => {
    const { min, max } = u.scales.x;
    let [a, b] = [low ?? Infinity, high ?? -Infinity];
    for (const f of fills) {
      if (min != null && (f.at < min || f.at > max)) continue;
      a = Math.min(a, f.px);
      b = Math.max(b, f.px);
    }
    if (!Number.isFinite(a)) return [0, 1];
    const room = (b - a) * 0.08 || Math.abs(a) * 0.0005 || 1;
    return [a - room, b + room];
  };
  const marks = (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    // Many marks in little room are drawn small, and grow when one looks closer.
    const seen = fills.filter((f) => f.at >= u.scales.x.min && f.at <= u.scales.x.max);
    const room = bbox.width / devicePixelRatio / Math.max(1, seen.length);
    const size = Math.min(5, Math.max(2.2, 2.2 * room)) * devicePixelRatio;
    for (const f of seen) {
      mark(ctx, u.valToPos(f.at, "x", true), u.valToPos(f.px, "y", true), f.side, f.role, size);
    }
    ctx.restore();
  };
  const drawnWords = data.fills.total > fills.length ? `, of which ${fills.length} are drawn` : "";
  const count = none ? "No fill happened in this run" : `${loose(data.fills.total, 0)} fills${drawnWords}`;
  describe(box, count + "; the line is the mid.");
  const options = timeOptions(box, "USD", "Mid", 8, {
    y: { range },
    series: { stroke: ink("soft"), width: 1 },
    draw: [marks],
    hooks: { setCursor: [(u) => nearest(u, fills)] },
    state: data.active.length > 0,
  });
  options.height = 320;
  plots.set("fills", new uPlot(options, [line.t.map(seconds), line.v], box));
}
