import { h } from "../shared/base.js";
import { mark } from "./attempts.js";

/** How a question may stand, and its sign where it was answered. */
export const STATES = {
  open: ["ask.mark_open"],
  begun: ["ask.mark_begun"],
  answered: ["ask.mark_answered", "●"],
  right: ["ask.mark_right", "✓"],
  second: ["ask.mark_second", "✗✓"],
  wrong: ["ask.mark_wrong", "✗"],
};

/** All questions in one line: how far one is, and the way to each of them. The question that is shown
    is the stop for the Tab key; the arrow keys go on from there. */
export function strip({ standings, exam, at }, t, go) {
  const button = (one, n) => {
    const state = mark(one, exam);
    const [key, sign = n + 1] = STATES[state];
    const attributes = {
      class: `quiz-to quiz-is-${state}`,
      "aria-label": t("ask.strip", { number: n + 1, state: t(key) }),
      "aria-current": n === at && "step",
      tabindex: n === Math.min(at, standings.length - 1) ? 0 : -1,
      on: { click: () => go(n) },
    };
    return h("button", attributes, sign);
  };
  const on = { keydown: move };
  const attributes = { class: "quiz-strip", role: "group", "aria-label": t("ask.progress"), on };
  return h("div", attributes, standings.map(button));
}

function move(event) {
  const row = event.currentTarget;
  const from = [...row.children].indexOf(event.target);
  const forward = row.matches("[dir=rtl] *") ? -1 : 1;
  const by = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: 1, ArrowUp: -1 }[event.key];
  const to = { Home: 0, End: row.children.length - 1 }[event.key] ?? from + by;
  if (Number.isNaN(to)) return;
  event.preventDefault();
  row.children[to]?.focus();
}
