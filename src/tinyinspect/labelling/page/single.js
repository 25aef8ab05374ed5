// One frame large, its neighbours in time small.
import { by, make, percent, spoken, tone } from "./dom.js";
import { picture, thumbnail } from "./server.js";
import { order, state } from "./state.js";

/** Show a frame; done when its picture is there, so that a key is never for a picture that nobody has seen. */
export async function showSingle(frame, onNeighbour, onStatement) {
  const image = by("picture");
  if (image.dataset.row !== String(frame.row)) {
    image.src = picture(frame.row);
    image.alt = `frame ${frame.frame} of ${frame.recording}`;
    await image.decode().catch(() => {}); // a damaged picture: the alternative text stands in its place
    image.dataset.row = frame.row;
  }
  const chip = by("label-chip");
  chip.hidden = frame.label === "" && !frame.skipped;
  chip.className = `chip ${tone(frame.label)}`;
  chip.textContent = frame.label ? spoken(frame.label) : "skipped";
  by("place").textContent = [frame.recording, `frame ${frame.frame}`, `${frame.time.toFixed(2)} s`, partOf(frame), doubtOf(frame)]
    .filter(Boolean).join(" · ");
  by("said").textContent = frame.conflict ? "" : frame.said.slice(0, 1).map(saidOf).join("");
  drawConflict(frame, onStatement);
  by("strip").replaceChildren(...frame.neighbours.map((one) => neighbour(one, frame, onNeighbour)));
}

function partOf({ part, reason }) {
  const purpose = { train: "to train on", test: "to test on" }[part];
  return [purpose, reason].filter(Boolean).join(": ");
}

/** Where the order is the model's doubt: between which classes it wavers, or what the teacher says. */
function doubtOf({ suggestion, teacher }) {
  if (order.teacher && state.guesses && teacher) {
    const [name, value] = Object.entries(teacher)[0];
    return `the teacher says ${name} ${percent(value)}`;
  }
  if (!order.unsure || !state.guesses || !suggestion) return "";
  const first = Object.entries(suggestion).slice(0, 2).map(([name, value]) => `${name} ${percent(value)}`);
  return `the model is unsure: ${first.join(", ")}`;
}

function saidOf({ label, by, at, file }) {
  return [spoken(label), by && `by ${by}`, at && when(at), `in ${file}`].filter(Boolean).join(", ");
}

const when = (at) => (Number.isNaN(Date.parse(at)) ? at : new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }));

function neighbour(one, frame, onNeighbour) {
  const image = make("img");
  image.src = thumbnail(one.row);
  image.alt = "";
  const button = make("button", `neighbour ${tone(one.label)} ${one.row === frame.row ? "here" : ""}`, image, make("i"));
  button.title = one.label ? spoken(one.label) : "no label";
  button.dataset.row = one.row;
  button.addEventListener("click", () => onNeighbour(one.row));
  return button;
}

function drawConflict(frame, onStatement) {
  const box = by("conflict");
  box.hidden = !frame.conflict;
  if (!frame.conflict) return;
  const cards = frame.said.map((one) => {
    const details = [one.by || "unknown person", one.at && when(one.at), one.file].filter(Boolean).join(" · ");
    const card = make("button", "statement", make("span", `chip ${tone(one.label)}`, spoken(one.label)), make("span", "small", details));
    card.addEventListener("click", () => onStatement(one.label));
    return card;
  });
  box.replaceChildren(make("strong", "", "The files contradict each other. Which label holds?"), make("div", "row", ...cards));
}
