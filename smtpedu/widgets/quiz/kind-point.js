import { h } from "../shared/base.js";
import { excerpt } from "./excerpt.js";
import { judgement, responses, sign } from "./judged.js";

/* A line of the dialogue to be pointed at: the dialogue itself is the form. */

export function control(item, now, { t, change, name }) {
  let value = now.failed && now.draft === now.given ? null : now.draft; // not the same once more
  const tries = (number) => responses(now).map((response) => response === number);
  const judged = (number) => judgement(number === now.solution, tries(number), now);
  const point = (number) => {
    const { right, given } = judged(number);
    if (right !== undefined) return sign(right, !right || given, t);
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
    const { right } = judged(line.value);
    if (right !== undefined) line.classList.add(right ? "quiz-right" : "quiz-wrong");
  }
  const find = (selector) => node.querySelector(selector);
  return { node, value: () => value, focus: () => (find(NEAR) ?? find("input"))?.focus() };
}

const NEAR = "input:checked, .quiz-wrong ~ li input"; // to go on from
