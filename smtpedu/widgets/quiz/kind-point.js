import { h } from "../shared/base.js";
import { excerpt } from "./excerpt.js";
import { sign } from "./sign.js";

/* A line of the dialogue to be pointed at: the dialogue itself is the form. */

/** What is said of a line: right, wrong, or null, which is nothing yet. */
export function judgement(number, { given, earlier, solution, done, failed }) {
  if (done && number === solution) return true;
  const isGiven = given === number || earlier.some(({ response }) => response === number);
  return isGiven && (done || failed) ? false : null;
}

export function control(item, now, { t, change, name }) {
  let value = now.failed && now.draft === now.given ? null : now.draft; // not the same once more
  const point = (number) => {
    const judged = judgement(number, now);
    if (judged !== null) return sign(judged, !judged || number === now.given, t);
    const choose = () => {
      value = number;
      change(value);
    };
    const input = { type: "radio", name, checked: value === number, on: { change: choose } };
    return now.locked ? null : h("input", input);
  };
  const node = excerpt(item, t, point);
  node.classList.add("quiz-lines");
  for (const line of node.children) {
    const judged = judgement(line.value, now);
    if (judged !== null) line.classList.add(judged ? "quiz-right" : "quiz-wrong");
  }
  const find = (selector) => node.querySelector(selector);
  return { node, value: () => value, focus: () => (find(NEAR) ?? find("input"))?.focus() };
}

const NEAR = "input:checked, .quiz-wrong ~ li input"; // to go on from
