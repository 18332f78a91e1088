"use strict";
// The page's own program, in parts that share one scope: this one holds the data and what all charts need.
const data = JSON.parse(document.getElementById("run-data").textContent);
const boxes = [...document.querySelectorAll("[data-chart]")];
const plots = new Map();
const dark = matchMedia("(prefers-color-scheme: dark)");
const seconds = (ms) => (data.t0_ms + ms) / 1000;
const gaps = data.gaps.map(([a, b]) => [seconds(a), seconds(b)]);
const active = data.active.map(([a, b]) => [seconds(a), seconds(b)]);
const utc = (s) => new Date(s * 1000).toISOString();
const stamp = (s) => utc(s).slice(0, 23).replace("T", " ") + " UTC";

// A colour of the style sheet, asked once for each light and dark: markers ask thousands of times.
const inks = new Map();
function ink(name) {
  if (!inks.has(name)) inks.set(name, getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim());
  return inks.get(name);
}
const font = () => "12px " + getComputedStyle(document.body).fontFamily;
const minus = (text) => (/[1-9]/.test(text) ? text.replace("-", "\u2212") : text.replace("-", ""));
const fixed = (v, digits) =>
  minus(v.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const loose = (v, digits) => minus(v.toLocaleString("en-US", { maximumFractionDigits: digits }));

function axisStyle() {
  return {
    stroke: ink("soft"),
    font: font(),
    grid: { stroke: ink("grid"), width: 1 },
    ticks: { stroke: ink("grid"), width: 1, size: 6 },
  };
}

function describe(box, text, caption = text) {
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", text);
  box.closest("figure").querySelector("figcaption").textContent = caption;
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
