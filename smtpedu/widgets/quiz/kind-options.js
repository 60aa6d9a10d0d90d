import { h, literal, prose } from "../shared/base.js";
import { chip, mark } from "../shared/parts.js";
import { judgement, responses } from "./judged.js";

/* Options with a letter each: one is right, or several are. That one is yours, and that it is
   right, are two marks: the box of the letter is filled, and there is a sign at the end. What is
   said of an option stands in it. */

const LETTERS = "ABCDEFGHIJ";

/** What was wrong, where one is right, cannot be chosen again. */
export function control(item, now, tools) {
  const isSeveral = item.kind === "choices";
  const isOver = !isSeveral && now.failed && now.draft === now.given;
  let chosen = isOver ? [] : [now.draft ?? []].flat();
  const value = () =>
    isSeveral && chosen.length ? chosen.toSorted((a, b) => a - b) : (chosen[0] ?? null);
  const choose = (position, isChosen) => {
    const others = isSeveral ? chosen.filter((one) => one !== position) : [];
    chosen = isChosen ? [...others, position] : others;
    tools.change(value());
  };
  const option = (one, n) => row(one, n, { now, ...tools, isSeveral, chosen, choose });
  const how = h("p", { class: "s-caption", dir: "auto" }, tools.t("ask.several"));
  const node = h("div", {}, isSeveral && how, h("div", {}, item.options.map(option)));
  return { node, value };
}

function row({ text, feedback, right: isRight }, n, { now, t, name, isSeveral, chosen, choose }) {
  const isSolution = isRight ?? [now.solution].flat().includes(n);
  const inTries = responses(now).map((response) => [response].flat().includes(n));
  const { right, given, tag } = judgement(isSolution, inTries, now);
  const isMissed = right && !given;
  const kind = isMissed ? "missed" : { true: "right", false: "wrong" }[right];
  // In an exam it is not the option that knows what is said of it.
  const said = tag && (feedback ?? (!isSeveral && given && now.said[0]));
  const input = h("input", {
    ...{ type: isSeveral ? "checkbox" : "radio", name, checked: chosen.includes(n) },
    ...{ "aria-keyshortcuts": LETTERS[n], "aria-describedby": said && `${name}-${n}` },
    disabled: now.locked || (!isSeveral && right === false),
    on: { change: ({ target }) => choose(n, target.checked) },
  });
  const when = isMissed && !isSeveral ? "ask.right_one" : tag;
  const sign = () => mark(right, t(right ? "ask.is_right" : "ask.is_wrong"));
  const told = { class: "quiz-tag s-tools s-caption", dir: "auto" };
  const shown = kind ?? (now.done ? "off s-soft" : "open");
  return h("div", { class: `quiz-option quiz-${shown} ${given ? "quiz-given" : ""}` }, [
    h("label", {}, [
      input,
      h("kbd", { "aria-hidden": "true" }, LETTERS[n]),
      h("span", {}, reply(text, now)),
    ]),
    tag && h("span", told, isMissed ? `✓ ${t(when)}` : [t(when), sign()]),
    said && h("p", { id: `${name}-${n}` }, prose(said)),
  ]);
}

/** A whole reply is told by its chip, but not before the end: its sign might give an answer away. */
function reply(text, { done }) {
  const [, code, rest = ""] = text.match(/^`([2-5]\d\d)( [^`]*)?`$/) ?? [];
  return code && done ? [chip(code), " ", rest && literal(rest.trim())] : prose(text);
}
