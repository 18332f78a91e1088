// The charts, on canvases: drawn again when the width, the colours or a choice change.
const boxes = [...document.querySelectorAll("[data-chart]")];
const dark = matchMedia("(prefers-color-scheme: dark)");
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function canvas(box, height) {
  box.replaceChildren();
  const width = Math.max(240, box.clientWidth);
  const c = element("canvas");
  const ratio = window.devicePixelRatio || 1;
  c.width = Math.round(width * ratio);
  c.height = Math.round(height * ratio);
  c.style.height = `${height}px`;
  box.append(c);
  const g = c.getContext("2d");
  g.scale(ratio, ratio);
  g.font = '12px system-ui, "DejaVu Sans", sans-serif';
  g.fillStyle = ink("--ink");
  return { g, width, height };
}

function empty(box, words) {
  box.replaceChildren(element("p", words, "empty"));
  box.dataset.empty = "true";
}

// Blue over grey to orange: told apart without red and green.
function colour(share) {
  const low = [185, 72, 10];
  const middle = [150, 156, 166];
  const high = [31, 95, 191];
  const [a, b, t] = share < 0.5 ? [low, middle, 2 * share] : [middle, high, 2 * share - 1];
  return `rgb(${a.map((x, i) => Math.round(x + (b[i] - x) * t)).join(",")})`;
}

const axisValues = (key) => {
  const all = [...new Set(data.results.map((r) => r.values[key]))];
  return all.every((v) => typeof v === "number") ? all.sort((a, b) => a - b) : all.map(String).sort();
};

// A share in [0, 1] of each result: its place, the best 1.
const merit = new Map(data.results.map((r, i) => [r.id, 1 - i / Math.max(1, data.results.length - 1)]));

function options(select, list, chosen) {
  for (const [value, text] of list) {
    const o = element("option", text);
    o.value = value;
    select.append(o);
  }
  select.value = chosen;
  select.addEventListener("change", drawAll);
}

function bins(key) {
  const all = axisValues(key);
  if (all.length <= 24) return { labels: all.map((v) => show(v, 8)), place: (v) => all.indexOf(v) };
  const [low, high] = [all[0], all[all.length - 1]];
  const width = (high - low) / 12;
  return {
    labels: Array.from({ length: 12 }, (_, i) => show(low + width * (i + 0.5), 4)),
    place: (v) => Math.min(11, Math.floor((v - low) / width)),
  };
}

function drawHeat(box) {
  const [x, y, z] = ["heat-x", "heat-y", "heat-z"].map((id) => byId(id).value);
  const across = bins(x);
  const down = y === "" || y === x ? { labels: [""], place: () => 0 } : bins(y);
  const cells = new Map();
  for (const r of data.results) {
    const at = `${across.place(r.values[x])},${down.place(r.values[y])}`;
    const v = r[z];
    if (v !== null && (!cells.has(at) || cells.get(at) < v)) cells.set(at, v);
  }
  const name = figures.find((f) => f[0] === z)[1];
  byId("heat-words").textContent =
    `${name}, the best over all other swept keys; an empty cell has none.` + (cells.size ? "" : " No set has this figure.");
  if (cells.size === 0) return empty(box, `No set has this figure: ${name}. Choose another one.`);
  const left = Math.min(110, 20 + 7 * Math.max(...down.labels.map((l) => l.length), short(y || x).length));
  const rowHeight = 34;
  const { g, width } = canvas(box, 52 + rowHeight * down.labels.length);
  const cellWidth = (width - left - 8) / across.labels.length;
  const values = [...cells.values()];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  g.textAlign = "center";
  g.textBaseline = "middle";
  down.labels.forEach((_, j) => {
    across.labels.forEach((_, i) => {
      const v = cells.get(`${i},${j}`);
      const [px, py] = [left + i * cellWidth, 8 + j * rowHeight];
      g.fillStyle = v === undefined ? ink("--grid") : colour(high > low ? (v - low) / (high - low) : 0.5);
      g.fillRect(px + 1, py + 1, cellWidth - 2, rowHeight - 2);
      if (v !== undefined && cellWidth > 44) {
        g.fillStyle = "#ffffff";
        g.fillText(show(v, 3), px + cellWidth / 2, py + rowHeight / 2);
      }
    });
  });
  g.fillStyle = ink("--soft");
  const step = Math.max(1, Math.ceil(48 / cellWidth));
  const bottom = 8 + rowHeight * down.labels.length;
  across.labels.forEach((l, i) => {
    if (i % step === 0) g.fillText(l, left + (i + 0.5) * cellWidth, bottom + 12);
  });
  g.fillText(short(x), left + (width - left) / 2, bottom + 32);
  g.textAlign = "right";
  down.labels.forEach((l, j) => g.fillText(l, left - 8, 8 + (j + 0.5) * rowHeight));
  if (y && y !== x) {
    g.textAlign = "left";
    g.fillText(short(y), 0, bottom + 12);
  }
}

function drawParallel(box) {
  const extra = data.results.some((r) => r.objective !== null) ? "objective" : "net_usd";
  const names = [...keys, extra];
  const { g, width, height } = canvas(box, 300);
  const scales = names.map((n, i) => {
    const all = i < keys.length ? axisValues(n) : data.results.map((r) => r[n]).filter((v) => v !== null);
    const numbers = all.every((v) => typeof v === "number");
    const [low, high] = numbers ? [Math.min(...all), Math.max(...all)] : [0, Math.max(1, all.length - 1)];
    return {
      at: (v) => (high > low ? ((numbers ? v : all.indexOf(String(v))) - low) / (high - low) : 0.5),
      ends: numbers ? [show(low, 4), show(high, 4)] : [all[0], all[all.length - 1]],
    };
  });
  const [top, bottom, side] = [30, height - 44, 44];
  const px = (i) => side + (i * (width - 2 * side)) / Math.max(1, names.length - 1);
  const py = (share) => bottom - share * (bottom - top);
  const line = (r, stroke, strength, thick) => {
    g.strokeStyle = stroke;
    g.globalAlpha = strength;
    g.lineWidth = thick;
    g.beginPath();
    let begun = false;
    names.forEach((n, i) => {
      const v = i < keys.length ? r.values[n] : r[n];
      if (v === null) return;
      const [x, y] = [px(i), py(scales[i].at(v))];
      if (begun) g.lineTo(x, y);
      else g.moveTo(x, y);
      begun = true;
    });
    g.stroke();
    g.globalAlpha = 1;
  };
  for (const r of [...data.results].reverse()) line(r, colour(merit.get(r.id)), 0.15 + 0.6 * merit.get(r.id), 1.2);
  line(data.results[0], ink("--ink"), 1, 3);
  g.textAlign = "center";
  names.forEach((n, i) => {
    g.strokeStyle = ink("--line");
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(px(i), top);
    g.lineTo(px(i), bottom);
    g.stroke();
    g.fillStyle = ink("--soft");
    g.textAlign = i === 0 ? "left" : i === names.length - 1 ? "right" : "center";
    const x = i === 0 ? 2 : i === names.length - 1 ? width - 2 : px(i);
    g.fillText(scales[i].ends[1], x, top - 8);
    g.fillText(scales[i].ends[0], x, bottom + 16);
    g.fillStyle = ink("--ink");
    const room = (width - 2 * side) / Math.max(1, names.length - 1) - 6;
    g.fillText(short(n), x, bottom + (i % 2 && room < 90 ? 38 : 32), Math.max(60, room));
  });
}

function drawScatter(box) {
  const k = Number(byId("fold").value || 0);
  if (data.overfitting.folds.length === 0) return empty(box, "The data is too short to hold a part of it out.");
  const both = (r) => r.train[k] !== null && r.test[k] !== null;
  // Where no set has an objective in both windows, net results are all there is to compare.
  const byObjective = data.results.some(both);
  const points = data.results.filter((r) => !byObjective || both(r));
  const x = (r) => (byObjective ? r.train[k] : r.train_net_usd[k]);
  const y = (r) => (byObjective ? r.test[k] : r.test_net_usd[k]);
  const lost = data.results.length - points.length;
  byId("scatter-words").textContent =
    `${byObjective ? "Objective" : "Net result in USD"} of every set where it was chosen and where it was tried; on the line ` +
    "both are equal." +
    (byObjective ? "" : " No set has an objective in both windows.") +
    (lost ? ` ${lost} sets have none in one of the windows.` : "");
  const { g, width, height } = canvas(box, 280);
  const all = points.flatMap((r) => [x(r), y(r)]);
  const pad = (Math.max(...all) - Math.min(...all)) * 0.05 || 1;
  const [low, high] = [Math.min(...all) - pad, Math.max(...all) + pad];
  const px = (v) => 56 + ((v - low) / (high - low)) * (width - 72);
  const py = (v) => height - 40 - ((v - low) / (high - low)) * (height - 56);
  g.strokeStyle = ink("--line");
  g.strokeRect(56, 16, width - 72, height - 56);
  g.beginPath();
  g.moveTo(px(low), py(low));
  g.lineTo(px(high), py(high));
  g.stroke();
  for (const r of points) {
    const chosen = r.id === data.overfitting.folds[k].chosen;
    g.fillStyle = chosen ? ink("--ink") : colour(merit.get(r.id));
    g.beginPath();
    g.arc(px(x(r)), py(y(r)), chosen ? 6 : 4, 0, 2 * Math.PI);
    g.fill();
  }
  g.fillStyle = ink("--soft");
  g.textAlign = "left";
  g.fillText(show(low, 2), 56, height - 24);
  g.fillText("in sample", 56 + (width - 72) / 2 - 30, height - 8);
  g.textAlign = "right";
  g.fillText(show(high, 2), width - 16, height - 24);
  g.fillText(show(high, 2), 50, 26);
  g.fillText(show(low, 2), 50, height - 42);
  g.save();
  g.translate(14, height / 2);
  g.rotate(-Math.PI / 2);
  g.textAlign = "center";
  g.fillText("out of sample", 0, 0);
  g.restore();
}

const charts = { heat: drawHeat, parallel: drawParallel, scatter: drawScatter };

function draw(box) {
  box.dataset.empty = "false";
  charts[box.dataset.chart](box);
  box.dataset.drawn = "true";
}

function drawAll() {
  boxes.forEach(draw);
  document.body.dataset.ready = "true";
}

const axes = keys.map((k) => [k, k]);
options(byId("heat-x"), axes, keys[0]);
options(byId("heat-y"), [...axes, ["", "none"]], keys[1] ?? "");
options(
  byId("heat-z"),
  figures.map((f) => [f[0], f[1]]),
  data.best.objective === null ? "net_usd" : "objective",
);
options(
  byId("fold"),
  data.overfitting.folds.map((_, i) => [`${i}`, `${i + 1}`]),
  "0",
);
dark.addEventListener("change", drawAll);
drawAll();
const widths = new Map(boxes.map((b) => [b, b.clientWidth]));
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.clientWidth === 0 || widths.get(target) === target.clientWidth) continue;
    widths.set(target, target.clientWidth);
    draw(target);
  }
});
boxes.forEach((b) => watch.observe(b));
