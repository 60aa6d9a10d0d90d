import { h, literal, prose } from "../shared/base.js";
import { chip, mark } from "../shared/parts.js";

/* Options with a letter each. That one is yours, and that it is right, are two marks: the box of
   the letter is filled, and there is a sign at the end. What is said of an option stands in it. */

const LETTERS = "ABCDEFGHIJ";

/** For each option the attributes of its `input`, and how it is `judged`: see `judgement`. */
export function options(item, now, rows, { t, name, as }) {
  const row = ({ input, judged }, n) => {
    const { right = null, given, tag, said } = judged;
    const more = said ? `${name}-${n}` : undefined;
    const told = { "aria-keyshortcuts": LETTERS[n], "aria-describedby": more };
    return h("div", { class: `quiz-option ${kind(judged, now)} ${given ? "quiz-given" : ""}` }, [
      h("label", {}, [
        h("input", { name, ...told, ...input, disabled: now.locked || input.disabled }),
        h("kbd", { "aria-hidden": "true" }, LETTERS[n]),
        h("span", as, text(item.options[n].text, now)),
      ]),
      right !== null &&
        h("span", { class: "quiz-tag s-caption" }, [
          tag && t(tag),
          mark(right, t(right ? "ask.is_right" : "ask.is_wrong")),
        ]),
      said && h("p", { id: more, ...as }, prose(said)),
    ]);
  };
  return h("div", { class: "quiz-options" }, rows.map(row));
}

function kind({ right = null, given }, { done }) {
  if (right === null) return done ? "quiz-off" : "";
  if (!right) return "quiz-wrong";
  return given ? "quiz-right" : "quiz-missed";
}

/** A whole reply is told by its chip, but not before the end: its sign might give an answer away. */
function text(said, { done }) {
  const [, code, rest] = said.match(/^`([2-5]\d\d)( [^`]*)?`$/) ?? [];
  if (!code || !done) return prose(said);
  return [chip(code), rest ? [" ", literal(rest.trim())] : ""];
}

/** How an option is judged that is right or not, and was chosen in some `tries` or in none: whether
    it is `given` now, the `tag` that says when it was, whether it is `right`, and what is `said`.

    Before the end only of what was chosen wrongly anything is told. */
export function judgement(isRight, tries, now) {
  const at = tries.lastIndexOf(true);
  const given = at >= 0 && at === tries.length - 1;
  if (!now.done && !now.failed) return {};
  if (isRight) return now.done ? { given, right: true, tag: given ? tag(at, now) : MISSED } : {};
  return at < 0 ? {} : { given, right: false, tag: tag(at, now) };
}

const MISSED = "ask.missed";

function tag(at, { done, earlier }) {
  if (done && !earlier.length) return "ask.your_answer";
  return at ? "ask.your_second" : "ask.your_first";
}
