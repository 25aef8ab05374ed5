// What the page knows: the session, the list of frames, and where in it the person is.
import { ask, picture } from "./server.js";

export const GRID = 20;
const CHUNK = 60;
const AHEAD = 8; // pictures fetched before they are looked at

export const state = {
  session: null, // see Session.state
  queue: { id: 0, length: 0, start: 0, done: 0 },
  frames: new Map(), // position in the queue -> frame
  position: 0,
  view: "single", // or "grid", or "similar": look-alikes of one frame
  aside: null, // a frame outside of the queue that is looked at
  page: [], // frames of the grid
  chosen: new Set(), // rows of the grid that a key labels
  pagesBefore: [], // where the pages of the grid before this one began
  guesses: localStorage.getItem("guesses") !== "hidden",
  times: [], // when frames were labelled, for the pace
};

/** The frame that a key labels, null at the end of the list. */
export const current = () => state.aside ?? state.frames.get(state.position) ?? null;

/** Have the frames of some positions at hand. */
export async function load(from, count) {
  const end = Math.min(from + count, state.queue.length);
  for (let position = Math.max(from, 0); position < end; position++) {
    if (state.frames.has(position)) continue;
    const { id } = state.queue;
    const frames = await ask("frames", { queue: id, begin: position, count: CHUNK });
    if (id !== state.queue.id) return;
    frames.forEach((frame, offset) => state.frames.set(position + offset, frame));
  }
}

/** Fetch what comes next while the person looks at what is there. */
export function lookAhead() {
  load(state.position, AHEAD + GRID).then(() => {
    for (let step = 1; step <= AHEAD; step++) {
      const frame = state.frames.get(state.position + step);
      if (frame) new Image().src = picture(frame.row);
    }
  }, () => {}); // the next key says what is wrong
}

/** Take over frames and counts that the server sent after a change. */
export function learn(answer) {
  Object.assign(state.session, answer);
  state.queue.done = answer.done;
  const changed = new Map(answer.frames.map((frame) => [frame.row, frame]));
  const renew = (frame) => (changed.has(frame.row) ? { ...changed.get(frame.row), group: frame.group } : frame);
  for (const [position, frame] of state.frames) state.frames.set(position, relabelled(renew(frame), changed));
  state.page = state.page.map(renew);
  if (state.aside) state.aside = renew(state.aside);
}

function relabelled(frame, changed) {
  const neighbours = frame.neighbours.map((one) => ({ ...one, label: changed.get(one.row)?.label ?? one.label }));
  return { ...frame, neighbours };
}

/** What is suggested for a frame, as [label, probability], or null. */
export function guess(frame) {
  const of = (order.errors && frame.doubt) || frame.suggestion;
  return state.guesses && of ? Object.entries(of)[0] : null;
}

/** Which order is looked at matters to what is suggested. */
export const order = { errors: false, unsure: false, teacher: false };
