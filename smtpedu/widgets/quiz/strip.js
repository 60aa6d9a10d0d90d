import { h } from "../shared/base.js";
import { mark } from "./attempts.js";

/* All questions in one line: how far one is, and the way to each of them. */

const SIGNS = { right: "✓", second: "✗✓", wrong: "✗", answered: "●" };

/** One stop for the Tab key; the arrow keys go on from there. */
export function strip({ standings, exam, at }, t, go) {
  const button = (one, n) => {
    const state = mark(one, exam);
    const name = t("ask.strip", { number: n + 1, state: t(`ask.mark_${state}`) });
    const attributes = {
      class: `quiz-to quiz-is-${state}`,
      "aria-label": name,
      "aria-current": n === at && "step",
      tabindex: n === Math.min(at, standings.length - 1) ? 0 : -1,
      on: { click: () => go(n) },
    };
    return h("button", attributes, SIGNS[state] ?? n + 1);
  };
  const row = h("div", { class: "quiz-strip", role: "group", "aria-label": t("ask.progress") }, [
    standings.map(button),
  ]);
  row.addEventListener("keydown", (event) => move(event, row));
  return row;
}

function move(event, row) {
  const buttons = [...row.children];
  const from = buttons.indexOf(event.target);
  const forward = getComputedStyle(row).direction === "rtl" ? -1 : 1;
  const to = {
    ArrowRight: from + forward,
    ArrowLeft: from - forward,
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    Home: 0,
    End: buttons.length - 1,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  focusOn(row, to);
}

/** Put the focus on the button of a question, which is the one that the Tab key reaches then. */
export function focusOn(row, n) {
  const wanted = row.children[n];
  if (!wanted) return;
  for (const button of row.children) button.tabIndex = button === wanted ? 0 : -1;
  wanted.focus();
}
