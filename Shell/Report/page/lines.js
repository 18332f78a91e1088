// Charts over time, one line each.
const lines = {
  equity: { label: "Equity", unit: "USD", digits: 4, none: "The equity was never sampled." },
  position: { label: "Position", digits: 8, stepped: true, none: "The position was never sampled." },
  spread: { label: "Spread", unit: "ticks", digits: 2, none: "No spread was seen." },
  dob: { label: "DoB", digits: 6, none: "No depth was seen." },
  period: { label: "Period", unit: "s", digits: 3, state: true, none: "No rotation period was ever found." },
  phase: {
    label: "Phase",
    unit: "cycles",
    digits: 3,
    state: true,
    round: true,
    range: [0, 1],
    none: "No rotation phase was ever known.",
  },
  p: { label: "p", digits: 6, state: true, log: true, none: "No p-value was ever known." },
};

// The least number of decimals in which a step is exact: 2.5 needs one, or every other label would be wrong.
function digitsOf(step) {
  let digits = 0;
  while (digits < 8 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits += 1;
  return digits;
}

// A value that goes round falls back to 0: the line is broken there instead of being drawn down.
function rounds(times, values) {
  const t = [];
  const v = [];
  values.forEach((value, i) => {
    if (i > 0 && value != null && values[i - 1] != null && value < values[i - 1]) {
      t.push((times[i - 1] + times[i]) / 2);
      v.push(null);
    }
    t.push(times[i]);
    v.push(value);
  });
  return [t, v];
}

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

// At most five lines, each a decade: all of their parts would be a grey wall.
function decades(u, axis, least, most) {
  const [a, b] = [Math.ceil(Math.log10(least) - 1e-9), Math.floor(Math.log10(most) + 1e-9)];
  const step = Math.max(1, Math.ceil((b - a) / 4));
  const found = [];
  for (let k = b; k >= a; k -= step) found.unshift(Number(`1e${k}`));
  return found;
}

function timeAxes(log) {
  const numbers = (u, splits, axis, space, step) => {
    const digits = digitsOf(step);
    return splits.map((v) => (v == null ? "" : log ? String(Number(v.toPrecision(2))) : fixed(v, digits)));
  };
  return [
    { ...axisStyle(), values: clock, space: 90, size: 44 },
    { ...axisStyle(), values: numbers, size: widest, ...(log ? { splits: decades, filter: (u, s) => s } : {}) },
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
    padding: [10, 38, 0, 0],
    cursor: { sync: { key: "run", scales: ["x", null] }, drag: { x: true, y: false } },
    scales: { x: { time: true }, y: more.y ?? {} },
    axes: timeAxes(more.log),
    series: [
      { label: "Time", value: (u, v) => (v == null ? "\u2013" : stamp(v)) },
      { label, value: written, stroke: ink("main"), width: 1.5, points: { show: false }, ...more.series },
    ],
    hooks: { drawClear: [shade(more.state)], draw: [() => drawn(box), ...(more.draw ?? [])], ...(more.hooks ?? {}) },
  };
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
  const word = (v) => (v === 1 && unit === "ticks" ? "tick" : unit);
  const say1 = (v) => (loose(v, kind.digits) + " " + word(v)).trimEnd();
  const thinned = line.thinned ? " Thinned: the extremes of each stretch are drawn." : "";
  const goesRound = kind.round ? " It goes round once a period: drag across a minute to see single rounds." : "";
  describe(
    box,
    `${kind.label}: lowest ${say1(low)}, highest ${say1(high)}, last ${say1(last)}.` +
      (kind.state ? stateWords() : "") + goesRound + thinned,
  );
  const options = timeOptions(box, unit, kind.label, kind.digits, { y, series, state: kind.state, log: kind.log });
  const times = line.t.map(seconds);
  plots.set(name, new uPlot(options, kind.round && !line.thinned ? rounds(times, values) : [times, values], box));
}
