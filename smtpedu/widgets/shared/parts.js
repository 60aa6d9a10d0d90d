import { h, literal, prose } from "./base.js";

/* What widgets are made of, each drawn here and nowhere else. */

/** The class that says the first digit of a code. */
export function tone(code) {
  return `s-${String(code)[0]}`;
}

/** A reply code where one happened, or can be chosen; in sentences it is plain `literal`. */
export function chip(code, kind = "") {
  return h("bdi", { dir: "ltr", class: `s-code ${tone(code)} ${kind}`.trim() }, String(code));
}

/** A code that is not known yet. */
export function unknown() {
  return h("bdi", { dir: "ltr", class: "s-code s-unknown" }, "???");
}

/** Right or not, as a sign, or by a sign of one's own; what it means is said aloud. */
export function mark(isRight, aloud, sign = isRight ? "✓" : "✗") {
  return h("span", { class: isRight ? "s-mark" : "s-mark s-no" }, [
    h("span", { "aria-hidden": "true" }, sign),
    aloud ? h("span", { class: "s-aloud" }, ` (${aloud})`) : null,
  ]);
}

/** What each digit of a code says, one after the other. */
export function digitTexts(code, t) {
  const [first, second] = String(code);
  return [t(`severity.${first}`), t(`category.${second}`, {}, "category.4"), t("digit.third")];
}

/** The three digits, large, and a line from each to what it says.

    Lines must not cross: the digit that is nearest to the texts is explained first, which is the
    last one, or in a language written from the right the first. */
export function decoder(code, t, known = 3) {
  const isRightward = t("widget.direction") === "ltr";
  const texts = digitTexts(code, t);
  const order = [0, 1, 2].slice(0, known);
  if (isRightward) order.reverse();
  const column = (digit) => (isRightward ? digit + 1 : 3 - digit);
  const line = (digit, end) => h("i", { style: `grid-column: ${column(digit)} / ${end}` });
  const item = (digit, n) => {
    const [name, ...more] = texts[digit].split(": ");
    const lines = [...order.slice(n + 1).map((other) => line(other, "auto")), line(digit, 4)];
    const said = h("span", {}, name, h("small", { class: "s-caption" }, more.join(": ")));
    return h("li", { class: digit === 0 && "s-first" }, lines, said);
  };
  const digits = [...String(code)].map((one) => h("b", {}, one));
  const large = h("bdi", { dir: "ltr", class: "s-digits" }, digits);
  const says = h("ol", { class: "s-says" }, order.map(item));
  return h("div", { class: `s-decoder ${tone(code)}` }, large, says);
}

/** A picture of where the letter lies and what goes where, said in a sentence by `label`.

    `parts` are, in turn, nodes `[text, kind]` (kind "has", "ghost" or "") and paths `[text, kind]`
    (kind "cut", "told" or ""); `code` gives the paths their colour. */
export function flow(parts, label, code = "") {
  const piece = ([text, kind = "plain"], n) =>
    h("span", { class: `${n % 2 ? "s-path" : "s-node"} s-${kind}` }, prose(text));
  const kind = code ? `s-flow ${tone(code)}` : "s-flow";
  return h("div", { class: kind, role: "img", "aria-label": label }, parts.map(piece));
}

/** The four replies for a mailbox that has moved: does the server forward, does it tell?

    `cell(code)` gives each one's element, a button or not. */
export function fourfold(t, cell) {
  const said = (key) => h("p", { class: "s-caption" }, t(`four.${key}`));
  return h("div", { class: "s-four", role: "group", "aria-label": t("four.title") }, [
    [h("p"), said("tells"), said("private")],
    [said("forwards"), cell(251), cell(250)],
    [said("refuses"), cell(551), cell(550)],
  ]);
}

/** Links to the RFC sections; they open beside the notebook, never in its place. */
export function sources(list) {
  const url = (source) => {
    const [, number, section] = source.match(/RFC (\d+)(?: §([\d.]+))?/);
    return `https://www.rfc-editor.org/rfc/rfc${number}${section ? `#section-${section}` : ""}`;
  };
  const link = (source) =>
    h("a", { href: url(source), target: "_blank", rel: "noopener noreferrer", dir: "ltr" }, source);
  return list.map(link);
}

/** A command by its name; what has no command line by a description. */
export function verbName(verb, t) {
  return verb === verb.toUpperCase() ? literal(verb) : t(`verb.${verb}`);
}

const FIRST = 2; // beliefs; there is a limit to what one can take in

/** The beliefs that matter most, as `row` draws each, and the others folded. */
export function ranked(beliefs, row, kind, t) {
  const list = (some) => h("ul", { class: kind }, some.map(row));
  const others = beliefs.slice(FIRST);
  const more = h("summary", {}, t("ask.other_beliefs", { count: others.length }));
  return [
    h("p", { class: "s-caption" }, t("report.beliefs_mean")),
    list(beliefs.slice(0, FIRST)),
    others.length > 0 && h("details", { class: "s-fold" }, [more, list(others)]),
  ];
}

/** Whether a belief is held, or only suspected, in one word. */
export function standingOf(status, t) {
  const kind = status === "held" ? "s-is-held" : "";
  return h("span", { class: `s-status ${kind}` }, t(`report.${status}`));
}
