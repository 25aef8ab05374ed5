// What stands around the frames: classes, progress, pace, suggestion, and which frames are shown.
import { banner, by, make, percent, tone } from "./dom.js";
import { current, guess, order, state } from "./state.js";

const ORDERS = {
  selection: "selected frames", time: "as filmed", uncertainty: "model unsure first",
  cluster: "look-alikes together", teacher: "teacher disagrees", errors: "doubtful labels",
};
const ONLY = {
  all: "all frames", unlabelled: "without a label", skipped: "skipped", conflict: "in conflict",
  disagrees: "model disagrees", unsure: "unsure on the camera",
};
const PACE_SECONDS = 60;

/** Make the class buttons and the choices, once. */
export function drawChoices(onClass, onChoice) {
  const { session } = state;
  by("classes").replaceChildren(...session.classes.map((name, place) => classButton(name, place, onClass)));
  fill("order", session.orders.map((one) => [one, ORDERS[one]]));
  fill("only", session.only.map((one) => [one, ONLY[one]]));
  fill("label", [["", "any"], ...session.classes.map((one) => [one, one]), [session.bad, "bad frame"]]);
  fill("recording", [["", "all"], ...session.recordings.map((one) => [one, one])]);
  fill("part", [["", "all frames"], ...Object.entries(session.parts).map(([part, count]) => [part, `to ${part} on (${count})`])]);
  for (const name of ["order", "only", "label", "recording", "part"]) by(name).addEventListener("change", onChoice);
  by("who").textContent = `labels by ${session.by}`;
  if (window.innerWidth <= 820) by("choose").open = false;
}

function classButton(name, place, onClass) {
  const key = place < 9 ? make("kbd", "", String(place + 1)) : null;
  const button = make("button", `class tone${place % 9}`, key, make("span", "name", name), make("span", "count", ""));
  button.dataset.label = name;
  button.addEventListener("click", () => onClass(name));
  return button;
}

function fill(id, choices) {
  by(id).replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
  by(id).closest("label").hidden = choices.length < 2;
}

/** Bring all of it up to the state. */
export function drawPanel() {
  const { session, queue } = state;
  by("bar").style.width = `${queue.length ? (100 * queue.done) / queue.length : 0}%`;
  const place = state.view === "single" && !state.aside ? `${Math.min(state.position + 1, queue.length)} of ${queue.length}, ` : "";
  by("done").textContent = `${place}${queue.done} labelled`;
  by("pace").textContent = pace();
  const frame = state.view === "single" ? current() : null;
  for (const button of by("classes").children) {
    button.querySelector(".count").textContent = session.counts[button.dataset.label];
    button.classList.toggle("on", frame?.label === button.dataset.label);
  }
  by("grid-button").firstChild.textContent = state.view === "single" ? "grid " : "one frame ";
  by("guess-button").textContent = state.guesses ? "hide suggestions (h)" : "show suggestions (h)";
  drawSuggestion(frame);
  drawModel();
  drawWaiting();
}

function drawSuggestion(frame) {
  const answer = frame && guess(frame);
  by("suggestion").hidden = !answer;
  if (answer) {
    const who = order.errors && frame.doubt ? "the other labels say" : "the model says";
    by("guess").replaceChildren(make("div", "quiet small", who), make("span", `chip ${tone(answer[0])}`, answer[0]), ` ${percent(answer[1])}`);
  }
  const scores = state.guesses && frame?.camera ? Object.entries(frame.camera) : [];
  by("camera").hidden = !scores.length;
  by("camera").textContent = `on the camera: ${scores.map(([name, value]) => `${name} ${value.toFixed(2)}`).join(", ")}`;
}

function drawModel() {
  const { note, scored, frames } = state.session.model;
  const busy = scored < frames ? `The model has looked at ${scored} of ${frames} frames.` : "";
  by("model").textContent = note ? `Suggestions: ${note}` : busy;
}

function drawWaiting() {
  const { conflicts } = state.session;
  if (!conflicts) return banner.about === "conflicts" && hideConflicts();
  banner.about = "conflicts";
  const show = make("button", "", "show them");
  show.dataset.do = "showConflicts";
  const newest = make("button", "", "the newest label holds in all");
  newest.dataset.do = "settleByTime";
  const frames = conflicts === 1 ? "1 frame has labels" : `${conflicts} frames have labels`;
  banner(`${frames} that contradict each other. The pipeline waits until you choose.`, show, newest);
}

function hideConflicts() {
  banner.about = "";
  banner("");
}

/** Frames a minute over the last minute of work, and how long the rest takes at that pace. */
function pace() {
  const now = Date.now();
  state.times = state.times.filter((time) => now - time < PACE_SECONDS * 1000);
  if (state.times.length < 2) return "";
  const seconds = Math.max((now - state.times[0]) / 1000, 1);
  const minute = Math.round((60 * state.times.length) / seconds);
  const left = Math.ceil((state.queue.length - state.queue.done) / Math.max(minute, 1));
  return `${minute} a minute${left ? `, about ${left} min left` : ""}`;
}

