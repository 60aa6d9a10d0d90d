import { h, literal } from "../shared/base.js";
import { chip, tone, unknown } from "../shared/parts.js";

/* The dialogue that a question is about, as a small ladder: the client's lines go from the client,
   the server's come from the server. */

const LONG = 15; // lines; more of them scroll, so that what stands below stays near

/** `point(number)`, where given, makes the radio button that stands before a line. */
export function excerpt({ kind, lines }, t, point = () => null) {
  const rows = lines.map(([number, said]) => row(number, said, t, point(number)));
  if (kind === "predict") rows.push(asked((lines.at(-1)?.[0] ?? 0) + 1, t));
  const sides = ["client", "server"].map((side) => h("span", {}, t(`session.${side}`)));
  rows.unshift(h("li", { class: "quiz-sides s-caption", "aria-hidden": "true" }, sides));
  // What scrolls must be a stop for the Tab key.
  const tabindex = rows.length > LONG ? 0 : undefined;
  return h("ol", { class: "quiz-dialogue", "aria-label": t("ask.dialogue"), tabindex }, rows);
}

/** A dialogue that is drawn once more stands where it stood, and its right line is seen. */
export function scrollBack(place, top) {
  const list = place.querySelector(".quiz-dialogue");
  if (!list) return;
  list.scrollTop = top;
  const line = list.querySelector(".quiz-right");
  const from = line ? line.offsetTop - list.scrollTop : 0;
  if (from < 0 || from + (line?.offsetHeight ?? 0) > list.clientHeight)
    list.scrollTop = line.offsetTop - list.clientHeight / 2;
}

/** A hyphen after the code, where more lines follow, is part of what is learned. */
function row(number, said, t, control) {
  const isServer = said.startsWith("S");
  const pattern = isServer ? /^([2-5]\d\d(?=[ -]|$))? ?(.*)/s : /^()(.*)/s;
  const [, code, text] = said.slice(3).match(pattern);
  return line(number, isServer, [code ? chip(code) : "", literal(text || " ")], t, control, code);
}

/** The reply that is asked for. */
function asked(number, t) {
  const hidden = h("span", { "aria-hidden": "true" }, unknown());
  const node = line(number, true, [hidden, h("span", { class: "s-aloud" }, t("ask.asked"))], t);
  node.classList.add("quiz-asked");
  return node;
}

function line(number, isServer, words, t, control = null, code = "") {
  const side = isServer ? "server" : "client";
  const who = h("span", { class: "s-aloud" }, t(isServer ? "ask.server" : "ask.client"));
  return h("li", { class: `quiz-line quiz-${side}`, value: number }, [
    h(control ? "label" : "div", {}, [
      h("span", { class: "quiz-line-number" }, control, h("span", {}, number)),
      h("span", { class: `quiz-said ${code && tone(code)}` }, who, words, h("i")),
    ]),
  ]);
}
