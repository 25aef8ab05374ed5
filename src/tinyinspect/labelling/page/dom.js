// Small helpers over the document; nothing is ever put in as HTML, so a name in a file is only ever text.
import { state } from "./state.js";

export const by = (id) => document.getElementById(id);

/** An element with a class, text or children. */
export function make(tag, name = "", ...inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside.filter((one) => one !== null));
  return element;
}

/** The CSS class that gives a label its colour. */
export function tone(label) {
  if (label === "") return "";
  const place = state.session.classes.indexOf(label);
  return place < 0 ? "tonebad" : `tone${place % 9}`;
}

/** A label as people read it. */
export const spoken = (label) => (label === state.session.bad ? "bad frame" : label);

export const percent = (value) => `${Math.round(value * 100)} %`;

/** A short message that goes away by itself. */
export function toast(text) {
  const element = by("toast");
  element.textContent = text;
  element.classList.add("on");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => element.classList.remove("on"), 2200);
}

/** A message that stays: what is wrong, or what waits to be done. */
export function banner(text, ...buttons) {
  by("banner").hidden = !text;
  by("banner").replaceChildren(make("span", "", text), ...buttons);
}
