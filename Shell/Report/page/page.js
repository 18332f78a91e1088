"use strict";
// Draws the charts of the report from the data embedded in the page. Nothing is fetched.
(() => {
  const data = JSON.parse(document.getElementById("run-data").textContent);
  const boxes = [...document.querySelectorAll("[data-chart]")];
  const plots = new Map();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const seconds = (ms) => (data.t0_ms + ms) / 1000;
  const gaps = data.gaps.map(([a, b]) => [seconds(a), seconds(b)]);
  const active = data.active.map(([a, b]) => [seconds(a), seconds(b)]);
  const utc = (s) => new Date(s * 1000).toISOString();
  const stamp = (s) => utc(s).slice(0, 23).replace("T", " ") + " UTC";

  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const font = () => "12px " + getComputedStyle(document.body).fontFamily;
  const minus = (text) => text.replace("-", "\u2212");
  const fixed = (v, digits) =>
    minus(v.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const loose = (v, digits) => minus(v.toLocaleString("en-US", { maximumFractionDigits: digits }));

  const lines = {
    equity: { label: "Equity", unit: "USD", digits: 4, none: "The equity was never sampled." },
    position: { label: "Position", digits: 8, stepped: true, none: "The position was never sampled." },
    spread: { label: "Spread", unit: "ticks", digits: 2, none: "No spread was seen." },
    dob: { label: "DoB", digits: 6, none: "No depth was seen." },
    period: { label: "Period", unit: "s", digits: 3, state: true, none: "No rotation period was ever found." },
    phase: { label: "Phase", unit: "cycles", digits: 3, state: true, dots: true, range: [0, 1], none: "No rotation phase was ever known." },
    p: { label: "p", digits: 6, state: true, log: true, none: "No p-value was ever known." },
  };
  const bars = {
    exit: { unit: "USD", digits: 4, none: "No closed trade, so there is nothing to split by reason." },
    side: { unit: "USD", digits: 4, none: "No closed trade, so there is nothing to split by side." },
    skips: { unit: "decisions", digits: 0, none: "No decision was left out." },
  };

  // One label per split: the clock, and below it the day where it changes.
  function clock(u, splits, axis, space, step) {
    let day = "";
    return splits.map((s) => {
      if (s == null) return "";
      const text = utc(s);
      const time = step < 1 ? text.slice(11, 23) : step < 60 ? text.slice(11, 19) : text.slice(11, 16);
      const changed = text.slice(0, 10) !== day;
      day = text.slice(0, 10);
      return changed ? time + "\n" + day : time;
    });
  }

  function widest(u, values, axis, cycle) {
    const a = u.axes[axis];
    if (cycle > 1) return a._size;
    u.ctx.font = a.font[0];
    const width = Math.max(0, ...(values ?? []).map((v) => u.ctx.measureText(v ?? "").width / devicePixelRatio));
    return Math.max(64, Math.ceil(width + a.ticks.size + a.gap + 4));
  }

  function axisStyle() {
    return {
      stroke: ink("soft"),
      font: font(),
      grid: { stroke: ink("grid"), width: 1 },
      ticks: { stroke: ink("grid"), width: 1, size: 6 },
    };
  }

  function timeAxes(log) {
    const numbers = (u, splits, axis, space, step) => {
      const digits = Math.min(8, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
      return splits.map((v) => (v == null ? "" : log ? String(Number(v.toPrecision(2))) : fixed(v, digits)));
    };
    return [
      { ...axisStyle(), values: clock, space: 90, size: 44 },
      { ...axisStyle(), values: numbers, size: widest },
    ];
  }

  // Gaps are grey on every chart over time; ACTIVE is green, with a bar on top, so that colour alone does not carry it.
  function shade(withState) {
    return (u) => {
      const { ctx, bbox } = u;
      const strip = (spans, fill, edge) => {
        for (const [from, to] of spans) {
          if (to < u.scales.x.min || from > u.scales.x.max) continue;
          const a = Math.max(bbox.left, u.valToPos(from, "x", true));
          const b = Math.min(bbox.left + bbox.width, u.valToPos(to, "x", true));
          const width = Math.max(1, b - a);
          ctx.fillStyle = fill;
          ctx.fillRect(a, bbox.top, width, bbox.height);
          if (edge) {
            ctx.fillStyle = edge;
            ctx.fillRect(a, bbox.top, width, 4 * devicePixelRatio);
          }
        }
      };
      ctx.save();
      strip(gaps, ink("gap"));
      if (withState) strip(active, ink("active"), ink("active-edge"));
      ctx.restore();
    };
  }

  function timeOptions(box, unit, label, digits, more) {
    const written = (u, v) => (v == null ? "\u2013" : loose(v, digits) + (unit ? " " + unit : ""));
    return {
      width: box.clientWidth,
      height: 220,
      padding: [10, 12, 0, 0],
      cursor: { sync: { key: "run", scales: ["x", null] }, drag: { x: true, y: false } },
      scales: { x: { time: true }, y: more.y ?? {} },
      axes: timeAxes(more.log),
      series: [
        { label: "Time", value: (u, v) => (v == null ? "\u2013" : stamp(v)) },
        { label, value: written, stroke: ink("main"), width: 1.5, points: { show: false }, spanGaps: false, ...more.series },
      ],
      hooks: { drawClear: [shade(more.state)], draw: [() => drawn(box), ...(more.draw ?? [])], ...(more.hooks ?? {}) },
    };
  }

  function describe(box, text) {
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", text);
    const caption = box.closest("figure").querySelector("figcaption");
    caption.textContent = text;
  }

  function say(box, text) {
    const p = document.createElement("p");
    p.className = "empty";
    p.textContent = text;
    box.replaceChildren(p);
    box.dataset.empty = "true";
    drawn(box);
  }

  function drawn(box) {
    box.dataset.drawn = "true";
    if (boxes.every((b) => b.dataset.drawn === "true")) document.body.dataset.ready = "true";
  }

  function stateWords() {
    if (!data.active_known) return " The state of the gate was not recorded.";
    const sum = active.reduce((total, [a, b]) => total + b - a, 0);
    const whole = Math.max(1e-9, data.end_ms / 1000);
    if (sum === 0) return " Never ACTIVE.";
    return ` ACTIVE for ${loose(sum / 60, 1)} min, ${loose((100 * sum) / whole, 1)} % of the span.`;
  }

  function drawLine(box, name) {
    const kind = lines[name];
    const line = data.lines[name];
    const unit = kind.unit ?? box.dataset.unit ?? "";
    if (!line.known) return say(box, kind.none);
    const floor = 1e-9;
    const values = kind.log ? line.v.map((v) => (v == null ? null : Math.max(v, floor))) : line.v;
    const known = values.filter((v) => v != null);
    let low = Infinity;
    let high = -Infinity;
    for (const v of known) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    const series = {};
    if (kind.stepped) series.paths = uPlot.paths.stepped({ align: 1 });
    if (kind.dots) {
      series.paths = () => null;
      series.points = { show: true, size: 3, width: 0, fill: ink("main") };
    }
    const y = {};
    if (kind.range) y.range = kind.range;
    if (low === high && !kind.range && !kind.log) {
      const around = Math.abs(low) * 0.001 || 1;
      y.range = [low - around, high + around];
    }
    if (kind.log) {
      y.distr = 3;
      y.range = [Math.min(0.001, low / 2), 1.2];
    }
    const last = known[known.length - 1];
    const say1 = (v) => loose(v, kind.digits) + (unit ? " " + unit : "");
    const thinned = !line.thinned ? "" : kind.dots ? " Every n-th sample is drawn." : " Thinned: the extremes of each stretch are drawn.";
    describe(
      box,
      `${kind.label}: lowest ${say1(low)}, highest ${say1(high)}, last ${say1(last)}.` +
        (kind.state ? stateWords() : "") + thinned,
    );
    const options = timeOptions(box, unit, kind.label, kind.digits, { y, series, state: kind.state, log: kind.log });
    plots.set(name, new uPlot(options, [line.t.map(seconds), values], box));
  }

  // A buy points up, a sell points down; a maker is filled, a taker is hollow.
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
    if (best) box.textContent = `${stamp(best.at)}: ${best.side} ${best.sz} at ${best.px} as ${best.role}, ${best.reason || "no reason given"}`;
  }

  function drawFills(box) {
    const line = data.lines.mid;
    const fills = data.fills.rows.map(([t, px, side, role, sz, reason]) => ({ at: seconds(t), px, side, role, sz, reason }));
    const none = data.fills.total === 0;
    document.getElementById("fill-key").hidden = none;
    if (!line.known) return say(box, none ? "No mid was seen and no fill happened." : "No mid was seen, so the fills have no line to stand on.");
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
      for (const f of fills) {
        if (f.at < u.scales.x.min || f.at > u.scales.x.max) continue;
        mark(ctx, u.valToPos(f.at, "x", true), u.valToPos(f.px, "y", true), f.side, f.role, 5 * devicePixelRatio);
      }
      ctx.restore();
    };
    const drawnWords = data.fills.total > fills.length ? `, of which ${fills.length} are drawn` : "";
    describe(box, none ? "No fill happened in this run; the line is the mid." : `${loose(data.fills.total, 0)} fills${drawnWords}; the line is the mid.`);
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

  function shorten(ctx, text, room) {
    if (ctx.measureText(text).width <= room) return text;
    let kept = text;
    while (kept.length > 1 && ctx.measureText(kept + "\u2026").width > room) kept = kept.slice(0, -1);
    return kept + "\u2026";
  }

  // Bars lie on their side, so that long names stay readable on a narrow screen; the table below holds them whole.
  function drawBars(box, name) {
    const kind = bars[name];
    const rows = data.bars[name].slice(0, 20);
    if (rows.length === 0) return say(box, kind.none);
    const values = rows.map((r) => r[1]);
    const measure = document.createElement("canvas").getContext("2d");
    measure.font = font();
    const room = Math.min(box.clientWidth * 0.42, 16 + Math.max(...rows.map((r) => measure.measureText(r[0]).width)));
    const labels = rows.map((r) => shorten(measure, r[0], room - 14));
    const written = values.map((v) => loose(v, kind.digits));
    const low = Math.min(0, ...values);
    const high = Math.max(0, ...values);
    const plot = Math.max(60, box.clientWidth - room - 20);
    const text = Math.max(...written.map((w) => measure.measureText(w).width)) + 12;
    const extra = ((high - low || 1) * text) / Math.max(40, plot - text * (low < 0 && high > 0 ? 2 : 1));
    const bar = (colour, pick) => ({
      fill: ink(colour), stroke: ink(colour), width: 0, points: { show: false },
      paths: uPlot.paths.bars({ size: [0.62, 26] }), value: () => "", label: pick,
    });
    const write = (u) => {
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
    const numbers = (u, splits) => splits.map((v) => (v == null ? "" : loose(v, 6)));
    const options = {
      width: box.clientWidth,
      height: 34 * rows.length + 60,
      padding: [6, 12, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, ori: 1, dir: -1, range: [-0.5, rows.length - 0.5] },
        y: { ori: 0, dir: 1, range: [low < 0 ? low - extra : 0, high > 0 || low === 0 ? high + extra : 0] },
      },
      axes: [
        { ...axisStyle(), scale: "x", side: 3, size: room, gap: 6, splits: () => rows.map((r, i) => i), values: () => labels, grid: { show: false }, ticks: { show: false, size: 0 } },
        { ...axisStyle(), scale: "y", side: 2, size: 48, space: 80, values: numbers, label: kind.unit, labelSize: 18, labelFont: font() },
      ],
      series: [{ label: "name" }, bar(name === "skips" ? "main" : "gain", "gain"), bar("loss", "loss")],
      hooks: { draw: [() => drawn(box), write] },
    };
    const hidden = data.bars[name].length - rows.length;
    describe(box, rows.map((r, i) => `${r[0]} ${written[i]} ${kind.unit}`).slice(0, 3).join("; ") + (rows.length > 3 ? "; \u2026" : "") + (hidden > 0 ? ` ${hidden} more stand in the table.` : ""));
    plots.set(name, new uPlot(options, [rows.map((r, i) => i), values.map((v) => (v >= 0 ? v : null)), values.map((v) => (v < 0 ? v : null))], box));
  }

  function draw(box) {
    const name = box.dataset.chart;
    plots.get(name)?.destroy();
    plots.delete(name);
    if (name in lines) drawLine(box, name);
    else if (name === "fills") drawFills(box);
    else drawBars(box, name);
  }

  function drawAll() {
    delete document.body.dataset.ready;
    for (const box of boxes) box.dataset.drawn = "false";
    boxes.forEach(draw);
  }

  const widths = new Map(boxes.map((b) => [b, b.clientWidth]));
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const width = target.clientWidth;
      if (width === 0 || widths.get(target) === width) continue;
      widths.set(target, width);
      const plot = plots.get(target.dataset.chart);
      if (target.dataset.chart in bars) draw(target);
      else if (plot) plot.setSize({ width, height: plot.height });
    }
  });
  dark.addEventListener("change", drawAll);
  drawAll();
  boxes.forEach((b) => watch.observe(b));
})();
