import { h, literal } from "../shared/base.js";
import { keepInView } from "../shared/ladder.js";
import { chip, tone, unknown } from "../shared/parts.js";

/* The dialogue that a question is about: a small ladder with the numbers of its lines. */

const LONG = 15; // lines; more of them scroll, so that what stands below stays near

/** `point(number)`, where given, makes the radio button that stands before a line. */
export function excerpt({ kind, lines }, t, point = () => null) {
  const all = kind === "predict" ? [...lines, [(lines.at(-1)?.[0] ?? 0) + 1, null]] : lines;
  const rows = all.map(([number, said]) => line(number, said, t, point(number)));
  const ends = ["client", "server"].map((end) => h("span", {}, t(`session.${end}`)));
  rows.unshift(h("li", { class: "s-ends s-caption", "aria-hidden": "true" }, ends));
  // What scrolls must be a stop for the Tab key.
  const tabindex = rows.length > LONG ? 0 : undefined;
  return h("ol", { class: "quiz-dialogue", "aria-label": t("ask.dialogue"), tabindex }, rows);
}

/** A dialogue that is drawn once more stands where it stood, and its right line is seen. */
export function scrollBack(place, top) {
  const list = place.querySelector(".quiz-dialogue");
  if (!list) return;
  list.scrollTop = top;
  keepInView(list, list.querySelector(".quiz-right"));
}

/** A line; null is the reply that is asked for. */
function line(number, said, t, control) {
  const isClient = said?.startsWith("C");
  const aloud = (key) => h("span", { class: "s-aloud" }, t(key));
  const [code, text] = said === null ? [unknown(), aloud("ask.asked")] : parted(said, isClient);
  const kind = said === null ? "s-now" : code ? tone(code.textContent) : "";
  const who = aloud(isClient ? "ask.client" : "ask.server");
  return h("li", { class: "quiz-line", value: number }, [
    h(control ? "label" : "div", { class: `s-turn ${isClient ? "s-asks" : "s-answers"} ${kind}` }, [
      h("span", { class: "quiz-line-number" }, control, h("span", {}, number)),
      h("span", { class: "s-rung" }, code, h("span", { class: "s-said" }, who, text)),
    ]),
  ]);
}

/** A hyphen after the code, where more lines follow, is part of what is learned. */
function parted(said, isClient) {
  const pattern = isClient ? /^()(.*)/s : /^([2-5]\d\d(?=[ -]|$))? ?(.*)/s;
  const [, code, text] = said.slice(3).match(pattern);
  return [code ? chip(code) : null, literal(text || " ")];
}
