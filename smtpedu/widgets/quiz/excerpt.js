import { h, literal } from "../shared/base.js";
import { keepInView } from "../shared/ladder.js";
import { chip, tone, unknown } from "../shared/parts.js";

/* The dialogue that a question is about: a small ladder with the numbers of its lines. */

const LONG = 15; // lines; more of them scroll, so that what stands below stays near

/** `point(number)`, where given, makes the radio button that stands before a line. */
export function excerpt({ kind, lines }, t, point = () => null) {
  const rows = lines.map(([number, said]) => row(number, said, t, point(number)));
  if (kind === "predict") rows.push(asked((lines.at(-1)?.[0] ?? 0) + 1, t));
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

/** A hyphen after the code, where more lines follow, is part of what is learned. */
function row(number, said, t, control) {
  const isServer = said.startsWith("S");
  const pattern = isServer ? /^([2-5]\d\d(?=[ -]|$))? ?(.*)/s : /^()(.*)/s;
  const [, code, text] = said.slice(3).match(pattern);
  const kind = code ? tone(code) : "";
  return line(number, isServer, [code ? chip(code) : "", literal(text || " ")], t, control, kind);
}

/** The reply that is asked for. */
function asked(number, t) {
  return line(
    number,
    true,
    [unknown(), h("span", { class: "s-aloud" }, t("ask.asked"))],
    t,
    null,
    "s-now",
  );
}

function line(number, isServer, [code, text], t, control, kind) {
  const who = h("span", { class: "s-aloud" }, t(isServer ? "ask.server" : "ask.client"));
  const side = isServer ? "s-answers" : "s-asks";
  return h("li", { class: "quiz-line", value: number }, [
    h(control ? "label" : "div", { class: `s-turn ${side} ${kind}` }, [
      h("span", { class: "quiz-line-number" }, control, h("span", {}, number)),
      h("span", { class: "s-rung" }, code, h("span", { class: "s-said" }, who, text)),
    ]),
  ]);
}
