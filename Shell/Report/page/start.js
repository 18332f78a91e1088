// Draws every chart, and draws again when the width or the colours of the page change.
function draw(box) {
  const name = box.dataset.chart;
  plots.get(name)?.destroy();
  plots.delete(name);
  if (name in lines) drawLine(box, name);
  else if (name === "fills") drawFills(box);
  else if (name === "markout") drawMarkout(box);
  else drawBars(box, name);
}

function drawAll() {
  inks.clear();
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
