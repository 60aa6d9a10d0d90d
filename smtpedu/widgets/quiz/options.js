import { h, literal, prose } from "../shared/base.js";
import { chip, mark } from "../shared/parts.js";

/* Options with a letter each. That one is yours, and that it is right, are two marks: the box of
   the letter is filled, and there is a sign at the end. What is said of an option stands in it. */

const LETTERS = "ABCDEFGHIJ";

/** `isChosen(position)` and `choose(position, whether)` are what the `type` of input needs. */
export function options(item, now, { t, name }, { type, isChosen, choose }) {
  const tries = [...now.earlier.map(({ response }) => response), now.given];
  const isRadio = type === "radio";
  const row = ({ text, feedback, right: isRight }, n) => {
    const inTries = tries.map((response) => [response].flat().includes(n));
    const isSolution = isRight ?? [now.solution].flat().includes(n);
    const { right, given, tag = "" } = judgement(isSolution, inTries, now);
    const isTold = right !== undefined;
    const kind = isTold
      ? right
        ? given
          ? "right"
          : "missed"
        : "wrong"
      : now.done
        ? "off"
        : "open";
    // In an exam it is not the option that knows what is said of it.
    const said = isTold && (feedback ?? (isRadio && given && now.said[0]));
    const input = h("input", {
      ...{ type, name, checked: isChosen(n), "aria-keyshortcuts": LETTERS[n] },
      "aria-describedby": said && `${name}-${n}`,
      disabled: now.locked || (isRadio && right === false),
      on: { change: (event) => choose(n, event.target.checked) },
    });
    const told = { class: "quiz-tag s-tools s-caption", dir: "auto" };
    const letter = h("kbd", { "aria-hidden": "true" }, LETTERS[n]);
    const when = kind === "missed" && isRadio ? "ask.right_one" : tag;
    const sign = mark(right, t(right ? "ask.is_right" : "ask.is_wrong"));
    return h("div", { class: `quiz-option quiz-${kind} ${given ? "quiz-given" : ""}` }, [
      h("label", {}, input, letter, h("span", {}, shown(text, now))),
      isTold && h("span", told, kind === "missed" ? `✓ ${t(when)}` : [t(when), sign]),
      said ? h("p", { id: `${name}-${n}` }, prose(said)) : null,
    ]);
  };
  return h("div", {}, item.options.map(row));
}

/** A whole reply is told by its chip, but not before the end: its sign might give an answer away. */
function shown(text, { done }) {
  const [, code, rest = ""] = text.match(/^`([2-5]\d\d)( [^`]*)?`$/) ?? [];
  return code && done ? [chip(code), " ", rest && literal(rest.trim())] : prose(text);
}

/** What is told of an option that is right or not, and was chosen in some `tries` or in none:
    whether it is `given` now, the `tag` that says when it was, whether it is `right`.

    Before the end only what was chosen wrongly is told. */
export function judgement(isRight, tries, { done, failed, earlier }) {
  const at = tries.lastIndexOf(true);
  const given = at >= 0 && at === tries.length - 1;
  const when = at ? "ask.your_second" : "ask.your_first";
  const tag = done && !earlier.length ? "ask.your_answer" : when;
  if (isRight && done) return { given, right: true, tag: given ? tag : "ask.missed" };
  return isRight || at < 0 || !(done || failed) ? {} : { given, right: false, tag };
}
