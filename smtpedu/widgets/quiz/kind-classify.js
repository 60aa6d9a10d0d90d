import { h, prose } from "../shared/base.js";
import { solution } from "./grading.js";
import { sign } from "./judged.js";

/* Things to be sorted: a row for each, a column for each class. */

/** What is said of one cell: right, wrong, or null, which is nothing. What is right is told of the
    cells that were chosen, and in the end of all. */
export function judgement(isRight, isGiven, isDone) {
  if (isGiven) return isRight;
  return isRight && isDone ? true : null;
}

export function control(item, now, { t, change, name, as }) {
  const groups = item.options.map((_, position) => now.draft?.[position] ?? null);
  const key = now.done ? now.solution : now.failed ? solution(item) : null;
  const cell = (position, text) => (title, group) => {
    const isGiven = now.given?.[position] === group;
    const judged = key ? judgement(key[position] === group, isGiven, now.done) : null;
    const choose = () => {
      groups[position] = group;
      change([...groups]);
    };
    const spoken = `${text}: ${title}`.replaceAll("`", "");
    const named = { name: `${name}-${position}`, "aria-label": spoken, lang: as.lang };
    const checked = groups[position] === group;
    const input = h("input", { type: "radio", ...named, checked, on: { change: choose } });
    const label = h("span", { class: "s-aloud", ...as }, prose(title));
    const content = [!now.locked && input, judged !== null && sign(judged, isGiven, t), label];
    return h("td", {}, h(now.locked ? "span" : "label", {}, content));
  };
  const head = (scope, text) => h("th", { scope }, h("span", as, prose(text)));
  const row = ({ text }, position) =>
    h("tr", {}, head("row", text), item.classes.map(cell(position, text)));
  const node = h("table", { class: "quiz-sorting" }, [
    h("thead", {}, h("tr", {}, h("td"), ...item.classes.map((title) => head("col", title)))),
    h("tbody", {}, item.options.map(row)),
  ]);
  return { node, value: () => (groups.includes(null) ? null : [...groups]) };
}
