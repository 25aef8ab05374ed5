// Twenty frames at once: those that are chosen get the label.
import { by, make, percent, spoken, tone } from "./dom.js";
import { guess, state } from "./state.js";
import { thumbnail } from "./server.js";

/** Show the page of the grid that the state holds. */
export function showGrid(title, onToggle, onOpen) {
  by("grid-title").textContent = title;
  by("tiles").replaceChildren(...state.page.map((frame) => tile(frame, onToggle, onOpen)));
  drawChosen();
}

/** Mark the chosen frames. */
export function drawChosen() {
  for (const element of by("tiles").children) {
    const chosen = state.chosen.has(Number(element.dataset.row));
    element.classList.toggle("chosen", chosen);
    element.setAttribute("aria-pressed", chosen);
  }
  by("grid-count").textContent = `${state.chosen.size} of ${state.page.length} chosen`;
}

function tile(frame, onToggle, onOpen) {
  const image = make("img");
  image.src = thumbnail(frame.row);
  image.alt = `frame ${frame.frame} of ${frame.recording}`;
  const said = frame.label ? make("span", `chip ${tone(frame.label)}`, spoken(frame.label)) : null;
  const answer = guess(frame);
  const guessed = answer ? make("span", "guess", `${answer[0]} ${percent(answer[1])}`) : null;
  const button = make("button", "tile", image, said, make("span", "tick", "✓"), guessed);
  button.dataset.row = frame.row;
  button.title = `${image.alt}; double-click to see it large`;
  button.addEventListener("click", () => onToggle(frame.row));
  button.addEventListener("dblclick", () => onOpen(frame));
  return button;
}
