"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const frames = data.frames;
const count = frames.name.length;
const JPEG = "data:image/jpeg;base64,";
const PAGE = 60; // frames that a click on "more" adds
const COLOURS = ["#4c8dff", "#e0823d", "#2ea28a", "#d1495b", "#8a63d2", "#c2a21b", "#5b8c3a", "#d46fb0", "#6b7b8c", "#1fa3c4"];

const wrong = (i) => frames.truth[i] !== frames.answer_camera[i];
const place = (i) => frames.source[i] || frames.recording[i];

function element(name, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

// ---- the gallery
const WHICH = { all: () => true, wrong, right: (i) => !wrong(i), unsure: (i) => frames.unsure[i], differ: (i) => frames.answer_float[i] !== frames.answer_camera[i] };
const ORDER = {
  wrong: (a, b) => wrong(b) - wrong(a) || frames.unsure[b] - frames.unsure[a] || frames.score_camera[a] - frames.score_camera[b],
  low: (a, b) => frames.score_camera[a] - frames.score_camera[b],
  high: (a, b) => frames.score_camera[b] - frames.score_camera[a],
  name: (a, b) => (frames.name[a] < frames.name[b] ? -1 : 1),
};
let shown = [];
let visible = PAGE;

function drawHeat(canvas, i) {
  const context = canvas.getContext("2d");
  const picture = context.createImageData(8, 8);
  [...frames.heat[i]].forEach((digit, cell) => {
    const level = parseInt(digit, 16) / 15;
    picture.data.set([255, Math.round(220 * (1 - level)), 0, Math.round(255 * level)], 4 * cell);
  });
  context.putImageData(picture, 0, 0);
}

function card(i, position) {
  const answer = wrong(i) ? element("b", { textContent: frames.answer_camera[i] }) : frames.answer_camera[i];
  const words = wrong(i) ? [answer, ` not ${frames.truth[i]}`] : [answer];
  const canvas = element("canvas", { width: 8, height: 8, hidden: !by("heat").checked });
  drawHeat(canvas, i);
  const picture = element("span", { className: "picture" }, element("img", { src: JPEG + frames.picture[i], alt: frames.name[i], loading: "lazy" }), canvas);
  picture.style.padding = 0;
  const button = element("button", { type: "button", className: `frame${wrong(i) ? " wrong" : ""}${frames.unsure[i] ? " unsure" : ""}`, title: frames.name[i] },
    picture, element("span", {}, ...words, element("br"), frames.score_camera[i].toFixed(2), frames.unsure[i] ? " unsure" : ""));
  button.addEventListener("click", () => open(position));
  return button;
}

function draw() {
  by("gallery").replaceChildren(...shown.slice(0, visible).map(card));
  by("more").hidden = visible >= shown.length;
  const mistakes = shown.filter(wrong).length;
  by("count").textContent = `${shown.length} of ${count} frames, ${mistakes} of them wrong on the camera`;
}

function filter() {
  const chosen = WHICH[by("which").value];
  const fits = (id, value) => !by(id).value || by(id).value === value;
  shown = [...Array(count).keys()].filter((i) => chosen(i) && fits("truth", frames.truth[i]) && fits("answer", frames.answer_camera[i]) && fits("recording", place(i)));
  shown.sort(ORDER[by("order").value]);
  visible = PAGE;
  draw();
}

for (const [id, values] of [["truth", data.classes], ["answer", data.classes], ["recording", [...new Set(frames.name.map((_, i) => place(i)))].sort()]]) {
  by(id).append(...values.map((value) => element("option", { value, textContent: value })));
}
for (const id of ["which", "truth", "answer", "recording", "order"]) by(id).addEventListener("change", filter);
by("heat").addEventListener("change", draw);
by("more").addEventListener("click", () => { visible += PAGE; draw(); });
for (const button of document.querySelectorAll(".confusion button")) {
  button.addEventListener("click", () => {
    by("which").value = "all"; by("recording").value = "";
    by("truth").value = button.dataset.truth; by("answer").value = button.dataset.answer;
    filter();
    by("frames").scrollIntoView();
    by("truth").focus({ preventScroll: true });
  });
}

// ---- one frame, large
const dialog = by("one");
let current = 0;
let heated = false;
function show(position) {
  current = (position + shown.length) % shown.length;
  const i = shown[current];
  dialog.querySelector("img").src = JPEG + frames.picture[i];
  dialog.querySelector("img").alt = frames.name[i];
  const canvas = dialog.querySelector("canvas");
  drawHeat(canvas, i);
  canvas.hidden = !heated;
  const rows = [["frame", frames.name[i]], ["truth", frames.truth[i]], ["camera", `${frames.answer_camera[i]}, ${data.score} ${frames.score_camera[i].toFixed(3)}${frames.unsure[i] ? ", unsure" : ""}`],
    ["float", `${frames.answer_float[i]}, ${frames.score_float[i].toFixed(3)}`], ["shown", `${current + 1} of ${shown.length}`]];
  dialog.querySelector("table").replaceChildren(...rows.map(([name, value]) => element("tr", {}, element("th", { textContent: name }), element("td", { textContent: value }))));
}
function open(position) { show(position); dialog.showModal(); }
function toggleHeat() { heated = !heated; show(current); }
for (const button of dialog.querySelectorAll("[data-step]")) button.addEventListener("click", () => show(current + Number(button.dataset.step)));
dialog.querySelector("[data-heat]").addEventListener("click", toggleHeat);
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight") show(current + 1);
  else if (event.key === "ArrowLeft") show(current - 1);
  else if (event.key === "h") toggleHeat();
});

// ---- plots
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
function layout(more) {
  const axis = { gridcolor: style("--line"), zerolinecolor: style("--line"), automargin: true };
  return { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { color: style("--ink"), family: "system-ui, sans-serif", size: 12 }, margin: { l: 46, r: 12, t: 30, b: 42 },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 }, hoverlabel: { font: { size: 12 } }, modebar: { bgcolor: style("--sheet"), color: style("--soft"), activecolor: style("--ink") }, ...more, xaxis: { ...axis, ...more.xaxis }, yaxis: { ...axis, ...more.yaxis } };
}
// Of Plotly's buttons one would upload the figures.
const CONFIG = { responsive: true, displaylogo: false, plotlyServerURL: "", modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]] };
const plot = (id, traces, more, config = {}) => Plotly.react(id, traces, layout(more), { ...CONFIG, ...config });

function histogram() {
  const low = Math.min(...frames.score_camera), high = Math.max(...frames.score_camera), width = (high - low || 1) / 40;
  const groups = [...new Set(frames.group)];
  const traces = groups.map((name, k) => ({ type: "histogram", name: name || "all", x: frames.score_camera.filter((_, i) => frames.group[i] === name), xbins: { start: low, end: high + width, size: width }, marker: { color: COLOURS[k % COLOURS.length] }, opacity: 0.75 }));
  const limits = Object.entries(data.limits);
  const shapes = limits.map(([, at]) => ({ type: "line", x0: at, x1: at, y0: 0, y1: 1, yref: "paper", line: { color: style("--ink"), dash: "dot", width: 1.5 } }));
  const annotations = limits.map(([name, at], k) => ({ x: at, y: 0.98 - 0.09 * k, yref: "paper", text: `${name} ${at.toFixed(3)}`, showarrow: false, xanchor: at > (low + high) / 2 ? "right" : "left", font: { size: 11 } }));
  plot("histogram", traces, { barmode: "overlay", shapes, annotations, xaxis: { title: { text: data.score } }, yaxis: { title: { text: "frames" } } });
}

function calibration() {
  if (!by("calibration")) return;
  const bins = Array.from({ length: 10 }, () => ({ n: 0, right: 0, score: 0 }));
  for (let i = 0; i < count; i++) {
    const bin = bins[Math.min(9, Math.floor(frames.score_camera[i] * 10))];
    bin.n += 1; bin.right += !wrong(i); bin.score += frames.score_camera[i];
  }
  const full = bins.filter((bin) => bin.n);
  const point = { type: "scatter", mode: "lines+markers", name: "camera", x: full.map((b) => b.score / b.n), y: full.map((b) => b.right / b.n), text: full.map((b) => `${b.right} of ${b.n} right`), marker: { size: full.map((b) => 6 + 18 * Math.sqrt(b.n / count)), color: COLOURS[0] } };
  const line = { type: "scatter", mode: "lines", name: "probability", x: [0, 1], y: [0, 1], line: { dash: "dot", color: style("--soft") }, hoverinfo: "skip" };
  plot("calibration", [line, point], { xaxis: { title: { text: "score" }, range: [0, 1.03] }, yaxis: { title: { text: "share that is right" }, range: [0, 1.05] } });
}

function embedding() {
  const map = data.map, column = map[by("colour").value];
  const traces = [...new Set(column)].sort().map((name, k) => {
    const mine = column.map((value, i) => (value === name ? i : -1)).filter((i) => i >= 0);
    const pale = ["not labelled", "not tested", "neither"].includes(name);
    return { type: "scatter", mode: "markers", name, x: mine.map((i) => map.x[i]), y: mine.map((i) => map.y[i]), customdata: mine, text: mine.map((i) => `${map.name[i]}<br>${map.class[i]}, ${map.split[i]}, ${map.result[i]}`), hoverinfo: "text", marker: { size: 7, color: pale ? style("--soft") : COLOURS[k % COLOURS.length], opacity: pale ? 0.35 : 0.85 } };
  });
  const bare = { showticklabels: false, zeroline: false };
  plot("embedding", traces, { dragmode: "pan", hovermode: "closest", xaxis: bare, yaxis: bare, margin: { l: 8, r: 8, t: 40, b: 12 } }, { scrollZoom: true });
  const target = by("embedding");
  target.removeAllListeners("plotly_hover");
  target.on("plotly_hover", (event) => {
    const i = event.points[0].customdata, image = by("hovered").querySelector("img");
    image.src = JPEG + map.picture[i]; image.alt = map.name[i]; image.hidden = false;
    by("hovered").querySelector("figcaption").textContent = `${map.name[i]}: ${map.class[i]}, ${map.split[i]}, ${map.result[i]}`;
  });
}

function layers() {
  const table = data.layers, kinds = [...new Set(table.operator)];
  by("layers").style.height = `${90 + 22 * table.layer.length}px`;
  const traces = kinds.map((kind, k) => {
    const mine = table.operator.map((value, i) => (value === kind ? i : -1)).filter((i) => i >= 0);
    return { type: "bar", orientation: "h", name: kind, y: mine.map((i) => `${table.layer[i].split(" ")[0]} ${table.shape[i]}`), x: mine.map((i) => table.instructions[i] / 1e6), text: mine.map((i) => `${kind}, ${(table.macs[i] / 1e6).toFixed(3)} M MACs`), hoverinfo: "x+text", textposition: "none", marker: { color: COLOURS[k % COLOURS.length] } };
  });
  const order = table.layer.map((name, i) => `${name.split(" ")[0]} ${table.shape[i]}`);
  plot("layers", traces, { barmode: "stack", xaxis: { title: { text: "million instructions" } }, yaxis: { autorange: "reversed", categoryorder: "array", categoryarray: order, tickfont: { size: 10 } } });
}

function errors() {
  const table = data.errors;
  by("errors").style.height = `${90 + 20 * table.length}px`;
  const bars = { type: "bar", orientation: "h", y: table.map((one) => one.layer), x: table.map((one) => one.sqnr), marker: { color: COLOURS[2] }, hoverinfo: "x+y" };
  plot("errors", [bars], { xaxis: { title: { text: "signal to quantization error (dB)" } }, yaxis: { autorange: "reversed", type: "category", tickfont: { size: 10 } } });
}

function curves() {
  // Both places are there before the first is drawn, which fits its own.
  if (!by("curves").children.length) by("curves").append(...data.curves.map((_, k) => element("div", { id: `curve${k}`, className: "plot" })));
  data.curves.forEach((panel, k) => {
    const traces = panel.lines.map((line, j) => ({ type: "scatter", mode: line.x.length > 1 ? "lines" : "markers", name: line.name, x: line.x, y: line.y, line: { width: 1.6, color: COLOURS[j] } }));
    plot(`curve${k}`, traces, { xaxis: { title: { text: `${panel.title}: epoch` } }, yaxis: { title: { text: panel.measure } } });
  });
}

const plots = () => [histogram, calibration, embedding, layers, errors, curves].forEach((one) => one());
by("colour").addEventListener("change", embedding);
by("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  plots();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", plots);
for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
// On paper there is no filter: the frames that are wrong say most.
addEventListener("beforeprint", () => { if (by("which").value === "all") { by("which").value = "wrong"; filter(); } });
filter();
plots();
document.body.dataset.ready = "";
