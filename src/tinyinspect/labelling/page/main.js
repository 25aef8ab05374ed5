// The page: keys and clicks, one after the other, each saved before the next frame is shown.
import { banner, by, toast } from "./dom.js";
import { drawChosen, showGrid } from "./grid.js";
import { drawChoices, drawPanel } from "./panel.js";
import { ask, tell } from "./server.js";
import { showSingle } from "./single.js";
import { current, GRID, guess, learn, load, lookAhead, order, state } from "./state.js";

const POLL_MS = 3000;
const WORKING = ["cluster", "errors", "teacher"]; // orders that take a moment

const actions = {
  accept, undo, skip, similar, toggleGrid, toggleGuess, toggleAll, next, previous, settleByTime,
  bad: () => give(state.session.bad),
  clear: () => give(""),
  showAll: () => choose({ only: "all", label: "", recording: "", part: "" }),
  showUnlabelled: () => choose({ only: "unlabelled" }),
  showConflicts: () => choose({ only: "conflict", order: "time", label: "", recording: "", part: "" }),
};

const KEYS = {
  " ": "accept", Backspace: "undo", s: "skip", b: "bad", 0: "clear", g: "toggleGrid", n: "similar", h: "toggleGuess",
  a: "toggleAll", ArrowRight: "next", ArrowLeft: "previous",
};

// One thing at a time: a key that is pressed while another is being saved waits for it.
let line = Promise.resolve();
function act(work) {
  line = line.then(work).catch((error) => {
    banner.about = "error";
    banner(error.message);
  });
  return line;
}

async function start() {
  state.session = await ask("state");
  drawChoices((label) => act(() => give(label)), (event) => {
    event.target.blur(); // so that keys label again
    act(open);
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  by("help-button").addEventListener("click", () => by("help").showModal());
  setInterval(poll, POLL_MS);
  await open();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || by("help").open || event.target.closest("select, summary")) return;
  if (event.key === "Escape") return void act(back);
  if (event.key === "?") return by("help").showModal();
  const action = actions[KEYS[event.key]];
  const label = event.key >= "1" && event.key <= "9" ? state.session.classes[Number(event.key) - 1] : undefined;
  if (!action && label === undefined) return;
  event.preventDefault();
  // A key that is held down runs through frames and steps back, but labels only once.
  if (event.repeat && !["next", "previous", "undo"].includes(KEYS[event.key])) return;
  act(label === undefined ? action : () => give(label));
}

function onClick(event) {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  button.blur(); // else the space bar would press it again
  act(actions[button.dataset.do]);
}

/** Ask for the list of frames that the choices describe, and show where to begin. */
async function open() {
  const wish = Object.fromEntries(["order", "only", "label", "recording", "part"].map((name) => [name, by(name).value]));
  if (WORKING.includes(wish.order)) toast("looking at all frames …");
  state.queue = await ask("queue", wish);
  order.errors = wish.order === "errors";
  order.unsure = wish.order === "uncertainty";
  order.teacher = wish.order === "teacher";
  Object.assign(state, { frames: new Map(), aside: null, pagesBefore: [], position: state.queue.start });
  if (state.view === "similar") state.view = "single";
  if (wish.order === "cluster" && state.queue.length) state.view = "grid";
  await show();
}

function choose(wanted) {
  for (const [name, value] of Object.entries(wanted)) by(name).value = value;
  return open();
}

/** Draw what the state says. */
async function show() {
  const ended = !state.aside && state.view !== "similar" && state.position >= state.queue.length;
  if (!ended) await (state.view === "single" ? showFrame() : showPage());
  by("single").hidden = ended || state.view !== "single";
  by("grid").hidden = ended || state.view === "single";
  by("end").hidden = !ended;
  if (ended) drawEnd();
  drawPanel();
  document.body.dataset.ready = "yes";
}

async function showFrame() {
  await load(state.position, 1);
  await showSingle(current(), (row) => act(() => look(row)), (label) => act(() => give(label)));
  lookAhead();
}

async function showPage() {
  if (state.view === "grid") {
    await load(state.position, GRID);
    state.page = pageFrom(state.position);
  }
  chooseAlike();
  drawPage();
}

function drawPage() {
  const title = state.view === "similar" ? "Frames that look alike" : `Frames ${state.position + 1} to ${state.position + state.page.length} of ${state.queue.length}`;
  showGrid(title, toggle, (frame) => act(() => enlarge(frame)));
}

/** Up to twenty frames from a position on, all of one cluster. */
function pageFrom(position) {
  const frames = [];
  for (let place = position; place < Math.min(position + GRID, state.queue.length); place++) {
    const frame = state.frames.get(place);
    if (frame.group !== state.frames.get(position).group) break;
    frames.push(frame);
  }
  return frames;
}

/** Frames that look alike are chosen to begin with, others one by one. */
function chooseAlike() {
  const alike = state.view === "similar" || by("order").value === "cluster";
  state.chosen = new Set(alike ? unlabelled() : []);
}

const unlabelled = () => state.page.filter((frame) => frame.label === "").map((frame) => frame.row);

function drawEnd() {
  const { length, done } = state.queue;
  by("end-title").textContent = length ? "That was the last frame of this list" : "No frame is like that";
  by("end-text").textContent = length ? `${done} of ${length} frames have a label. All of it is saved.` : "Choose other frames.";
}

/** Give a label to the frame, or to the chosen frames of the grid. */
function give(label) {
  if (state.view !== "single") return save(Object.fromEntries([...state.chosen].map((row) => [row, label])), "grid");
  const frame = current();
  return frame ? save({ [frame.row]: label }, "key") : undefined;
}

function accept() {
  if (!state.guesses) return toast("suggestions are hidden; h shows them");
  const frames = state.view === "single" ? [current()] : state.page.filter((frame) => state.chosen.has(frame.row));
  const guessed = frames.filter((frame) => frame && guess(frame));
  if (!guessed.length) return toast("there is no suggestion yet");
  return save(Object.fromEntries(guessed.map((frame) => [frame.row, guess(frame)[0]])), "suggestion");
}

async function save(labels, how) {
  const count = Object.keys(labels).length;
  if (!count) return toast("no frame is chosen; click some");
  learn(await tell("label", { labels, how, queue: state.queue.id }));
  for (let frame = 0; frame < count; frame++) state.times.push(Date.now());
  return state.view === "single" ? goOn() : goOnInGrid();
}

async function skip() {
  if (state.view !== "single") return next();
  const frame = current();
  if (!frame) return undefined;
  learn(await tell("skip", { row: frame.row, queue: state.queue.id }));
  return goOn();
}

/** After a frame is done: the next of the list, or back from a frame beside it. */
function goOn() {
  if (state.aside) state.aside = null;
  else state.position++;
  return show();
}

function goOnInGrid() {
  if (unlabelled().length) {
    chooseAlike();
    drawPage();
    return drawPanel();
  }
  return state.view === "similar" ? back() : next();
}

async function undo() {
  const answer = await tell("undo", { queue: state.queue.id });
  if (!answer.kind) return toast("nothing is left to undo");
  learn(answer);
  state.times.pop();
  if (answer.kept) toast("somebody changed that label since: it was left alone");
  if (state.view === "similar") state.view = "single";
  state.aside = answer.position < 0 ? answer.frames[0] ?? null : null;
  if (state.aside) state.view = "single";
  else if (answer.position >= 0) state.position = state.view === "grid" ? pageOf(answer.position) : answer.position;
  return show();
}

/** Where the page of the grid begins that holds a position. */
function pageOf(position) {
  while (state.pagesBefore.length && state.position > position) state.position = state.pagesBefore.pop();
  return Math.min(state.position, position);
}

function next() {
  if (state.view === "similar") return back();
  if (state.aside) return back();
  if (state.view === "grid" && state.page.length) {
    state.pagesBefore.push(state.position);
    state.position += state.page.length;
  } else if (state.position < state.queue.length) state.position++;
  return show();
}

function previous() {
  if (state.aside || state.view === "similar") return back();
  if (state.view === "grid") state.position = state.pagesBefore.pop() ?? Math.max(0, state.position - GRID);
  else state.position = Math.max(0, state.position - 1);
  return show();
}

/** Look at a frame beside the list. */
async function look(row) {
  state.aside = state.frames.get(state.position)?.row === row ? null : await ask("frame", { row });
  return show();
}

function enlarge(frame) {
  const inList = [...state.frames].find(([, one]) => one.row === frame.row);
  if (inList && state.view === "grid") state.position = inList[0];
  else state.aside = frame;
  state.view = "single";
  return show();
}

function back() {
  if (state.view === "similar") state.view = "single";
  state.aside = null;
  return show();
}

async function similar() {
  const frame = state.view === "single" ? current() : state.page.find((one) => state.chosen.has(one.row));
  if (!frame) return undefined;
  state.page = await ask("similar", { row: frame.row });
  state.view = "similar";
  return show();
}

function toggleGrid() {
  state.view = state.view === "single" ? "grid" : "single";
  state.aside = null;
  state.pagesBefore = [];
  return show();
}

function toggle(row) {
  if (!state.chosen.delete(row)) state.chosen.add(row);
  drawChosen();
}

function toggleAll() {
  if (state.view === "single") return;
  const all = state.page.map((frame) => frame.row);
  state.chosen = new Set(state.chosen.size === all.length ? [] : all);
  drawChosen();
}

function toggleGuess() {
  state.guesses = !state.guesses;
  localStorage.setItem("guesses", state.guesses ? "shown" : "hidden");
  if (state.view === "single") return drawPanel();
  const chosen = state.chosen;
  drawPage();
  state.chosen = chosen;
  drawChosen();
  return drawPanel();
}

async function settleByTime() {
  learn(await tell("settle_by_time", { queue: state.queue.id }));
  toast("the newest labels hold; backspace takes it back");
  return show();
}

/** Learn what the model has said meanwhile, and what others changed in the files. */
function poll() {
  if (document.hidden) return;
  act(async () => {
    const before = JSON.stringify([state.session.model.scored, state.session.labelled, state.session.conflicts]);
    Object.assign(state.session, await ask("state"));
    const after = JSON.stringify([state.session.model.scored, state.session.labelled, state.session.conflicts]);
    if (banner.about === "error") banner((banner.about = ""));
    if (before !== after && state.view === "single" && current()) await renew();
    drawPanel();
  });
}

async function renew() {
  const frame = await ask("frame", { row: current().row });
  learn({ ...state.session, done: state.queue.done, frames: [frame] });
  await showFrame();
}

act(start);
